"""GitLab's code quality report: what its widget needs of each finding."""

from __future__ import annotations

import pytest

from mwaalint.findings import Location, Severity
from tests.reporting import Bench, finding, parsed

BENCH = Bench({"infra/main.tf": "a\nb\nc\n", "ok.txt": "x\n"})


def test_a_finding_is_an_issue_with_gitlabs_members() -> None:
    found = finding(BENCH.at("infra/main.tf", "b\nc"), "two lines")
    assert parsed("gitlab", BENCH.result(found)) == [
        {
            "description": "MW103 constraint-missing: two lines",
            "check_name": "constraint-missing",
            "fingerprint": "f" * 32,
            "severity": "major",
            "location": {"path": "infra/main.tf", "lines": {"begin": 2, "end": 3}},
        }
    ]


@pytest.mark.parametrize(("severity", "word"), [(Severity.ERROR, "major"), (Severity.WARNING, "minor"), (1, "info")])
def test_severities_have_gitlabs_words(severity: Severity, word: str) -> None:
    (issue,) = parsed("gitlab", BENCH.result(finding(BENCH.at("ok.txt", "x"), severity=Severity(severity))))
    assert issue["severity"] == word


def test_a_whole_file_is_shown_at_its_first_line() -> None:
    (issue,) = parsed("gitlab", BENCH.result(finding(Location("ok.txt"))))
    assert issue["location"] == {"path": "ok.txt", "lines": {"begin": 1}}


def test_a_clean_run_is_an_empty_array() -> None:
    assert parsed("gitlab", BENCH.result()) == []


def test_paths_start_at_the_top_of_the_repository() -> None:
    (issue,) = parsed("gitlab", BENCH.result(finding(BENCH.at("ok.txt", "x"))), path_prefix="airflow/")
    assert issue["location"]["path"] == "airflow/ok.txt"


def test_suppressed_findings_are_left_out() -> None:
    assert parsed("gitlab", BENCH.result(suppressed=[finding(BENCH.at("ok.txt", "x"))])) == []


def test_a_name_that_is_no_text_is_still_json() -> None:
    (issue,) = parsed("gitlab", BENCH.result(finding(BENCH.at("ok.txt", "x"), "dag \udcff\x1b[31m")))
    assert "\x1b" not in issue["description"]
