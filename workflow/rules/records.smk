# Snakemake compares dates, and what it knows of parameters is lost with the folder
# .snakemake. A record is a file that says what results were made from: the settings and,
# for the index, the digest of each source. It is an input of their rule, written when it
# says something new, while Snakemake asks for the inputs. So results follow from the
# content of sources and settings, whatever the dates.
import json
import mimetypes
import os
from contextlib import suppress
from itertools import chain

RECORDS = Path("results/made_from")
# Where `index` notes what it has read.
SOURCE_READ = "results/index/source.json"
# Digests of files in the state in which they were taken: to know them again is quick.
DIGESTS = Path(".snakemake/cocofolds_digests.json")

# What a wrong clock may have dated after all that is made now.
RESULTS = [
    *("*.json", "*.csv", "*.npz", "*.html", "made_from/*.json"),
    *("index/*", "index/rows/*"),
    *("shards/*", "*/*.csv", "*/annotations_*.json", "*/checks.json"),
    *("*/warnings.json", "*/plots/*.svg", "*/yolo/*/data.yaml", "preview/.complete"),
    "report/*.json",
]


def settings_of(subject):
    """The settings that results follow from, as JSON has them."""
    settings = {
        "index": lambda: {
            **{
                name: value(None) if callable(value) else value
                for name, value in rules.index.params.items()
                if name not in ("record", "code")
            },
            # File names and sizes follow from which image files there are.
            "image_files": digest_of_names(config["images_dir"]),
        },
        "ids": lambda: {"image_ids": IMAGE_IDS, "numbering": NUMBERING},
        "images": lambda: {"images_dir": config["images_dir"]},
        "previews": lambda: {
            "images_dir": config["images_dir"],
            "n_previews": config["n_previews"],
        },
        "page": lambda: dict(config),
    }
    return json.loads(json.dumps(settings[subject]()))


def record_of(subject):
    """A function that names the record of a subject, and writes it if it is new."""

    def name(wildcards):
        path, record = current_record(subject)
        if record != read_json_object(path):
            write_record(path, record)
        return str(path)

    return name


def digest_of_record(subject):
    """A function that fingerprints a record: a parameter that names what it follows from.

    Another run may write its own record while a job is at work. Snakemake takes the
    parameter when the job is made.
    """

    def digest(wildcards):
        _, record = current_record(subject)
        return hashlib.sha256(json.dumps(record).encode()).hexdigest()

    return digest


def current_record(subject):
    """The path of a record and what it has to say: what it says, if that still holds."""
    path = RECORDS / f"{subject}.json"
    said = read_json_object(path)
    if still_holds(said, subject):
        return path, said
    record = {"settings": settings_of(subject)}
    if subject == "index":
        record["sources"] = {name: digest_of_file(name) for name in ANNOTATIONS}
    if record.items() <= said.items():
        if not Path(SOURCE_READ).exists() or is_newer(path, SOURCE_READ):
            # It waits for `index`.
            return path, said
        # It is right, but `index` has read something else since.
        record["in_place_of"] = digests_that_were_read()
    return path, record


def still_holds(record, subject):
    """Tell whether results that were made from a record are those of today.

    Of a source that is gone, its name is enough: what needs the file will miss it.
    """
    if record.get("settings") != settings_of(subject):
        return False
    if subject != "index":
        return True
    sources = record.get("sources")
    if not isinstance(sources, dict) or [*sources] != ANNOTATIONS:
        return False
    # What `index` has read counts, if it has run since: another workflow may have made a
    # source after the record.
    expected = digests_that_were_read() or [*sources.values()]
    return len(expected) == len(ANNOTATIONS) and all(
        digest_of_file(name) in (None, digest)
        for name, digest in zip(ANNOTATIONS, expected)
    )


def digests_that_were_read():
    """The digests of the sources as `index` read them; an empty list if it has not run."""
    return read_json_object(Path(SOURCE_READ)).get("digests", [])


def is_newer(path, other):
    return os.stat(path).st_mtime_ns > os.stat(other).st_mtime_ns


def read_json_object(path):
    """Read a JSON object; an empty one without a file, or if it is none."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_record(path, record):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_beside(path, record)
    except OSError as error:
        # Where nothing can be written, nothing can be made; but all can be looked at.
        if not path.exists():
            raise SettingsError(f"{path}: {error.strerror}.") from None
        return
    now = path.stat().st_mtime_ns
    for result in chain.from_iterable(map(Path("results").glob, RESULTS)):
        # Other programs may work in the folder.
        with suppress(OSError):
            if result.lstat().st_mtime_ns > now and not result.is_symlink():
                os.utime(result, ns=(now - 10**9, now - 10**9))


def write_beside(path, value):
    """Write a JSON file, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def digest_of_file(name):
    """The SHA-256 of a file as it is now; None if another job makes it first."""
    try:
        state = os.stat(name)
    except OSError:
        return None
    # What changes with the content: size, dates, inode.
    return digest_in_state(
        name, (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    )


@functools.cache
def digest_in_state(name, state):
    """The digest of a file; known from an earlier run if its state is the same."""
    known = read_json_object(DIGESTS)
    if known.get(name, [None])[0] == [*state]:
        return known[name][1]
    with open(name, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError):
        DIGESTS.parent.mkdir(exist_ok=True)
        others = {path: known[path] for path in ANNOTATIONS if path in known}
        write_beside(DIGESTS, {**others, name: [state, digest]})
    return digest


@functools.cache
def digest_of_names(folder):
    """Fingerprint which image files a folder has, and those below it, as links lead."""
    if folder is None:
        return None
    # Where images are in the working folder, results come and go.
    passed = {os.path.realpath(name) for name in ("results", ".snakemake")}
    paths = []
    for place, folders, names in os.walk(folder, followlinks=True):
        real_place = os.path.realpath(place)
        if real_place in passed:
            folders.clear()
            continue
        passed.add(real_place)
        folders.sort()
        paths += [os.path.join(place, name) for name in names if may_be_image(name)]
    text = "\0".join(sorted(paths))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def may_be_image(name):
    kind, _ = mimetypes.guess_type(name, strict=False)
    # A kind that is not known may be one: DICOM, or a name without an ending.
    return kind is None or kind.startswith("image/")


def refuse_missing_sources():
    """Say which source is not there, unless the results are made from it already."""
    missing = [name for name in ANNOTATIONS if not os.path.exists(name)]
    if missing and not still_holds(read_json_object(RECORDS / "index.json"), "index"):
        raise SettingsError(
            f"config: annotations: there is no file '{missing[0]}' in {Path.cwd()}."
        )
