"""What of the code of a job counts when it is asked whether to run the job again."""

import ast
import io
import tokenize

import pytest

from cocofolds.code_digest import code_without_prose
from tables import REPO

MODULES = sorted((REPO / "scripts").rglob("*.py"))
CODE = '''\
"""A module."""

import re  # of the standard library

QUERY = """
# not a comment

    two blanks  
"""
HASH = "#" + '"""' + f"{len('#')}"


def clean(text):
    """Say what it does.

    # Also in here.
    """
    # Why.
    return re.sub(
        """ """,  # a blank
        {"a":
            """b"""}[text],
    )


class Cleaner:
    """Of no use."""
'''
REST = '''\
import re
QUERY = """
# not a comment

    two blanks  
"""
HASH = "#" + '"""' + f"{len('#')}"
def clean(text):
    return re.sub(
        """ """,
        {"a":
            """b"""}[text],
    )
class Cleaner:
'''


def tokens_of(code):
    """List the tokens of code but for comments, line ends and indentation."""
    passed = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}
    passed |= {tokenize.INDENT, tokenize.DEDENT}
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return [token for token in tokens if token.type not in passed]


def starts_of_docstrings(code):
    return {
        (node.body[0].lineno, node.body[0].col_offset)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node) is not None
    }


def test_what_is_left():
    assert code_without_prose(CODE).lstrip("\n") == REST


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_as_python_reads_it(path):
    code = path.read_text(encoding="utf-8")
    docstrings = starts_of_docstrings(code)
    expected = [t.string for t in tokens_of(code) if t.start not in docstrings]
    assert [t.string for t in tokens_of(code_without_prose(code))] == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("two blanks  ", "two blanks"),
        ("not a comment\n", "not a comment\n\n"),
        ('"#"', '"# "'),
        ('{"a"', '{"b"'),
        ('"""b"""', '"""c"""'),
        ("(text)", "(text,)"),
    ],
)
def test_code_counts(old, new):
    assert old in CODE
    assert code_without_prose(CODE.replace(old, new)) != code_without_prose(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A module.", "Another 'module'."),
        ("# of the standard library", '# """'),
        ("    # Why.\n", ""),
        ("\n\n\nclass", "\n\nclass"),
        ("Say what it does.", 'Say "what" it does # here.'),
        ("Of no use.", "Of some use."),
    ],
)
def test_prose_does_not(old, new):
    assert old in CODE
    assert code_without_prose(CODE.replace(old, new)) == code_without_prose(CODE)
