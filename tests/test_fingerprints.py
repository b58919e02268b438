"""A finding keeps its fingerprint when lines come above it, its file moves, or requirements change their order: for a
flagged example of every rule.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from tests.pages import all_examples
from tests.test_rule_pages import TODAY, run, write

if TYPE_CHECKING:
    from mwaalint.engine.result import RunResult
    from tests.pages import Example

COMMENTS = {".py": "#", ".tf": "#", ".txt": "#", ".sh": "#", ".yaml": "#", ".yml": "#", ".ts": "//", ".js": "//"}


def first_flagged() -> dict[str, Example]:
    """The first flagged example of each rule that can be changed as text and is not about a change itself."""
    found: dict[str, Example] = {}
    for example in all_examples():
        plain = not example.before and not example.crlf and set(example.encodings.values()) == {"utf-8"}
        if example.expected and plain:
            found.setdefault(example.code, example)
    return found


EXAMPLES = first_flagged()
REORDERED = [
    code for code, example in EXAMPLES.items() if code.startswith("MW1") and "requirements.txt" in example.files
]
MOVED = [code for code, example in EXAMPLES.items() if {"main.tf", "dags/etl.py"} & set(example.files)]


def known(result: RunResult) -> Counter[tuple[str, str]]:
    """The fingerprints of a run, each with its rule's code."""
    return Counter((finding.code, finding.fingerprint) for finding in result.findings)


def with_lines_above(path: str, text: str) -> str:
    """A file with more lines at its start; the first line of a script stays the first."""
    mark = COMMENTS.get(PurePosixPath(path).suffix)
    if mark is None:
        return f"\n\n{text}" if path.endswith(".json") else text
    first, newline, rest = text.partition("\n")
    more = f"{mark} a line\n\n{mark} and another\n"
    return f"{first}{newline}{more}{rest}" if first.startswith("#!") else f"{more}{text}"


def turned_round(text: str) -> str:
    """Requirements the other way round, options first as they were."""
    lines = text.splitlines()
    options = [line for line in lines if line.startswith("-")]
    return "\n".join([*options, *(line for line in reversed(lines) if line not in options)]) + "\n"


def test_most_rules_are_looked_at() -> None:
    assert len(EXAMPLES) > 140
    assert {code[:3] for code in EXAMPLES} >= {f"MW{digit}" for digit in "12345678"}
    assert len(REORDERED) > 15
    assert len(MOVED) > 60


@pytest.mark.parametrize("code", EXAMPLES)
def test_lines_above_change_no_fingerprint(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    write(example, tmp_path)
    overlay = {path: with_lines_above(path, text).encode() for path, text in example.files.items()}
    before, after = run(example, tmp_path), run(example, tmp_path, overlay)
    assert known(before)
    assert known(after) == known(before)


@pytest.mark.parametrize("code", REORDERED)
def test_the_order_of_requirements_changes_no_fingerprint(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    write(example, tmp_path)
    before = known(run(example, tmp_path))
    files = [path for path in example.files if path.endswith("requirements.txt")]
    after = run(example, tmp_path, {path: turned_round(example.files[path]).encode() for path in files})
    assert known(after) == before


@pytest.mark.parametrize("code", MOVED)
def test_another_name_of_the_file_changes_no_fingerprint(code: str, tmp_path: Path) -> None:
    write(EXAMPLES[code], tmp_path)
    before = known(api.check(tmp_path, today=TODAY))
    for old, new in (("main.tf", "environment.tf"), ("dags/etl.py", "dags/sales/nightly.py")):
        if (tmp_path / old).exists():
            (tmp_path / new).parent.mkdir(exist_ok=True)
            (tmp_path / old).rename(tmp_path / new)
    assert known(api.check(tmp_path, today=TODAY)) == before


def test_a_file_that_cannot_be_read_is_the_same_wherever_its_mistake_is(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "README.md").write_text("For MWAA.\n")
    dag = tmp_path / "dags" / "etl.py"
    dag.write_text("from airflow import DAG\n\nwith DAG(:\n")
    before = known(api.check(tmp_path, today=TODAY))
    dag.write_text("# more\n# and more\n" + dag.read_text())
    assert next(iter(before))[0] == "MW001"
    assert known(api.check(tmp_path, today=TODAY)) == before
