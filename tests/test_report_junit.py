"""JUnit XML: counts that add up, places a person can find, and nothing of a repository that acts as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from mwaalint.findings import Location, Suppression
from tests.reporting import Bench, finding, rendered

if TYPE_CHECKING:
    from mwaalint.engine.result import RunResult

BENCH = Bench({"main.tf": "a\nb\n"})


def suite(result: RunResult, **options: object) -> ET.Element:
    root = ET.fromstring(rendered("junit", result, **options).encode())
    (only,) = root
    return only


def counts(element: ET.Element) -> dict[str, int]:
    return {name: int(element.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}


def test_each_finding_is_a_failed_case_that_names_its_place() -> None:
    read = suite(BENCH.result(finding(BENCH.at("main.tf", "b"), "the worst", environments=("etl",))))
    (case,) = read.iter("testcase")
    (failure,) = case
    assert counts(read) == {"tests": 1, "failures": 1, "errors": 0, "skipped": 0}
    assert case.attrib == {"classname": "main.tf", "name": "MW103 constraint-missing at main.tf:2"}
    assert failure.attrib == {"type": "error", "message": "the worst"}
    assert (failure.text or "").splitlines()[:2] == ["main.tf:2: error the worst", "environment: etl"]


def test_a_clean_run_is_one_passed_case() -> None:
    read = suite(BENCH.result())
    (case,) = read.iter("testcase")
    assert counts(read)["tests"] == 1
    assert list(case) == []
    assert case.attrib["name"].startswith("No problems found")


def test_a_run_without_mwaa_says_so_in_its_only_case() -> None:
    (case,) = suite(BENCH.result(deployments=())).iter("testcase")
    assert case.attrib["name"].startswith("Nothing related to MWAA")


def test_suppressed_findings_are_skipped_cases_with_their_reason() -> None:
    quiet = finding(BENCH.at("main.tf", "a"), suppression=Suppression("inSource", "bursts at midnight"))
    read = suite(BENCH.result(suppressed=[quiet]))
    (skipped,) = read.iter("skipped")
    assert counts(read) == {"tests": 1, "failures": 0, "errors": 0, "skipped": 1}
    assert skipped.attrib["message"] == "bursts at midnight"


def test_a_crash_is_an_error_beside_the_findings() -> None:
    read = suite(BENCH.result(finding(Location("main.tf")), crashed=True))
    assert counts(read) == {"tests": 2, "failures": 1, "errors": 1, "skipped": 0}
    assert [error.attrib["message"] for error in read.iter("error")] == [
        "The result is incomplete: a check crashed (MW002)."
    ]


def test_paths_start_at_the_top_of_the_repository() -> None:
    (case,) = suite(BENCH.result(finding(Location("main.tf"))), path_prefix="infra/").iter("testcase")
    assert case.attrib["classname"] == "infra/main.tf"


@given(st.text())
def test_any_message_is_well_formed(message: str) -> None:
    (case,) = suite(BENCH.result(finding(BENCH.at("main.tf", "a"), message))).iter("testcase")
    assert len(list(case)) == 1
