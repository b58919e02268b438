"""``.airflowignore`` as Airflow 2 and Airflow 3 read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.model.airflowignore import Ignored
from mwaalint.source import SourceFile


def ignores(text: str, path: str, *syntaxes: str, at: str = "dags/.airflowignore", folder: str = "dags") -> bool:
    file = SourceFile(at, Path(at), text.encode("utf-8", "surrogatepass"))
    return path in Ignored(folder, [file], syntaxes)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("helpers", "dags/helpers/a.py", True),
        ("helpers", "dags/my_helpers.py", True),
        ("^helpers", "dags/my_helpers.py", False),
        ("helpers/.*", "dags/x/helpers/a.py", True),
        (r".*_test\.py", "dags/a_test.py", True),
        (r"\.py$", "dags/sub/a.py", True),
        ("# helpers", "dags/helpers/a.py", False),
        ("helpers # not read", "dags/helpers/a.py", True),
        ("\n\n", "dags/a.py", False),
        ("(", "dags/a(.py", False),
        ("*.py", "dags/a.py", False),
        ("dags/a", "dags/a.py", False),
        ("(a+)+$", "dags/" + "a" * 60 + "!.py", False),
    ],
)
def test_regular_expressions_are_searched_below_the_dags_folder(text: str, path: str, expected: bool) -> None:
    assert ignores(text, path, "regexp") is expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("helpers", "dags/helpers/a.py", True),
        ("helpers", "dags/sub/helpers/a.py", True),
        ("helpers", "dags/my_helpers.py", False),
        ("helpers/", "dags/helpers/a.py", True),
        ("a.py/", "dags/a.py", False),
        ("*.py", "dags/sub/a.py", True),
        ("/*.py", "dags/sub/a.py", False),
        ("/*.py", "dags/a.py", True),
        ("sub/*.py", "dags/sub/a.py", True),
        ("sub/*.py", "dags/other/sub/a.py", False),
        ("**/sub/*.py", "dags/other/sub/a.py", True),
        ("sub/**", "dags/sub/deep/a.py", True),
        ("a?.py", "dags/ab.py", True),
        ("[ab].py", "dags/a.py", True),
        ("[!ab].py", "dags/a.py", False),
        ("[!ab].py", "dags/c.py", True),
        ("[", "dags/a.py", False),
        ("*.py\n!a.py", "dags/a.py", False),
        ("*.py\n!a.py", "dags/b.py", True),
        ("sub\n!sub/a.py", "dags/sub/a.py", True),
        ("# a.py", "dags/a.py", False),
        (r".*_test\.py", "dags/a_test.py", False),
    ],
)
def test_patterns_are_those_of_gitignore(text: str, path: str, expected: bool) -> None:
    assert ignores(text, path, "glob") is expected


def test_a_file_deeper_down_speaks_for_its_own_folder() -> None:
    for syntax in ("regexp", "glob"):
        assert ignores("a", "dags/sub/a", syntax, at="dags/sub/.airflowignore")
        assert not ignores("a", "dags/a", syntax, at="dags/sub/.airflowignore")
    assert ignores("/a.py", "dags/sub/a.py", "glob", at="dags/sub/.airflowignore")


def test_the_root_may_be_the_dags_folder() -> None:
    assert ignores("helpers/", "helpers/a.py", "glob", at=".airflowignore", folder="")
    assert ignores("helpers", "helpers/a.py", "regexp", at=".airflowignore", folder="")


def test_where_nobody_knows_the_syntax_either_may_ignore() -> None:
    assert ignores("*.py", "dags/a.py", "regexp", "glob")
    assert ignores("^a", "dags/a.py", "regexp", "glob")
    assert not ignores("b", "dags/a.py", "regexp", "glob")


def test_an_unreadable_file_ignores_nothing() -> None:
    file = SourceFile("dags/.airflowignore", Path("dags/.airflowignore"), b"\0")
    assert "dags/a.py" not in Ignored("dags", [file], ("regexp", "glob"))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab/*?[]!()+.{}^$|\\#\n -", max_size=30), st.sampled_from(["dags/a.py", "dags/a/b/ab.py"]))
def test_any_text_answers(text: str, path: str) -> None:
    for syntax in ("regexp", "glob"):
        assert ignores(text, path, syntax) in (True, False)
