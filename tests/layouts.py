"""Tables in the layouts of published competitions, one for each preset."""

import numpy as np
import yaml
from PIL import Image

from tables import REPO, write_table

PRESETS = sorted(
    path.stem
    for path in (REPO / "workflow" / "dialects").glob("*.yaml")
    if path.stem != "coco"
)

# What is in a row besides the runs: a function of the id of an image, its
# category and its size.
LAYOUTS = {
    "sartorius-2021": (
        "annotation",
        lambda image, category, width, height: {
            "id": image,
            "width": width,
            "height": height,
            "cell_type": category,
        },
    ),
    "dsb-2018": ("EncodedPixels", lambda image, *_: {"ImageId": image}),
    "airbus-2018": ("EncodedPixels", lambda image, *_: {"ImageId": image}),
    "severstal-2019": (
        "EncodedPixels",
        lambda image, category, *_: {"ImageId": image, "ClassId": category},
    ),
    "clouds-2019": (
        "EncodedPixels",
        lambda image, category, *_: {"Image_Label": f"{image}_{category}"},
    ),
    "siim-acr-2019": (" EncodedPixels", lambda image, *_: {"ImageId": image}),
    "carvana-2017": ("rle_mask", lambda image, *_: {"img": image}),
    "tgs-salt-2018": ("rle_mask", lambda image, *_: {"id": image}),
    "imaterialist-2020": (
        "EncodedPixels",
        lambda image, category, width, height: {
            "ImageId": image,
            "Height": height,
            "Width": width,
            "ClassId": category,
            "AttributesIds": "115,136" if category == "a" else "",
        },
    ),
    "uw-madison-2022": (
        "segmentation",
        lambda image, category, *_: {"id": image, "class": category},
    ),
    "hubmap-kidney-2020": ("encoding", lambda image, *_: {"id": image}),
    "hubmap-hpa-2022": (
        "rle",
        lambda image, category, width, height: {
            "id": image,
            "organ": category,
            "img_height": height,
            "img_width": width,
        },
    ),
}
ROW_ORDER = {"sartorius-2021", "carvana-2017", "uw-madison-2022"}
SIZES = {
    "airbus-2018": (768, 768),
    "severstal-2019": (1600, 256),
    "clouds-2019": (2100, 1400),
    "siim-acr-2019": (1024, 1024),
    "carvana-2017": (1918, 1280),
    "tgs-salt-2018": (101, 101),
}
# What is there for an image without a mask.
NO_MASK = {
    "airbus-2018": "",
    "severstal-2019": "",
    "clouds-2019": "",
    "siim-acr-2019": "-1",
    "tgs-salt-2018": "",
    "uw-madison-2022": "",
}
CATEGORIES = {
    "dsb-2018": "nucleus",
    "airbus-2018": "ship",
    "siim-acr-2019": "pneumothorax",
    "carvana-2017": "car",
    "tgs-salt-2018": "salt",
    "hubmap-kidney-2020": "glomerulus",
}
# Where the size is that of the file: its path below the folder of the images.
FILES = {
    "dsb-2018": "stage1_train/{image}/images/{image}.png",
    "hubmap-kidney-2020": "{image}.tiff",
    "uw-madison-2022": "{case}/{case}_{day}/scans/slice_{slice}_70_50_1.50_1.50.png",
}


def source_id(preset, number):
    if preset == "uw-madison-2022":
        return f"case{number}_day20_slice_0001"
    if preset in ("airbus-2018", "severstal-2019", "clouds-2019", "carvana-2017"):
        return f"image_{number}.jpg"
    return f"image_{number}"


def picture(number, width, height):
    """Two ellipses and a pixel in the last corner; each picture is another one."""
    y, x = np.mgrid[:height, :width]
    centre_x, centre_y = width * (number + 2) / 9, height * (number + 3) / 10
    pixels = (x - centre_x) ** 2 + 2 * (y - centre_y) ** 2 < (height / 5) ** 2
    pixels |= (x - width / 8) ** 2 + (y - height / 2) ** 2 < (height / 9) ** 2
    pixels[-1, -1] = True
    return pixels


def runs_of(pixels, preset):
    """Write a picture as the preset's competition does."""
    flat = pixels.ravel() if preset in ROW_ORDER else pixels.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [0]])))
    starts, ends = edges[0::2], edges[1::2]
    if preset == "siim-acr-2019":
        counted = starts - np.concatenate([[0], ends[:-1]])
    else:
        counted = starts + 1
    pairs = zip(counted.tolist(), (ends - starts).tolist(), strict=True)
    return " ".join(f"{start} {length}" for start, length in pairs)


def write_image(folder, preset, image, width, height):
    case, day, _, last = [*image.split("_"), "", ""][:4]
    path = folder / FILES[preset].format(image=image, case=case, day=day, slice=last)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, height)).save(path)


def preset_of(name):
    path = REPO / "workflow" / "dialects" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# Header and a row of each table as its competition publishes it, at
