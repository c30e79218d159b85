"""Where packages come from, and that no other than the locked ones are taken."""

import subprocess
import sys
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


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Make an environment that has uv."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    lock = REPO / "requirements" / "build.lock"
    subprocess.run([folder / "bin" / "python", "-I", INSTALL, lock], check=True)
    return folder


@pytest.fixture
def install(run, environment):
    """Install a lock, and tell whether the package that nobody else has is there."""

    def install(lock, fails=False, **variables):
        python = environment / "bin" / "python"
        said = run(python, "-I", INSTALL, lock, fails=fails, **variables)
        assert "Traceback" not in said
        found = [*environment.glob("lib/*/site-packages/cocofolds_nothing*")]
        if found:
            uninstall = ["uv", "pip", "uninstall", "--python", python]
            run(python, "-I", "-m", *uninstall, "cocofolds-nothing")
        return bool(found)

    return install


@pytest.mark.parametrize(
    "name", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"]
)
def test_index_of_a_variable(install, index, name):
    url, lock = index
    assert install(lock, **{name: url})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pip/pip.conf", "[global]\nindex-url = {}\n[install]\nuser = true\n"),
        ("uv/uv.toml", '[[index]]\nurl = "{}"\ndefault = true\n'),
    ],
)
def test_index_of_a_file(install, index, tmp_path, path, text):
    url, lock = index
    settings = tmp_path / "home" / ".config" / path
    settings.parent.mkdir(parents=True)
    settings.write_text(text.format(url))
    assert install(lock)


def test_no_other_python_nor_uv_is_taken(install, index, tmp_path):
    url, lock = index
    (tmp_path / "uv.py").write_text("raise SystemExit('not this one')")
    settings = tmp_path / "home" / ".config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[pip]\npython = "3.9"\nsystem = true\n')
    assert install(lock, UV_PYTHON="3.9", PYTHONPATH=str(tmp_path), UV_INDEX_URL=url)


@pytest.mark.parametrize("requirement", ["=={} --hash=sha256:" + 64 * "0", "=={}", ""])
def test_only_what_is_locked_is_installed(install, index, tmp_path, requirement):
    url, lock = index
    settings = tmp_path / "home" / ".config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[pip]\nrequire-hashes = false\nverify-hashes = false\n")
    lock.write_text(f"cocofolds-nothing{requirement.format(1)}\n")
    assert not install(lock, fails=True, PIP_INDEX_URL=url, UV_NO_VERIFY_HASHES="1")
