"""The report for people."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.engine.result import Notice
from mwaalint.findings import Confidence, Edit, Fix, Location, Safety, Severity, Suppression
from mwaalint.rulebook import Rulebook
from mwaalint.source import Span
from tests.reporting import Bench, deployment, finding, rendered, write_page

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = "# what the DAGs need\nsnowflake-connector-python==3.12.3\npandas==2.2.0\n"
TERRAFORM = 'resource "aws_mwaa_environment" "etl" {\n  airflow_version = "2.10.3"\n  name = "etl"\n}\n'
EXPLAIN = "For the reason and the full fix: mwaalint explain CODE, for example mwaalint explain MW103\n"


@pytest.fixture
def bench() -> Bench:
    return Bench({"requirements.txt": REQUIREMENTS, "main.tf": TERRAFORM})


def insertion(safety: Safety = Safety.SAFE, title: str = "Insert the constraint line of Airflow 2.10.3") -> Fix:
    return Fix(title, safety, (Edit("requirements.txt", Span(0, 0), b"--constraint x\n", b""),))


def test_a_finding_reads_from_its_place_to_its_remedy(bench: Bench) -> None:
    found = finding(
        bench.at("requirements.txt", "snowflake-connector-python==3.12.3"),
        "no constraint line: MWAA 2.10.3 installs with its own constraints, and 2 of your pins contradict them",
        related=(bench.at("main.tf", '"2.10.3"', "the environment runs Airflow 2.10.3"),),
        environments=("etl",),
        fixes=(insertion(),),
    )
    assert rendered("text", bench.result(found), width=80) == (
        "requirements.txt:2:1: error MW103 constraint-missing\n"
        "  no constraint line: MWAA 2.10.3 installs with its own constraints, and 2 of\n"
        "  your pins contradict them\n"
        "    |\n"
        "  2 | snowflake-connector-python==3.12.3\n"
        "    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "    |\n"
        "  main.tf:2:21: the environment runs Airflow 2.10.3\n"
        "    |\n"
        '  2 |   airflow_version = "2.10.3"\n'
        "    |                     --------\n"
        "    |\n"
        "  environment: etl\n"
        "  help: Insert the constraint line of Airflow 2.10.3 (--fix applies it)\n"
        "\n"
        "1 error in 1 file; 1 can be fixed with --fix\n" + EXPLAIN
    )


def test_a_span_of_several_lines_shows_its_first_and_its_last(bench: Bench) -> None:
    found = finding(bench.at("main.tf", TERRAFORM), "the block", severity=Severity.NOTE)
    assert rendered("text", bench.result(found)) == (
        "main.tf:1:1: note MW103 constraint-missing\n"
        "  the block\n"
        "    |\n"
        '  1 | resource "aws_mwaa_environment" "etl" {\n'
        "    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "    | ...\n"
        "  4 | }\n"
        "    | ^\n"
        "    |\n"
        "\n"
        "1 note in 1 file\n" + EXPLAIN
    )


def test_a_whole_file_has_neither_line_nor_excerpt(bench: Bench) -> None:
    found = finding(Location("requirements.txt"))
    assert rendered("text", bench.result(found)) == (
        "requirements.txt: error MW103 constraint-missing\n  no constraint line\n\n1 error in 1 file\n" + EXPLAIN
    )


def test_a_file_that_cannot_be_read_is_named_without_excerpt() -> None:
    bench = Bench({"plugins.py": b"\x00\x01 binary"})
    found = finding(Location("plugins.py", Span(2, 4)), "the file is binary")
    assert rendered("text", bench.result(found)).splitlines()[:2] == [
        "plugins.py: error MW103 constraint-missing",
        "  the file is binary",
    ]


def test_a_file_the_run_did_not_keep_is_named_without_excerpt(bench: Bench) -> None:
    found = finding(Location("gone.txt", Span(2, 4)))
    assert rendered("text", bench.result(found)).splitlines()[0] == "gone.txt: error MW103 constraint-missing"


def test_a_guess_and_a_suppression_are_said_beside_the_name(bench: Bench) -> None:
    place = Location("requirements.txt")
    guessed = finding(place, severity=Severity.WARNING, confidence=Confidence.MEDIUM)
    silenced = finding(place, suppression=Suppression("inSource", "vendored file"))
    unexplained = finding(place, confidence=Confidence.MEDIUM, suppression=Suppression("external"))
    result = bench.result(guessed, suppressed=[silenced, unexplained])
    titles = [line for line in rendered("text", result, show_suppressed=True).splitlines() if " MW103 " in line]
    assert titles == [
        "requirements.txt: warning MW103 constraint-missing (medium confidence)",
        "requirements.txt: error MW103 constraint-missing (suppressed: vendored file)",
        "requirements.txt: error MW103 constraint-missing (medium confidence; suppressed)",
    ]


def test_suppressed_findings_are_counted_even_when_they_are_not_listed(bench: Bench) -> None:
    silenced = finding(Location("requirements.txt"), suppression=Suppression("inSource", "vendored file"))
    assert rendered("text", bench.result(suppressed=[silenced])) == (
        "No problems found in 2 files, 1 MWAA environment (etl: Airflow 2.10.3 declared in main.tf); 1 suppressed\n"
    )


def test_several_environments_are_listed(bench: Bench) -> None:
    found = finding(Location("requirements.txt"), environments=("etl", "etl (prod.tfvars)"))
    assert "  environments: etl, etl (prod.tfvars)\n" in rendered("text", bench.result(found))


class TestHelp:
    def help_of(self, result_text: str) -> list[str]:
        return [line for line in result_text.splitlines() if "help:" in line]

    def test_an_unsafe_fix_wants_a_look(self, bench: Bench) -> None:
        found = finding(Location("requirements.txt"), fixes=(insertion(Safety.UNSAFE, "Pin pandas"),))
        assert self.help_of(rendered("text", bench.result(found))) == [
            "  help: Pin pandas (--fix --unsafe-fixes applies it; review the change)"
        ]

    def test_a_safe_fix_is_told_before_an_unsafe_one(self, bench: Bench) -> None:
        fixes = (insertion(Safety.UNSAFE, "Pin pandas"), insertion(Safety.SAFE, "Drop pandas"))
        found = finding(Location("requirements.txt"), fixes=fixes)
        assert self.help_of(rendered("text", bench.result(found))) == ["  help: Drop pandas (--fix applies it)"]

    def test_without_a_fix_the_page_speaks(self, tmp_path: Path) -> None:
        write_page(tmp_path, "MW103", "constraint-missing")
        bench = Bench({"requirements.txt": REQUIREMENTS}, Rulebook(tmp_path))
        found = finding(Location("requirements.txt"))
        assert self.help_of(rendered("text", bench.result(found))) == ["  help: Put the constraint line first."]

    def test_without_a_page_there_is_none(self, bench: Bench) -> None:
        assert self.help_of(rendered("text", bench.result(finding(Location("requirements.txt"))))) == []

    def test_a_long_one_is_wrapped_below_its_own_start(self, bench: Bench) -> None:
        title = "Insert the constraint line of Airflow 2.10.3 for Python 3.11"
        found = finding(Location("requirements.txt"), fixes=(insertion(title=title),))
        lines = rendered("text", bench.result(found), width=50).splitlines()
        assert lines[2:4] == [
            "  help: Insert the constraint line of Airflow",
            "        2.10.3 for Python 3.11 (--fix applies it)",
        ]


class TestRelatedPlaces:
    def test_the_first_three_have_excerpts_and_the_first_ten_are_named(self) -> None:
        bench = Bench({"requirements.txt": "".join(f"package{number}\n" for number in range(1, 13))})
        places = [bench.at("requirements.txt", f"package{number}\n", f"pin {number}") for number in range(1, 13)]
        text = rendered("text", bench.result(finding(Location("requirements.txt"), related=tuple(places))))
        assert [line for line in text.splitlines() if "pin " in line] == [
            f"  requirements.txt:{number}:1: pin {number}" for number in range(1, 11)
        ]
        assert [line for line in text.splitlines() if "| package" in line] == [
            "  1 | package1",
            "  2 | package2",
            "  3 | package3",
        ]
        assert "  and 2 more\n" in text

    def test_one_without_a_note_is_still_introduced(self, bench: Bench) -> None:
        found = finding(Location("requirements.txt"), related=(Location("main.tf"),))
        assert "  main.tf: see also\n" in rendered("text", bench.result(found))


class TestSummary:
    def test_counts_by_severity_and_files(self, bench: Bench) -> None:
        first, second = Location("requirements.txt"), Location("main.tf")
        result = bench.result(
            finding(first),
            finding(second),
            finding(second, severity=Severity.WARNING, fixes=(insertion(), insertion(Safety.UNSAFE))),
            finding(second, severity=Severity.NOTE, fixes=(insertion(Safety.UNSAFE),)),
        )
        assert rendered("text", result).splitlines()[-2] == (
            "2 errors, 1 warning, 1 note in 2 files; 1 can be fixed with --fix, 1 more with --fix --unsafe-fixes"
        )

    def test_only_unsafe_fixes_are_no_more_than_others(self, bench: Bench) -> None:
        result = bench.result(finding(Location("main.tf"), fixes=(insertion(Safety.UNSAFE),)))
        assert rendered("text", result).splitlines()[-2] == (
            "1 error in 1 file; 1 can be fixed with --fix --unsafe-fixes"
        )

    def test_a_clean_run_says_what_it_looked_at(self, bench: Bench) -> None:
        assert rendered("text", bench.result()) == (
            "No problems found in 2 files, 1 MWAA environment (etl: Airflow 2.10.3 declared in main.tf)\n"
        )

    def test_a_clean_run_names_three_environments_at_most(self, bench: Bench) -> None:
        deployments = [deployment(f"env{number}", "2.11.0", "stated in the settings") for number in range(5)]
        assert rendered("text", bench.result(deployments=deployments)) == (
            "No problems found in 2 files, 5 MWAA environments (env0: Airflow 2.11.0 stated in the settings, "
            "env1: Airflow 2.11.0 stated in the settings, env2: Airflow 2.11.0 stated in the settings, and 2 more)\n"
        )

    def test_what_only_the_layout_tells_of_is_told_apart(self, bench: Bench) -> None:
        deployments = [deployment(), deployment(None, None)]
        assert rendered("text", bench.result(deployments=deployments)) == (
            "No problems found in 2 files, 1 MWAA environment (etl: Airflow 2.10.3 declared in main.tf), "
            "1 MWAA deployment recognized by the folder layout (Airflow version unknown)\n"
        )

    def test_a_run_without_anything_of_mwaa_is_not_called_clean(self, bench: Bench) -> None:
        assert rendered("text", bench.result(deployments=())) == (
            "Nothing related to MWAA was found in 2 files: no environment is declared here, and no folder is laid\n"
            "out for one, so the rules had nothing to check.\n"
        )

    def test_findings_without_anything_of_mwaa_are_counted_too(self, bench: Bench) -> None:
        text = rendered("text", bench.result(finding(Location("main.tf")), deployments=()))
        assert text.splitlines()[-4:-1] == [
            "Nothing related to MWAA was found in 2 files: no environment is declared here, and no folder is laid",
            "out for one, so the rules had nothing to check.",
            "1 error in 1 file",
        ]

    def test_a_crash_makes_the_result_incomplete(self, bench: Bench) -> None:
        assert rendered("text", bench.result(crashed=True)).splitlines()[-1] == (
            "The result is incomplete: a check crashed (MW002)."
        )


def test_a_terminal_too_narrow_to_read_is_written_over_its_edge(bench: Bench) -> None:
    found = finding(Location("main.tf"), "MWAA installs with its own constraints, and two of your pins contradict them")
    assert rendered("text", bench.result(found), width=5).splitlines()[1:4] == [
        "  MWAA installs with its own",
        "  constraints, and two of your pins",
        "  contradict them",
    ]


def test_notices_come_before_the_summary(bench: Bench) -> None:
    notices = [
        Notice("airflow-version-unknown", "etl: the Airflow version is not known, so 3 rules were skipped."),
        Notice("linked-folder", "linked folders are not followed", "dags/shared"),
    ]
    assert rendered("text", bench.result(notices=notices), width=60) == (
        "notice: etl: the Airflow version is not known, so 3 rules\n"
        "        were skipped.\n"
        "notice: dags/shared: linked folders are not followed\n"
        "\n"
        "No problems found in 2 files, 1 MWAA environment (etl: Airflow 2.10.3 declared in main.tf)\n"
    )


class TestColour:
    def run(self, tmp_path: Path) -> Bench:
        write_page(tmp_path, "MW103", "constraint-missing")
        return Bench({"requirements.txt": REQUIREMENTS, "main.tf": TERRAFORM}, Rulebook(tmp_path))

    def test_only_adds_to_the_plain_text(self, tmp_path: Path) -> None:
        bench = self.run(tmp_path)
        found = finding(
            bench.at("requirements.txt", "pandas"),
            related=(bench.at("main.tf", TERRAFORM, "the environment"),),
            confidence=Confidence.MEDIUM,
        )
        result = bench.result(found, crashed=True, notices=[Notice("kind", "said once")])
        colored = rendered("text", result, color=True)
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == rendered("text", result)
        assert "\x1b[1;31merror\x1b[0m" in colored
        assert "\x1b[1;31m^^^^^^\x1b[0m" in colored

    def test_links_lead_to_the_page(self, tmp_path: Path) -> None:
        bench = self.run(tmp_path)
        linked = rendered("text", bench.result(finding(Location("main.tf"))), hyperlinks=True)
        page = "https://github.com/mwaalint/mwaalint/blob/main/rules/requirements/MW103-constraint-missing.md"
        assert linked.startswith(f"main.tf: error \x1b]8;;{page}\x1b\\MW103\x1b]8;;\x1b\\ constraint-missing\n")

    def test_there_is_no_link_without_a_page(self, bench: Bench) -> None:
        result = bench.result(finding(Location("main.tf")))
        assert rendered("text", result, hyperlinks=True) == rendered("text", result)


class TestTextOfTheRepository:
    """A repository's own words are shown and never act on the terminal."""

    def test_control_characters_are_written_out(self) -> None:
        path = "dags/\x1b]0;owned\x07.txt"
        bench = Bench({path: "pandas\x1b[2J==1 \u202egnp\u202c\n"})
        found = finding(
            bench.at(path, "pandas"),
            "the pin \x9b31m of\r\nyours",
            environments=("etl\x08",),
            related=(bench.at(path, "==1", "here\x00"),),
            fixes=(Fix("Drop \x7f", Safety.SAFE, ()),),
        )
        notice = Notice("kind", "watch\x1b out", path)
        assert rendered("text", bench.result(found, notices=[notice])) == (
            "dags/\\x1b]0;owned\\x07.txt:1:1: error MW103 constraint-missing\n"
            "  the pin \\x9b31m of\\r\\nyours\n"
            "    |\n"
            "  1 | pandas\\x1b[2J==1 \\u202egnp\\u202c\n"
            "    | ^^^^^^\n"
            "    |\n"
            "  dags/\\x1b]0;owned\\x07.txt:1:11: here\\x00\n"
            "    |\n"
            "  1 | pandas\\x1b[2J==1 \\u202egnp\\u202c\n"
            "    |              ---\n"
            "    |\n"
            "  environment: etl\\x08\n"
            "  help: Drop \\x7f (--fix applies it)\n"
            "\n"
            "notice: dags/\\x1b]0;owned\\x07.txt: watch\\x1b out\n"
            "\n"
            "1 error in 1 file; 1 can be fixed with --fix\n" + EXPLAIN
        )

    @settings(max_examples=150, deadline=None)
    @given(words=st.text(), path=st.text(min_size=1), line=st.text(min_size=1), width=st.integers(0, 200))
    def test_nothing_of_it_is_ever_raw(self, words: str, path: str, line: str, width: int) -> None:
        bench = Bench({path: line.encode("utf-8", "replace")})
        place = Location(path, Span(0, max(len(line) // 2, 1)), note=words)
        found = finding(place, words, related=(place,), environments=(words,), suppression=Suppression("x", words))
        result = bench.result(
            found, notices=[Notice("kind", words, path)], deployments=[deployment(words or None, words)]
        )
        text = rendered("text", result, width=width)
        acting = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"}
        assert [one for one in text.replace("\n", "") if unicodedata.category(one) in acting] == []
