"""What code a job runs: its script, and the modules of the library that it needs.

Snakemake watches the script of a rule alone; a digest of it and of the modules that it
imports, as a parameter, makes the rule run again when one of them has changed.
"""

import functools
import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

# Strings, so that no quotation mark or # in one is taken for another; and comments.
_STRING_OR_COMMENT = re.compile(
    r"""
    (?P<string>
        [rRbBuUfF]{0,2}
        (?: \"{3} (?:\\.|[^\\])*? \"{3} | '{3} (?:\\.|[^\\])*? '{3}
        | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    )
    | (?P<comment> \# [^\n]* )
    """,
    re.DOTALL | re.VERBOSE,
)


def digest_of_code(script: str, path_of: Callable[[str], Path]) -> str:
    """Fingerprint a script with all modules of the library that it needs.

    Comments and docstrings do not count.

    Parameters
    ----------
    script : str
        Its path below the folder of scripts, without ``.py``.
    path_of : function
        Finds a file by its path below that folder.
    """
    digest = hashlib.sha256()
    names = [script, "cocofolds/__init__"]
    # The list grows by what the modules in it import.
    for name in names:
        code, modules = _code_of(name, path_of)
        digest.update(code.encode())
        names += [module for module in modules if module not in names]
    return digest.hexdigest()


def digest_of_paths(paths: Iterable[Path]) -> str:
    """Fingerprint files that are no code."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_without_prose(source: str) -> str:
    """Leave out comments, docstrings and blank lines."""
    kept: list[str] = []
    code, end = "", 0
    for match in _STRING_OR_COMMENT.finditer(source):
        code += source[end : match.start()]
        end = match.end()
        before = "".join(kept[-1:]) + code
        if match["string"] and not _is_docstring(before, match[0], source[end:][:1]):
            kept += [_without_blank_lines(code), match[0]]
            code = ""
    return "".join([*kept, _without_blank_lines(code + source[end:])])


@functools.cache
def _code_of(name: str, path_of: Callable[[str], Path]) -> tuple[str, list[str]]:
    """Read a script or a module, and which modules of the library it imports."""
    code = code_without_prose(path_of(f"{name}.py").read_text(encoding="utf-8"))
    imported = re.findall(r"^ *from (cocofolds\.[\w.]+) import", code, re.MULTILINE)
    return code, [module.replace(".", "/") for module in imported]


def _is_docstring(before: str, string: str, after: str) -> bool:
    """Tell whether a string is alone, first in a file or behind a statement's colon."""
    return (
        string.lstrip("rR").startswith('"' * 3)
        and before.rstrip()[-1:] in (":", "")
        and before.rpartition("\n")[2].strip() == ""
        and after in ("\n", "")
    )


def _without_blank_lines(code: str) -> str:
    return re.sub(r"\s*\n", "\n", code)
