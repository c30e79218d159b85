# Snakemake compares dates, and what it knows of parameters is lost with the folder
# .snakemake. A record is a file that says what results were made from: the settings and,
# for the index, the digest of each source. It is an input of their rule, written when it
# says something new, while Snakemake asks for the inputs. So results follow from the
# content of sources and settings, whatever the dates.
import json
import os


def settings_of(subject):
    """The settings that results follow from, as JSON has them."""
    settings = {
        "index": lambda: {
            **{
                name: value(None) if callable(value) else value
                for name, value in rules.index.params.items()
                if name not in ("record", "code")
            },
            "unlisted": digest_of_names(config["images_dir"]) if UNLISTED else None,
        },
        "ids": lambda: {"image_ids": IMAGE_IDS, "renumbered": RENUMBERED},
        "images": lambda: {"images_dir": config["images_dir"]},
        "previews": lambda: {
            "images_dir": config["images_dir"],
            "n_previews": config["n_previews"],
        },
    }
    return json.loads(json.dumps(settings[subject]()))


def record_of(subject):
    """A function that names the record of a subject, and writes it if it is new."""

    def name(wildcards):
        path, record = current_record(subject)
        if record != read_record(path):
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
        digests = [source["sha256"] for source in record["sources"]]
        text = json.dumps([record["settings"], digests])
        return hashlib.sha256(text.encode()).hexdigest()

    return digest


def current_record(subject):
    """The path of a record and what it has to say: what it says, if that still holds."""
    path = Path("results/made_from", f"{subject}.json")
    record = read_record(path)
    if not still_holds(record, subject):
        sources = ANNOTATIONS if subject == "index" else []
        record = {
            "settings": settings_of(subject),
            "sources": [
                {"path": path, "sha256": digest_of_file(path), "state": state_of(path)}
                for path in sources
            ],
        }
    return path, record


def still_holds(record, subject):
    """Tell whether results that were made from a record are those of today.

    Of a source that is gone, its name is enough: what needs the file will miss it.
    """
    sources = ANNOTATIONS if subject == "index" else []
    return (
        record.get("settings") == settings_of(subject)
        and [source["path"] for source in record["sources"]] == sources
        and all(
            state_of(source["path"]) in (None, source["state"])
            or digest_of_file(source["path"])
            == (source["sha256"] or digest_that_was_read(number))
            for number, source in enumerate(record["sources"])
        )
    )


def read_record(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_record(path, record):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    now = beside.stat().st_mtime_ns
    for result in Path("results").rglob("*"):
        # Made by a clock that is wrong, it would pass for newer than all that is made now.
        if result.lstat().st_mtime_ns > now and not result.is_symlink():
            os.utime(result, ns=(now - 10**9, now - 10**9))
    beside.replace(path)


def digest_that_was_read(number):
    """The digest of a source that was not there yet when its record was written."""
    digests = read_record(Path("results/index/source.json")).get("digests", [])
    return digests[number] if number < len(digests) else None


def state_of(path):
    """What changes with the content of a file: size, dates, inode; None without a file."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]


def digest_of_file(path):
    """The SHA-256 of a file as it is now; None if another job makes it first."""
    state = state_of(path)
    return state and digest_in_state(path, tuple(state))


@functools.cache
def digest_in_state(path, state):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of_names(folder):
    """Fingerprint which files a folder has, where each of them may be an image."""
    names = sorted(
        os.path.join(place, name)
        for place, _, files in os.walk(folder)
        for name in files
        # Where images are in the working folder, results come and go.
        if Path(place).parts[:1] not in [("results",), (".snakemake",)]
    )
    return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()


def refuse_missing_sources():
    """Say which source is not there, unless the results are made from it already."""
    missing = [path for path in ANNOTATIONS if state_of(path) is None]
    record = read_record(Path("results/made_from/index.json"))
    if missing and not still_holds(record, "index"):
        raise SettingsError(
            f"config: annotations: there is no file '{missing[0]}' in {Path.cwd()}."
        )
