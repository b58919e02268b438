"""SARIF as GitHub's code scanning takes it: what is too much is left out, the least important first, and said."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mwaalint import rulebook
from mwaalint.cli.app import app
from mwaalint.cli.output import write_reports
from mwaalint.findings import Location, Severity, Suppression
from mwaalint.report import ReportOptions, _sarif_limits, load
from mwaalint.report._sarif_rules import rule_object
from mwaalint.rulebook import Rulebook
from tests.reporting import Bench, finding, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

SEVERITIES = (Severity.NOTE, Severity.ERROR, Severity.WARNING)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    write_page(tmp_path, "MW103", "constraint-missing")
    return Bench({"main.tf": "one\ntwo\n"}, Rulebook(tmp_path))


def many(bench: Bench, count: int, **changes: Any) -> list[Finding]:
    place = bench.at("main.tf", "two")
    return [finding(place, f"number {n}", severity=SEVERITIES[n % 3], **changes) for n in range(count)]


def run_of(result: RunResult, remarks: list[str] | None = None, **options: Any) -> Any:
    heard: list[str] = [] if remarks is None else remarks
    text = "".join(load("sarif")(result, ReportOptions(path_prefix="", remark=heard.append, **options)))
    return json.loads(text)["runs"][0]


def told(run: Any) -> list[tuple[str, str]]:
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    return [(one["descriptor"]["id"], one["level"]) for one in notifications]


class TestResults:
    def test_within_the_limits_keep_their_order_and_nothing_is_said(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_sarif_limits, "SHOWN", 6)
        remarks: list[str] = []
        run = run_of(bench.result(*many(bench, 6)), remarks)
        assert [one["message"]["text"] for one in run["results"]] == [f"number {n}" for n in range(6)]
        assert (told(run), remarks) == ([], [])

    def test_that_will_not_all_be_shown_come_worst_first(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_sarif_limits, "SHOWN", 6)
        remarks: list[str] = []
        silenced = many(bench, 1, suppression=Suppression("external"))
        run = run_of(bench.result(*many(bench, 6), suppressed=silenced), remarks)
        assert [one["message"]["text"][-1] for one in run["results"]] == ["1", "4", "2", "5", "0", "3", "0"]
        assert "suppressions" in run["results"][-1]
        assert told(run) == [("results-not-shown", "warning")]
        assert remarks == [
            "GitHub's code scanning shows 6 of the 7 results in the SARIF log; the worst come first in it."
        ]

    def test_that_would_make_github_refuse_the_log_are_left_out(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_sarif_limits, "SHOWN", 2)
        monkeypatch.setattr(_sarif_limits, "RESULTS", 4)
        remarks: list[str] = []
        run = run_of(bench.result(*many(bench, 9)), remarks)
        assert [one["level"] for one in run["results"]] == ["error", "error", "error", "warning"]
        assert told(run) == [("results-left-out", "warning"), ("results-not-shown", "warning")]
        assert remarks[0].startswith("The SARIF log holds 4 of 9 results, the worst of them: ")
        assert remarks[0].endswith("scanning takes no more than 4 results.")
        sentences = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
        assert sentences == remarks

    def test_stop_before_the_compressed_log_is_too_large(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_sarif_limits, "BYTES", 300_000)
        noise = random.Random(7)
        found = [replace(one, message=noise.randbytes(2000).hex()) for one in many(bench, 300)]
        remarks: list[str] = []
        result = bench.result(*found)
        text = "".join(load("sarif")(result, ReportOptions(path_prefix="", remark=remarks.append)))
        # The compressor holds some of it back; the limit leaves room for that.
        assert 290_000 < len(zlib.compress(text.encode())) < 400_000
        run = json.loads(text)["runs"][0]
        count = len(run["results"])
        assert 100 < count < 200
        (remark,) = remarks
        assert remark.startswith(f"The SARIF log holds {count} of 300 results, the worst of them: ")
        assert remark.endswith("takes no more than 10 MB, compressed.")

    def test_the_limits_are_those_that_github_documents(self) -> None:
        limits = (_sarif_limits.RESULTS, _sarif_limits.SHOWN, _sarif_limits.LOCATIONS, _sarif_limits.BYTES)
        assert limits == (25_000, 5_000, 100, 9_500_000)


class TestLocations:
    def test_beyond_those_that_are_shown_are_counted(self, bench: Bench) -> None:
        places = tuple(Location("main.tf", note=f"place {n}") for n in range(130))
        (result,) = run_of(bench.result(finding(Location("main.tf"), "many", related=places)))["results"]
        assert len(result["relatedLocations"]) + len(result["locations"]) == 100
        assert result["message"]["text"].endswith("[place 98](99) and 31 more)")

    def test_are_all_there_when_they_are_few(self, bench: Bench) -> None:
        (result,) = run_of(bench.result(finding(Location("main.tf"), "one", related=(Location("main.tf"),))))["results"]
        assert result["message"]["text"] == "one (see [main.tf](1))"


class TestRules:
    def test_have_no_more_tags_than_github_shows(self, tmp_path: Path) -> None:
        write_page(tmp_path, "MW103", "constraint-missing", tags=", ".join(f"tag-{n}" for n in range(30)))
        bench = Bench({"main.tf": ""}, Rulebook(tmp_path))
        (rule,) = run_of(bench.result(finding(Location("main.tf"))))["tool"]["driver"]["rules"]
        assert len(rule["properties"]["tags"]) == 10

    def test_have_a_security_severity_only_where_it_is_security(self) -> None:
        """It puts an alert among a company's vulnerabilities, where money, speed and failing tasks do not belong."""
        book = rulebook.shipped()
        described = {rule.code: rule_object(book, finding(Location("x"), code=rule.code)) for rule in book.all()}
        secure = {code for code, one in described.items() if "security-severity" in str(one["properties"])}
        assert secure == {rule.code for rule in book.all() if "security" in rule.tags}
        assert {"MW114", "MW230", "MW305", "MW416"} <= secure
        others = {"cost", "performance", "reliability", "workers"}
        assert [code for code in sorted(secure) if others & set(book.rule(code).tags)] == []
        assert len(secure) < len(described) / 10


