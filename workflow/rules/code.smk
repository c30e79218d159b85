# What code a job runs. Snakemake watches the script of a rule alone; a digest of the script
# and of the modules that it imports, as a parameter, makes the rule run again when one of
# them has changed. Comments and docstrings do not count.
import functools
import hashlib
import re
from pathlib import Path

# Strings, so that no quotation mark or # in one is taken for another; and comments.
STRING_OR_COMMENT = re.compile(
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


def code_without_prose(source):
    """Leave out comments, docstrings and blank lines."""
    kept, code, end = [], "", 0
    for match in STRING_OR_COMMENT.finditer(source):
        code += source[end : match.start()]
        end = match.end()
        before = "".join(kept[-1:]) + code
        if match["string"] and not is_docstring(before, match[0], source[end:][:1]):
            kept += [without_blank_lines(code), match[0]]
            code = ""
    return "".join([*kept, without_blank_lines(code + source[end:])])


def is_docstring(before, string, after):
    """Tell whether a string is alone, first in a file or behind a statement's colon."""
    return (
        string.lstrip("rR").startswith('"' * 3)
        and before.rstrip()[-1:] in (":", "")
        and before.rpartition("\n")[2].strip() == ""
        and after in ("\n", "")
    )


def without_blank_lines(code):
    return re.sub(r"\s*\n", "\n", code)


def digest_of(script):
    """Fingerprint a script with all modules of the library that it needs."""
    digest = hashlib.sha256()
    names = [script, "cocofolds/__init__"]
    # The list grows by what the modules in it import.
    for name in names:
        code, modules = code_of(name)
        digest.update(code)
        names += [module for module in modules if module not in names]
    return digest.hexdigest()


@functools.cache
def code_of(name):
    """Read a script or a module, and which modules of the library it imports."""
    path = Path(workflow.source_path(f"../../scripts/{name}.py"))
    code = code_without_prose(path.read_text(encoding="utf-8"))
    imported = re.findall(r"^from (cocofolds\.[\w.]+) import", code, re.MULTILINE)
    return code.encode(), [module.replace(".", "/") for module in imported]


def digest_of_files(names):
    """Fingerprint files of the library that are no modules."""
    digest = hashlib.sha256()
    for name in names:
        path = Path(workflow.source_path(f"../../scripts/{name}"))
        digest.update(path.read_bytes())
    return digest.hexdigest()