# https://www.kaggle.com/competitions/{name}/data, with made-up runs; and what they say:
# image, category, width, height, attributes.
PUBLISHED = {
    # airbus-ship-detection, train_ship_segmentations_v2.csv
    "airbus-2018": (
        "ImageId,EncodedPixels\n000194a2d.jpg,9 2\n",
        ("000194a2d.jpg", "ship", "768", "768", ""),
    ),
    # carvana-image-masking-challenge, train_masks.csv
    "carvana-2017": (
        "img,rle_mask\n00087a6bd4dc_01.jpg,9 2\n",
        ("00087a6bd4dc_01.jpg", "car", "1918", "1280", ""),
    ),
    # understanding_cloud_organization, train.csv
    "clouds-2019": (
        "Image_Label,EncodedPixels\n0011165.jpg_Fish,9 2\n",
        ("0011165.jpg", "Fish", "2100", "1400", ""),
    ),
    # data-science-bowl-2018, stage1_train_labels.csv
    "dsb-2018": (
        "ImageId,EncodedPixels\n00071198d059,9 2\n",
        ("00071198d059", "nucleus", "", "", ""),
    ),
    # hubmap-organ-segmentation, train.csv
    "hubmap-hpa-2022": (
        "id,organ,data_source,img_height,img_width,pixel_size,tissue_thickness,rle,age,"
        "sex\n10044,prostate,HPA,3000,2900,0.4,4,9 2,37.0,Male\n",
        ("10044", "prostate", "2900", "3000", ""),
    ),
    # hubmap-kidney-segmentation, train.csv
    "hubmap-kidney-2020": (
        "id,encoding\n2f6ecfcdf,9 2\n",
        ("2f6ecfcdf", "glomerulus", "", "", ""),
    ),
    # imaterialist-fashion-2020-fgvc7, train.csv
    "imaterialist-2020": (
        "ImageId,EncodedPixels,Height,Width,ClassId,AttributesIds\n"
        '00000663ed1f,9 2,5214,3676,6,"115,136,143"\n',
        ("00000663ed1f", "6", "3676", "5214", "[115,136,143]"),
    ),
    # sartorius-cell-instance-segmentation, train.csv
    "sartorius-2021": (
        "id,annotation,width,height,cell_type,plate_time,sample_date,sample_id,"
        "elapsed_timedelta\n0030fd0e6378,9 2,704,520,shsy5y,11h30m00s,2019-06-16,"
        "shsy5y[diff]_E10-4_Vessel-714_Ph_3,0 days 11:30:00\n",
        ("0030fd0e6378", "shsy5y", "704", "520", ""),
    ),
    # severstal-steel-defect-detection, train.csv
    "severstal-2019": (
        "ImageId,ClassId,EncodedPixels\n0002cc93b.jpg,1,9 2\n",
        ("0002cc93b.jpg", "1", "1600", "256", ""),
    ),
    # siim-acr-pneumothorax-segmentation, train-rle.csv
    "siim-acr-2019": (
        "ImageId, EncodedPixels\n1.2.276.0,9 2\n",
        ("1.2.276.0", "pneumothorax", "1024", "1024", ""),
    ),
    # tgs-salt-identification-challenge, train.csv
    "tgs-salt-2018": (
        "id,rle_mask\n575d24d81d,9 2\n",
        ("575d24d81d", "salt", "101", "101", ""),
    ),
    # uw-madison-gi-tract-image-segmentation, train.csv
    "uw-madison-2022": (
        "id,class,segmentation\ncase123_day20_slice_0001,stomach,9 2\n",
        ("case123_day20_slice_0001", "stomach", "", "", ""),
    ),
}
# How the rows of these competitions say that there is no mask.
PUBLISHED_EMPTY = {
    "airbus-2018": "ImageId,EncodedPixels\n00003e153.jpg,\n",
    "clouds-2019": "Image_Label,EncodedPixels\n0011165.jpg_Gravel,\n",
    "siim-acr-2019": "ImageId, EncodedPixels\n1.2.276.1, -1\n",
    "tgs-salt-2018": "id,rle_mask\nfa0aaa6b2c,\n",
    "uw-madison-2022": "id,class,segmentation\ncase123_day20_slice_0001,stomach,\n",
}


def write_layout(folder, preset, n_images=12):
    """Write `train.csv` in the layout of a preset, with image files if it needs them.

    Returns
    -------
    dict
        Of each image, its mask as pixels and its category; None if it has no mask.
    """
    width, height = SIZES.get(preset, (70, 50))
    runs_column, layout = LAYOUTS[preset]
    rows, pictures = [], {}
    for number in range(n_images):
        image = source_id(preset, number)
        category = CATEGORIES.get(preset, "ab"[number % 2])
        pictures[image] = picture(number % 5, width, height), category
        others = layout(image, category, width, height)
        rows.append({**others, runs_column: runs_of(pictures[image][0], preset)})
    if preset in NO_MASK:
        image = source_id(preset, n_images)
        others = layout(image, CATEGORIES.get(preset, "a"), width, height)
        rows.append({**others, runs_column: NO_MASK[preset]})
        pictures[image] = None
    if preset in FILES:
        for image in pictures:
            write_image(folder / "images", preset, image, width, height)
    write_table(folder / "train.csv", rows)
    return pictures