class TestCategory:
    def id_of(self, bench: Bench, **options: Any) -> Any:
        log = "".join(load("sarif")(bench.result(), ReportOptions(**{"path_prefix": "", **options})))
        return json.loads(log)["runs"][0]["automationDetails"]["id"]

    @pytest.mark.parametrize(
        ("options", "wanted"),
        [
            ({}, "mwaalint/"),
            ({"path_prefix": "infra/dev/"}, "mwaalint/infra/dev/"),
            ({"category": "etl-prod"}, "mwaalint/etl-prod/"),
            ({"path_prefix": "infra/", "category": "/airflow 3/"}, "mwaalint/airflow 3/"),
            ({"category": "a\nb"}, "mwaalint/a\\nb/"),
        ],
    )
    def test_is_the_folder_or_what_is_asked_for(self, bench: Bench, options: dict[str, Any], wanted: str) -> None:
        assert self.id_of(bench, **options) == wanted

    def test_can_be_given_on_the_command_line(self, tmp_path: Path) -> None:
        (tmp_path / "requirements.txt").write_text("")
        done = CliRunner().invoke(app, ["check", str(tmp_path), "--format", "sarif", "--category", "etl-prod"])
        assert json.loads(done.stdout)["runs"][0]["automationDetails"]["id"] == "mwaalint/etl-prod/"

    def test_a_run_without_named_environments_has_no_description(self, bench: Bench) -> None:
        (run,) = [run_of(bench.result(deployments=()))]
        assert run["automationDetails"] == {"id": "mwaalint/"}


def test_what_is_left_out_is_said_on_standard_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(_sarif_limits, "RESULTS", 2)
    monkeypatch.setattr(_sarif_limits, "SHOWN", 2)
    result = bench.result(*many(bench, 3), root=tmp_path)
    write_reports(result, [("sarif", ""), ("sarif", str(tmp_path / "out.sarif"))], ReportOptions())
    streams = capsys.readouterr()
    assert len(json.loads(streams.out)["runs"][0]["results"]) == 2
    assert streams.err.count("notice: The SARIF log holds 2 of 3 results, the worst of them: ") == 2


def test_the_pieces_are_the_log(bench: Bench) -> None:
    """Written as a stream it is the same JSON as the whole object written at once."""
    result = bench.result(*many(bench, 20), suppressed=many(bench, 3, suppression=Suppression("inSource", "why")))
    pieces = list(load("sarif")(result, ReportOptions(path_prefix="")))
    whole = json.loads("".join(pieces))
    assert list(whole) == ["$schema", "version", "runs"]
    assert len(whole["runs"][0]["results"]) == 23
    one_by_one = [json.loads(piece.lstrip(",\n")) for piece in pieces if '"ruleIndex"' in piece]
    assert one_by_one == whole["runs"][0]["results"]
    assert max(map(len, pieces)) < 4000


def peak(result: RunResult) -> int:
    """How much memory writing the log takes at most, in bytes."""
    gc.collect()
    tracemalloc.start()
    try:
        for _ in load("sarif")(result, ReportOptions(path_prefix="")):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_results(bench: Bench) -> None:
    few, more = bench.result(*many(bench, 500)), bench.result(*many(bench, 10_000))
    peak(few)  # what is made once
    # A list of the findings, a machine word each, and their order.
    assert peak(more) - peak(few) < 10_000 * 40
