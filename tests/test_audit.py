"""The audit: what a lead reads first, what is added up, and that what was not checked is never shown as clean."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint import api
from mwaalint.cli.app import app
from mwaalint.engine.result import Notice
from mwaalint.findings import Confidence, Fix, Location, Safety, Severity, Suppression
from mwaalint.model.deployment import Deployment, Target
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known
from mwaalint.report._audit import audit_of, money
from mwaalint.rulebook import shipped
from tests.deployments import ENVIRONMENT, write
from tests.reporting import Bench, finding, rendered

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.report._audit import Audit

TODAY = date(2026, 11, 25)
NASTY = '<script>alert("1")</script>'


def deployment(name: str = "etl", airflow: str = "2.10.3", **arguments: object) -> Deployment:
    place = Location("main.tf")
    values = {argument: Known(value, place) for argument, value in {"name": name, **arguments}.items()}
    environment = Environment("aws_mwaa_environment.main", "terraform", place, **values)  # type: ignore[arg-type]
    return Deployment(Target(airflow, "3.11", "declared", Confidence.HIGH), environment)


def run(*findings: object, **changes: object) -> RunResult:
    bench = Bench({"main.tf": 'resource "x" "y" {\n  a = 1\n}\n'}, shipped())
    usual = bench.result(*findings, deployments=changes.pop("deployments", (deployment(),)))  # type: ignore[arg-type]
    return replace(usual, today=TODAY, **changes)  # type: ignore[arg-type]


def audit(*findings: object, **changes: object) -> Audit:
    return audit_of(run(*findings, **changes))


def saving(monthly: object, symbol: str = "aws_mwaa_environment.main.min_workers", code: str = "MW231") -> object:
    place = Location("main.tf", symbol=symbol)
    return finding(place, code=code, args={"monthly": monthly, "arithmetic": "2 × $0.11 × 730 h"})


class TestEnvironments:
    def test_a_row_says_what_runs_and_what_it_costs(self) -> None:
        (row,) = audit(
            deployments=(deployment(environment_class="mw1.medium", min_workers=2, max_workers=5),)
        ).environments
        assert (row.label, row.airflow, row.size, row.workers, row.place) == (
            "etl",
            "2.10.3",
            "mw1.medium",
            "2 – 5",
            "main.tf",
        )
        assert row.bill is not None
        assert row.bill.monthly == Decimal("620.50")

    @pytest.mark.parametrize(("airflow", "support"), [("2.5.1", "ended"), ("3.3.1", "supported"), ("9.9.9", "unknown")])
    def test_support_is_judged_by_the_day(self, airflow: str, support: str) -> None:
        (row,) = audit(deployments=(deployment(airflow=airflow),)).environments
        assert row.support == support

    def test_an_end_within_half_a_year_is_soon(self) -> None:
        release = audit().releases[0]
        assert release.end_of_support is not None
        (row,) = audit_of(
            replace(
                run(deployments=(deployment(airflow=release.airflow),)),
                today=release.end_of_support.replace(day=1),
            )
        ).environments
        assert row.support == "ends soon"


class TestMoney:
    def test_savings_add_up_the_dearest_first(self) -> None:
        found = audit(saving("10"), saving(Decimal("160.60"), "aws_mwaa_environment.main.environment_class", "MW218"))
        assert [each.monthly for each in found.savings] == [Decimal("160.60"), Decimal(10)]
        assert found.saved == Decimal("170.60")

    def test_two_findings_on_one_argument_are_alternatives(self) -> None:
        assert audit(saving("10"), saving("30", code="MW237")).saved == Decimal(30)

    @pytest.mark.parametrize("amount", ["", "nothing", None, "0", "-5"])
    def test_what_is_no_amount_is_no_saving(self, amount: object) -> None:
        assert audit(saving(amount)).savings == ()

    def test_amounts_are_whole_dollars(self) -> None:
        assert money(Decimal("1124.20")) == "$1,124"
        assert money(Decimal("182.50")) == "$183", "as in the message of the finding"


class TestWhatWasNotChecked:
    def test_a_family_that_had_nothing_to_look_at_is_not_called_clean(self) -> None:
        for format_name in ("html", "markdown"):
            text = rendered(format_name, run(ran=frozenset({"MW103"})))
            assert "Not checked: nothing here for its" in text
            assert "Nothing found; 1 of" in text

    def test_rules_that_could_not_finish_are_counted(self) -> None:
        text = rendered("markdown", run(ran=frozenset({"MW103"}), unfinished=frozenset({"MW103"})))
        assert "1 rule could not check all of it" in text

    def test_files_that_were_left_out_and_notices_are_listed(self) -> None:
        left_out = finding(Location("big.py"), "not analyzed: too large", code="MW001", name="not-analyzed")
        notice = Notice("version", "12 rules were skipped: the version is not known")
        assert audit(left_out, notices=(notice,)).not_analysed == ("big.py: not analyzed: too large", notice.message)
        page = rendered("html", run(left_out, notices=(notice,)))
        assert "2 things could not be analyzed" in page

    def test_a_crash_and_a_run_without_mwaa_head_the_page(self) -> None:
        assert 'class="alarm">The result is incomplete' in rendered("html", run(crashed=True))
        assert 'class="alarm">Nothing related to MWAA' in rendered("html", run(deployments=()))
        assert "Nothing related to MWAA" in rendered("markdown", run(deployments=()))

    def test_suppressed_findings_are_told_with_their_reason(self) -> None:
        quiet = replace(finding(Location("main.tf")), suppression=Suppression("inSource", "bursts"))
        page = rendered("html", run(suppressed=(quiet,)))
        assert "1 finding suppressed" in page
        assert "MW103 constraint-missing at main.tf: bursts" in page


class TestThePage:
    def test_it_has_no_script_and_loads_nothing(self) -> None:
        read = Page(rendered("html", run(saving("10"), deployments=(deployment(environment_class="mw1.small"),))))
        assert read.tags.isdisjoint({"script", "img", "link", "iframe", "object", "embed", "form"})
        assert read.handlers == set()
        assert "default-src 'none'" in read.text

    @pytest.mark.parametrize("format_name", ["html", "markdown"])
    def test_words_of_the_repository_do_nothing(self, format_name: str) -> None:
        found = finding(
            Location(f"{NASTY}.tf"), f"{NASTY} `{NASTY}`", environments=(NASTY,), related=(Location(NASTY, note=NASTY),)
        )
        text = rendered(format_name, run(found, deployments=(deployment(NASTY),), notices=(Notice("x", NASTY),)))
        outside_code = re.sub(r"`[^`]*`", "", text) if format_name == "markdown" else text
        assert "<script>" not in outside_code

    @given(st.text())
    @settings(max_examples=50, deadline=None)
    def test_any_name_leaves_a_page_whose_elements_are_closed(self, name: str) -> None:
        found = finding(Location("main.tf"), name)
        read = Page(rendered("html", run(found, deployments=(deployment(name, environment_class="mw1.small"),))))
        assert read.open == []

    def test_a_finding_shows_its_code_why_and_fix(self) -> None:
        place = Bench({"main.tf": 'resource "x" "y" {\n  a = 1\n}\n'}).at("main.tf", "a = 1")
        page = rendered("html", run(finding(place, environments=("etl",))))
        assert "<i>2</i>  a = 1" in page
        assert "<dt>Why</dt><dd>" in page
        assert "<dt>Fix</dt><dd>Start the file with" in page

    @pytest.mark.parametrize(
        ("message", "shown"),
        [
            ("it logs *No <constraints>.* and goes on", "it logs <em>No &lt;constraints&gt;.</em> and goes on"),
            ("glue:*, s3:* and logs:* on *: all", "glue:*, s3:* and logs:* on *: all"),
            ("`s3:*` and `a*b` on *", "<code>s3:*</code> and <code>a*b</code> on *"),
            ("3 * 4 * 5 hours", "3 * 4 * 5 hours"),
        ],
    )
    def test_emphasis_and_code_are_shown_as_such(self, message: str, shown: str) -> None:
        assert f"<p>{shown}</p>" in rendered("html", run(finding(Location("main.tf"), message)))

    def test_the_line_of_a_secret_is_kept_out(self) -> None:
        place = Bench({"main.tf": 'resource "x" "y" {\n  a = 1\n}\n'}).at("main.tf", "a = 1")
        assert "a = 1" not in rendered("html", run(finding(place, code="MW230", name="plaintext-secret-in-options")))

    def test_every_link_within_the_page_leads_somewhere(self) -> None:
        read = Page(rendered("html", run(saving("10"), finding(Location("main.tf"), severity=Severity.NOTE))))
        assert {target for target in read.links if target.startswith("#")} <= {f"#{name}" for name in read.ids}


class TestMarkdown:
    def test_code_in_advice_stays_code(self) -> None:
        fix = Fix("Set `a_b` as in *b*", Safety.SAFE, ())
        assert "  - Fix: Set `a_b` as in \\*b\\*\n" in rendered(
            "markdown", run(finding(Location("main.tf"), fixes=(fix,)))
        )

    def test_the_tables_have_as_many_cells_as_heads(self) -> None:
        name = "a|b\\c"
        text = rendered("markdown", run(saving("10"), deployments=(deployment(name, environment_class="mw1.small"),)))
        tables = [line for line in text.splitlines() if line.startswith("|")]
        counts = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in tables]
        assert counts == [8, 8, 8, 5, 5, 5]

    def test_a_finding_says_where_why_and_what_to_do(self) -> None:
        text = rendered("markdown", run(finding(Location("main.tf"), environments=("etl",))))
        assert "- **error** [MW103 constraint-missing](https://github.com/" in text
        assert "at `main.tf`: no constraint line" in text
        assert "  - Environments: etl\n  - Why: " in text
        assert "  - Fix: Start the file with" in text

    def test_a_family_comes_once_with_the_worst_first(self) -> None:
        mild = finding(Location("main.tf"), "the mild one", severity=Severity.NOTE)
        text = rendered("markdown", run(mild, finding(Location("main.tf"), "the bad one")))
        assert text.count("### requirements") == 1
        assert text.index("the bad one") < text.index("the mild one")


class Page(HTMLParser):
    """The page as a browser would read it: its elements, and which are still open at the end."""

    _VOID = frozenset({"meta", "line", "rect", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.tags: set[str] = set()
        self.handlers: set[str] = set()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}
        self.links |= {value or "" for name, value in attrs if name == "href"}
        self.ids |= {value or "" for name, value in attrs if name == "id"}
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID:
            assert self.open.pop() == tag


def mwaalint(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


class TestTheCommand:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        return write(tmp_path / "project", main__tf=ENVIRONMENT, requirements__txt="SQLAlchemy==2.0.30\n")

    @pytest.mark.parametrize("name", ["report.html", "report.md", "REPORT.HTM"])
    def test_the_ending_decides_the_format(self, project: Path, tmp_path: Path, name: str) -> None:
        result = mwaalint("audit", project, "-o", tmp_path / name)
        assert (result.exit_code, result.output.splitlines()[0]) == (0, f"Wrote {tmp_path / name}.")
        assert "MW111" in (tmp_path / name).read_text(encoding="utf-8")

    def test_another_ending_is_wrong_usage(self, project: Path, tmp_path: Path) -> None:
        result = mwaalint("audit", project, "-o", tmp_path / "report.pdf")
        assert result.exit_code == 2
        assert "an audit file ends in .html or .md" in result.output

    def test_a_folder_that_is_not_there_is_wrong_usage(self, project: Path, tmp_path: Path) -> None:
        result = mwaalint("audit", project, "-o", tmp_path / "nowhere" / "report.html")
        assert result.exit_code == 2
        assert "could not be written" in result.output

    def test_an_upgrade_is_judged_by_its_target(self, project: Path, tmp_path: Path) -> None:
        assert mwaalint("audit", project, "-o", tmp_path / "r.md", "--airflow-version", "3.2.1").exit_code == 0
        assert "| 2.10.3 → 3.2.1 |" in (tmp_path / "r.md").read_text(encoding="utf-8")

    def test_the_same_run_gives_the_same_page(self, project: Path) -> None:
        pages = {rendered("html", api.check(project, today=TODAY)) for _ in range(2)}
        assert len(pages) == 1
