"""Workflow commands of GitHub Actions, read back the way the runner reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.engine.result import Notice
from mwaalint.findings import Edit, Fix, Location, Safety, Severity, Suppression
from mwaalint.report._terminal import visible
from mwaalint.rulebook import Rulebook
from mwaalint.source import Span
from tests.reporting import Bench, deployment, finding, rendered, write_page

if TYPE_CHECKING:
    from pathlib import Path


class Command(NamedTuple):
    """A command as the runner understands it."""

    name: str
    properties: dict[str, str]
    message: str


def understood(line: str) -> Command:
    """Splits a command as the runner does: at the first ``::`` after the name, at commas, then undoes the escapes."""
    match = re.fullmatch(r"::(?P<name>\w+) (?P<properties>.*?)::(?P<message>.*)", line)
    assert match is not None, line
    pairs = (pair.split("=", 1) for pair in match["properties"].split(","))
    properties = {key: unescaped(value.replace("%3A", ":").replace("%2C", ",")) for key, value in pairs}
    return Command(match["name"], properties, unescaped(match["message"]))


def unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def commands(text: str) -> list[Command]:
    assert text.endswith("\n")
    return [understood(line) for line in text.splitlines()]


@pytest.fixture
def bench() -> Bench:
    return Bench({"requirements.txt": "# pins\nsnowflake==3.12.3\n", "main.tf": "resource {\n  name\n}\n"})


def test_a_finding_is_an_annotation_at_its_place(bench: Bench) -> None:
    found = finding(bench.at("requirements.txt", "3.12.3"), "no constraint line: 100% sure")
    assert rendered("github", bench.result(found)) == (
        "::error file=requirements.txt,line=2,endLine=2,col=12,endColumn=18,title=MW103 constraint-missing"
        "::no constraint line: 100%25 sure\n"
        "::notice title=mwaalint::1 error in 1 file\n"
    )


@pytest.mark.parametrize(
    ("severity", "name"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "notice")]
)
def test_severities_are_the_runners(bench: Bench, severity: Severity, name: str) -> None:
    result = bench.result(finding(Location("main.tf"), severity=severity))
    assert commands(rendered("github", result))[0] == Command(
        name, {"file": "main.tf", "title": "MW103 constraint-missing"}, "no constraint line"
    )


def test_an_annotation_of_several_lines_has_no_columns(bench: Bench) -> None:
    result = bench.result(finding(bench.at("main.tf", "{\n  name\n}")))
    assert commands(rendered("github", result))[0].properties == {
        "file": "main.tf",
        "line": "1",
        "endLine": "3",
        "title": "MW103 constraint-missing",
    }


def test_the_fix_and_the_environments_follow_the_message(bench: Bench) -> None:
    fix = Fix("Insert the constraint line", Safety.SAFE, (Edit("requirements.txt", Span(0, 0), b"x", b""),))
    found = finding(Location("main.tf"), environments=("etl", "backfill"), fixes=(fix,))
    assert commands(rendered("github", bench.result(found)))[0].message == (
        "no constraint line\nConcerns: etl, backfill\nHelp: Insert the constraint line"
    )


def test_without_a_fix_the_page_helps(tmp_path: Path) -> None:
    write_page(tmp_path, "MW103", "constraint-missing")
    bench = Bench({"main.tf": ""}, Rulebook(tmp_path))
    assert commands(rendered("github", bench.result(finding(Location("main.tf")))))[0].message == (
        "no constraint line\nHelp: Put the constraint line first."
    )


def test_paths_are_the_repositorys(bench: Bench) -> None:
    result = bench.result(finding(Location("main.tf")), notices=[Notice("kind", "said once", "dags/a.py")])
    found = commands(rendered("github", result, path_prefix="infra/dev/"))
    assert [command.properties.get("file") for command in found] == ["infra/dev/main.tf", "infra/dev/dags/a.py", None]


def test_suppressed_findings_are_no_annotations(bench: Bench) -> None:
    silenced = finding(Location("main.tf"), suppression=Suppression("inSource", "vendored"))
    assert commands(rendered("github", bench.result(suppressed=[silenced]))) == [
        Command(
            "notice",
            {"title": "mwaalint"},
            "No problems found in 2 files, 1 MWAA environment (etl: Airflow 2.10.3 declared in main.tf); 1 suppressed",
        )
    ]


def test_what_was_not_done_is_said(bench: Bench) -> None:
    result = bench.result(notices=[Notice("kind", "3 rules were skipped")], crashed=True, deployments=())
    assert commands(rendered("github", result)) == [
        Command("notice", {"title": "mwaalint"}, "3 rules were skipped"),
        Command("error", {"title": "mwaalint"}, "The result is incomplete: a check crashed (MW002)."),
        Command(
            "notice",
            {"title": "mwaalint"},
            "Nothing related to MWAA was found in 2 files: no environment is declared here, and no folder is laid "
            "out for one, so the rules had nothing to check.",
        ),
    ]


def test_a_message_cannot_become_a_command_of_its_own() -> None:
    path = "a,b:c%\n::stop-commands::x"
    bench = Bench({path: "x"})
    found = finding(Location(path), "ends\n::add-mask::secret\r::debug::x", environments=("a\n::warning::b",))
    lines = rendered("github", bench.result(found)).splitlines()
    assert lines[0] == (
        "::error file=a%2Cb%3Ac%25%0A%3A%3Astop-commands%3A%3Ax,title=MW103 constraint-missing"
        "::ends\\n::add-mask::secret\\r::debug::x%0AConcerns: a\\n::warning::b"
    )
    assert len(lines) == 2


@settings(max_examples=200, deadline=None)
@given(
    message=st.text(), path=st.text(min_size=1).filter(lambda path: "/" not in path and path != "."), label=st.text()
)
def test_whatever_a_repository_holds_each_command_is_one_line(message: str, path: str, label: str) -> None:
    bench = Bench({path: "x"})
    found = finding(Location(path, Span(0, 1)), message, environments=(label,))
    text = rendered("github", bench.result(found, deployments=[deployment(label, label)]))
    annotation, summary = commands(text)
    assert annotation.message == f"{visible(message)}\nConcerns: {visible(label)}"
    newlines_kept = "".join(one if one in "\r\n" else visible(one) for one in path)
    assert annotation.properties["file"] == newlines_kept
    assert summary.message == "1 error in 1 file"
