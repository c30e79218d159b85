"""Where packages come from, and that no other than the locked ones are taken."""

from hashlib import sha256
from zipfile import ZipFile

import pytest

from tables import REPO

INSTALL = REPO / "scripts" / "install.py"


@pytest.fixture
def index(tmp_path):
    """An index on the disk, with one package that nobody else has."""
    folder = tmp_path / "index" / "cocofolds-nothing"
    folder.mkdir(parents=True)
    wheel = folder / "cocofolds_nothing-1-py3-none-any.whl"
    about = "cocofolds_nothing-1.dist-info"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("cocofolds_nothing.py", "")
        archive.writestr(
            f"{about}/METADATA",
            "Metadata-Version: 2.1\nName: cocofolds-nothing\nVersion: 1\n",
        )
        archive.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{about}/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    digest = sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "nothing.lock"
    lock.write_text(f"cocofolds-nothing==1 --hash=sha256:{digest}\n")
    return folder.parent.as_uri(), lock


@pytest.fixture
def python(run, new_environment, tmp_path):
    """Make an environment that has uv."""
    python = new_environment(tmp_path / "environment")
    run(python, "-I", INSTALL, REPO / "requirements" / "build.lock")
    return python


def has_nothing(run, python):
    return "cocofolds-nothing" in run(python, "-m", "pip", "freeze")


@pytest.mark.parametrize(
    "name", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"]
)
def test_index_of_a_variable(run, python, index, name):
    run(python, "-I", INSTALL, index[1], **{name: index[0]})
    assert has_nothing(run, python)


def test_index_of_a_file_of_pip(run, python, index, tmp_path):
    settings = tmp_path / "home" / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[global]\nindex-url = {index[0]}\nuser = true\n")
    run(python, "-I", INSTALL, index[1])
    assert has_nothing(run, python)


def test_index_of_a_file_of_uv(run, python, index, tmp_path):
    settings = tmp_path / "home" / ".config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[[index]]\nurl = "{index[0]}"\ndefault = true\n')
    run(python, "-I", INSTALL, index[1])
    assert has_nothing(run, python)


def test_other_settings_of_uv_change_nothing(run, python, index, tmp_path):
    settings = tmp_path / "home" / ".config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '[pip]\npython = "3.9"\nsystem = true\nrequire-hashes = false\n'
        "verify-hashes = false\nno-deps = false\n"
    )
    environment = {
        "UV_PYTHON": "3.9",
        "UV_INDEX_URL": index[0],
        "PYTHONPATH": "/nowhere",
    }
    run(python, "-I", INSTALL, index[1], **environment)
    assert has_nothing(run, python)


def test_a_file_that_is_not_the_locked_one(run, python, index):
    url, lock = index
    lock.write_text(f"cocofolds-nothing==1 --hash=sha256:{64 * '0'}\n")
    said = run(python, "-I", INSTALL, lock, fails=True, PIP_INDEX_URL=url)
    assert "Hash mismatch" in said
    assert "Traceback" not in said
    assert not has_nothing(run, python)


def test_a_package_without_a_hash(run, python, index):
    url, lock = index
    lock.write_text("cocofolds-nothing==1\n")
    run(python, "-I", INSTALL, lock, fails=True, PIP_INDEX_URL=url)
    assert not has_nothing(run, python)
