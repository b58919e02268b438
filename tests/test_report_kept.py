"""What the report for people said of findings is kept for the next run, and makes no difference but in time."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mwaalint.cli.app import app
from mwaalint.findings import Confidence, Finding, Fix, Location, Safety, Severity, Suppression
from mwaalint.report._kept import FEW, written
from mwaalint.source import SourceFile, Span, digest
from tests.deployments import write_all
from tests.reporting import Bench, finding, rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

NAMES = [f"package-{number:02}" for number in range(FEW)]
LINES = "".join(f"{name}==1.0\n" for name in NAMES)


class Kept(dict[str, Any]):
    """Where a report keeps something, and how often it did."""

    puts = 0

    def put(self, key: str, value: object) -> None:
        self.puts += 1
        self[key] = value


class Writer:
    """Writes findings in a word, and notes of which."""

    def __init__(self, keeper: Kept) -> None:
        self.keeper = keeper
        self.wrote: list[Finding] = []

    def __call__(self, findings: Sequence[Finding], sources: Mapping[str, SourceFile], style: object = "") -> list[str]:
        self.wrote.clear()
        return list(written(findings, self._write, sources, self.keeper, style))

    def _write(self, one: Finding) -> str:
        self.wrote.append(one)
        return f"{one.message}\n"


def many(first: Finding) -> list[Finding]:
    return [first, *(finding(Location("other.tf"), f"number {number}") for number in range(FEW))]


@pytest.fixture
def writer() -> Writer:
    return Writer(Kept())


@pytest.fixture
def bench() -> Bench:
    return Bench({"requirements.txt": LINES})


def every_line(bench: Bench) -> list[Finding]:
    return [finding(bench.at("requirements.txt", line), f"about {line}") for line in LINES.split()]


class TestTheText:
    @pytest.mark.parametrize("color", [False, True])
    def test_is_the_same_from_an_earlier_run(self, bench: Bench, color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        result, keeper = bench.result(*every_line(bench)), Kept()
        options = {"color": color, "hyperlinks": color, "file_links": color}
        fresh = rendered("text", result, **options)
        assert rendered("text", result, keeper=keeper, **options) == fresh
        monkeypatch.setattr("mwaalint.report.text.excerpt", lambda *_: pytest.fail("it was written again"))
        assert rendered("text", result, keeper=keeper, **options) == fresh
        assert keeper.puts == 1

    def test_is_another_for_other_terminals(self, bench: Bench) -> None:
        result, keeper = bench.result(*every_line(bench)), Kept()
        for options in ({"width": 60}, {"color": True}, {"base": "infra"}, {"color": True, "hyperlinks": True}, {}):
            for _ in range(2):
                assert rendered("text", result, keeper=keeper, **options) == rendered("text", result, **options)
        assert keeper.puts == len(keeper) == 5

    def test_may_hold_any_letter_that_a_terminal_shows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No-break spaces, say, wide letters, and what is written out because it would act."""
        bench = Bench({"requirements.txt": LINES.replace("==", "\u00a0==\t\x1b[2J 日本 \u200f é ")})
        result, keeper = bench.result(*(finding(bench.at("requirements.txt", one)) for one in NAMES)), Kept()
        fresh = rendered("text", result, keeper=keeper)
        assert "日本" in fresh
        monkeypatch.setattr("mwaalint.report.text.excerpt", lambda *_: pytest.fail("it was written again"))
        assert rendered("text", result, keeper=keeper) == fresh

    def test_of_few_findings_is_not_kept(self, bench: Bench) -> None:
        keeper = Kept()
        rendered("text", bench.result(*every_line(bench)[1:]), keeper=keeper)
        assert not keeper

    def test_of_the_same_finding_twice_is_said_twice(self, bench: Bench) -> None:
        findings = every_line(bench)
        result = bench.result(*findings, findings[0])
        kept = Kept()
        assert [rendered("text", result, keeper=kept) for _ in range(2)] == [rendered("text", result)] * 2

    def test_of_findings_that_are_gone_is_kept_no_longer(self, bench: Bench) -> None:
        findings, keeper = every_line(bench), Kept()
        rendered("text", bench.result(*findings, finding(Location("gone.tf"))), keeper=keeper)
        rendered("text", bench.result(*findings, finding(Location("new.tf"))), keeper=keeper)
        (texts,) = keeper.values()
        assert len(texts) == FEW + 1


# What of a finding no text shows.
NOT_SHOWN = {"args", "fingerprint"}
OTHERS: dict[str, Any] = {
    "code": "MW104",
    "name": "another",
    "message": "another",
    "primary": Location("main.tf", Span(2, 4)),
    "severity": Severity.NOTE,
    "confidence": Confidence.MEDIUM,
    "related": (Location("main.tf"),),
    "environments": ("etl",),
    "fixes": (Fix("repair it", Safety.SAFE),),
    "subject": "another",
    "suppression": Suppression("inSource", "a reason"),
}


