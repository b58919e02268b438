"""Whole projects of which somebody damaged a file: each run ends with an answer, and a fix leaves what can be read.

The projects are the examples of the rules' pages and one environment in every language. ``MWAALINT_MUTATIONS`` says how
many are tried.
"""

from __future__ import annotations

import ast
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.fix.apply import fix_all
from tests.deployments import check
from tests.kept_projects import cache_in, check_kept, reports
from tests.pages import all_examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pytest

    from mwaalint.engine.result import RunResult

FIXTURES = Path(__file__).parent / "fixtures" / "same_environment"
TRIED = int(os.environ.get("MWAALINT_MUTATIONS", "45"))

Files = dict[str, bytes]

PROJECTS: list[Files] = [
    *({path: example.content(path) for path in example.files} for example in all_examples()),
    *(
        {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
        for root in sorted(FIXTURES.iterdir())
    ),
]
PLACES: dict[str, list[tuple[int, str]]] = {}
for number, project in enumerate(PROJECTS):
    for name in project:
        PLACES.setdefault(Path(name).suffix or Path(name).name, []).append((number, name))

# What means something in at least one of the languages.
WORDS = st.sampled_from(
    [
        *(b"(", b")", b"[", b"]", b"{", b"}", b'"', b"'", b"`", b"\\", b"|", b"=", b":", b",", b"*", b"&a", b"#", b";"),
        *(b"\n", b"\r\n", b"\r", b"\t", b"\0", b"\x0c", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u2028😀".encode()),
        *(b"null", b"true", b"-1", b"0", b"1e999", b"9" * 5_000, b"[]", b"{}", b'""', b"2.10", b"a" * 3_000),
        *(b"${", b"$(", b"%{", b"!Sub '${A}'", b"!Ref A", b"*a", b"<<: *a", b"<<EOF", b"Fn::If: [", b"$((1/0))"),
        *(
            b"-r requirements.txt",
            b"==*",
            b"name = { a = 1 }",
            b"count = 9999",
            b"- ",
            b"...",
            b"(" * 500,
            b"[" * 5_000,
        ),
        *(b"**a", b"lambda: ", b"f'{x}'", b"x := ", b"default_args=", b"queue='a'", b".expand(a=", b"@task\n", b" >> "),
    ]
)
WORD = re.compile(rb"[\w.]+|[^\w\s]|\n[ \t]*")


@st.composite
def damaged(draw: st.DrawFn) -> Files:
    """A project with a file, of each kind as likely as of any other, in which a few words or lines are not as they
    were.
    """
    number, path = draw(st.sampled_from(PLACES[draw(st.sampled_from(sorted(PLACES)))]))
    data = PROJECTS[number][path]
    for _ in range(draw(st.integers(1, 4))):
        lines = data.splitlines(keepends=True) or [b""]
        line, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match draw(st.integers(0, 5)):
            case 0:
                del lines[line]
            case 1:
                lines[line], lines[other] = lines[other], lines[line]
            case 2:
                lines[line:line] = lines[min(line, other) : max(line, other) + 1]
            case 3:
                lines[line] = draw(st.sampled_from([b"", b"  ", b"\t"])) + lines[line].lstrip()
            case _:
                words = list(WORD.finditer(lines[line]))
                start, end = draw(st.sampled_from(words)).span() if words else (0, 0)
                kept = lines[line][start:end] if draw(st.booleans()) else b""
                lines[line] = lines[line][:start] + kept + draw(WORDS) + lines[line][end:]
        data = b"".join(lines)
    return {**PROJECTS[number], path: data}


def written(root: Path, files: Files) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def crashes(result: RunResult) -> list[object]:
    return [finding.args for finding in result.findings if finding.code == "MW002"]


def not_read(result: RunResult) -> set[str]:
    return {finding.primary.path for finding in result.findings if finding.code == "MW001"}


def unparsable(files: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    for path, data in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(data if path.endswith(".py") else b"")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            yield path


@settings(max_examples=TRIED, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_a_damaged_project_is_checked_and_repaired(tmp_path_factory: pytest.TempPathFactory, files: Files) -> None:
    root = written(tmp_path_factory.mktemp("damaged"), files)
    result = check(root)
    assert crashes(result) == []
    for finding in result.findings:
        source = result.sources.get(finding.primary.path)
        assert source is None or 0 <= finding.primary.span.start <= finding.primary.span.end <= len(source.data)

    def run(changed: Mapping[str, bytes]) -> RunResult:
        return check(root, overlay=changed)

    outcome = fix_all(run, unsafe=True)
    assert crashes(outcome.result) == []
    assert not_read(outcome.result) <= not_read(result)
    assert set(unparsable(outcome.changed.items())) <= set(unparsable(outcome.original.items()))
    assert fix_all(lambda more: run({**outcome.changed, **more}), unsafe=True).changed == {}


@settings(max_examples=TRIED // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged())
def test_a_damaged_project_gives_the_same_again_from_the_cache(
    tmp_path_factory: pytest.TempPathFactory, files: Files
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    root = written(folder / "project", files)
    expected = reports(check(root))
    for brief in (False, False, True, True):
        assert reports(check_kept(root, cache_in(folder), brief=brief)) == expected
