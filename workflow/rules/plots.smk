# One job for all plots: matplotlib takes longer to start than to draw one.
rule plot_split:
    input:
        # Snakemake finds by it that an index as before leaves nothing to draw.
        images="<results>/index/images.csv",
        fold_table=f"<results>/{SPLIT}/fold_table.csv",
        folds=f"<results>/{SPLIT}/folds.csv",
        whole="<results>/annotations_all.json",
        columns="<results>/annotations_all.npz",
        checked="<results>/.complete.json",
    output:
        annotations=report(
            f"<results>/{SPLIT}/plots/annotations_by_category_and_fold.svg",
            caption="../report/annotations_by_category_and_fold.rst",
            category="Plots",
            subcategory=SPLIT,
            labels={"plot": "annotations by category and fold"},
        ),
        images=report(
            f"<results>/{SPLIT}/plots/images_by_category_and_fold.svg",
            caption="../report/images_by_category_and_fold.rst",
            category="Plots",
            subcategory=SPLIT,
            labels={"plot": "images by category and fold"},
        ),
        areas=report(
            f"<results>/{SPLIT}/plots/areas_by_category.svg",
            caption="../report/areas_by_category.rst",
            category="Plots",
            subcategory=SPLIT,
            labels={"plot": "areas by category"},
        ),
        masks=report(
            f"<results>/{SPLIT}/plots/masks_per_image.svg",
            caption="../report/masks_per_image.rst",
            category="Plots",
            subcategory=SPLIT,
            labels={"plot": "masks per image"},
        ),
    log:
        f"<results>/logs/{SPLIT}/plot_split.log",
    benchmark:
        f"<results>/benchmarks/{SPLIT}/plot_split.tsv"
    conda:
        "../../envs/cocofolds.yaml"
    resources:
        mem_mb=memory_by_size(600, per_megabyte=0.2, files=SOURCE.paths),
        runtime=by_size(5, per_megabyte=0.01, files=SOURCE.paths),
    params:
        code=digest_of("plot_split"),
    message:
        "Draw the plots of the split"
    script:
        "../../scripts/plot_split.py"