class TestIsWrittenAgain:
    @pytest.mark.parametrize("name", [one.name for one in fields(Finding) if one.name not in NOT_SHOWN])
    def test_for_another_finding(self, writer: Writer, name: str) -> None:
        first = finding(Location("main.tf"))
        writer(many(first), {})
        other = replace(first, **{name: OTHERS[name]})
        assert writer(many(other), {})[0] == f"{other.message}\n"
        assert writer.wrote == [other]
        writer(many(other), {})
        assert writer.wrote == []

    @pytest.mark.parametrize(
        "place",
        [
            Location("other.tf", Span(1, 2)),
            Location("main.tf", Span(1, 3)),
            Location("main.tf", Span(1, 2), "symbol"),
            Location("main.tf", Span(1, 2), note="see here"),
        ],
    )
    def test_for_another_place(self, writer: Writer, place: Location) -> None:
        before = Location("main.tf", Span(1, 2))
        for one, another in (
            (finding(before), finding(place)),
            (finding(before, related=(before,)), finding(before, related=(place,))),
        ):
            writer(many(one), {})
            writer(many(another), {})
            assert writer.wrote == [another]

    @pytest.mark.parametrize("path", ["main.tf", "related.tf"])
    def test_for_other_bytes(self, writer: Writer, path: str) -> None:
        def sources(**contents: bytes) -> dict[str, SourceFile]:
            return {f"{name}.tf": SourceFile(f"{name}.tf", "", content) for name, content in contents.items()}

        one = finding(Location("main.tf", Span(1, 2)), related=(Location("related.tf", Span(1, 2)),))
        before = sources(main=b"one", related=b"two")
        writer(many(one), before)
        writer(many(one), sources(main=b"one", related=b"two"))
        assert writer.wrote == []
        writer(many(one), before | {path: SourceFile(path, "", b"three")})
        assert writer.wrote == [one]

    def test_for_a_file_that_can_be_read_again(self, writer: Writer, tmp_path: Path) -> None:
        one = finding(Location("main.tf", Span(1, 2)))
        writer(many(one), {"main.tf": SourceFile("main.tf", tmp_path / "main.tf")})
        (tmp_path / "main.tf").write_text("here")
        writer(many(one), {"main.tf": SourceFile("main.tf", tmp_path / "main.tf")})
        assert writer.wrote == [one]

    def test_for_a_file_that_changed_just_before_it_was_quoted(self, tmp_path: Path) -> None:
        """What an earlier run noted of it is true no more, and must not name what is quoted now."""

        file, keeper = tmp_path / "main.tf", Kept()
        findings = many(finding(Location("main.tf", Span(0, 3))))

        def quoted(content: bytes, known: str) -> str:
            file.write_bytes(content)
            source = SourceFile("main.tf", file)
            source.known = known
            first, *_ = written(findings, lambda _: source.text, {"main.tf": source}, keeper, "")
            return first

        old = digest(b"old")
        assert quoted(b"new", old) == "new"
        assert quoted(b"old", old) == "old"
        assert quoted(b"not asked for", old) == "old"


FORGED: dict[str, Callable[[dict[str, str]], object]] = {
    "another title for the terminal": lambda texts: {name: f"\x1b]0;title\x07{text}" for name, text in texts.items()},
    "a cleared screen": lambda texts: {name: f"\x1b[2J{text}" for name, text in texts.items()},
    "a link that runs something": lambda texts: {name: f"\x1b]8;;x-run:it\x1b\\{text}" for name, text in texts.items()},
    "the start of a line again": lambda texts: {name: f"{text}\rfine" for name, text in texts.items()},
    "no texts": lambda texts: dict.fromkeys(texts, 1),
    "a list": list,
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("how", FORGED)
def test_a_text_that_somebody_made_up_does_nothing(bench: Bench, how: str) -> None:
    result, keeper = bench.result(*every_line(bench)), Kept()
    fresh = rendered("text", result, keeper=keeper, color=True, hyperlinks=True)
    for name, texts in keeper.items():
        keeper[name] = FORGED[how](texts)
    assert rendered("text", result, keeper=keeper, color=True, hyperlinks=True) == fresh


ENVIRONMENT = 'resource "aws_mwaa_environment" "etl" {\n  airflow_version = "2.10.3"\n  dag_s3_path = "dags"\n}\n'
DAG = "from airflow import DAG\nfrom airflow.models import Variable\nVariable.get('a')\nDAG('d{}')\n"


class TestTheCommandLine:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        dags = {f"dags/d{number}.py": DAG.format(number) for number in range(FEW)}
        return write_all(tmp_path / "project", {"main.tf": ENVIRONMENT, **dags})

    @pytest.mark.parametrize("color", ["--color", "--no-color"])
    def test_says_the_same_as_without(self, tmp_path: Path, project: Path, color: str) -> None:
        def said(*options: object) -> str:
            words = [str(word) for word in ("check", project, color, *options)]
            return CliRunner().invoke(app, words, color=True, env={"MWAALINT_NO_CACHE": None}).output

        kept = "--cache-dir", tmp_path / "cache"
        for text in (DAG.format(7), DAG.format(7).replace("')", "')  # now", 1), f"# above\n{DAG.format(7)}", ""):
            (project / "dags" / "d7.py").write_text(text)
            fresh = said("--no-cache")
            assert fresh.count("MW403") >= FEW - 1
            assert [said(*kept) for _ in range(3)] == [fresh] * 3
        files = [file for file in (tmp_path / "cache").iterdir() if len(file.name) == 32]
        assert len(files) == 3
        for file in files:
            data = file.read_bytes()
            file.write_bytes(data[: len(data) // 2] + b"x" + data[len(data) // 2 + 1 :])
        assert [said(*kept) for _ in range(2)] == [said("--no-cache")] * 2
