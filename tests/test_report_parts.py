"""What the reports share: the formats, the options, the pages and the paths."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mwaalint import report
from mwaalint.findings import Location, Severity
from mwaalint.report import ReportOptions
from mwaalint.report._pages import first_paragraph, first_sentence, page_address, rule_of, section
from mwaalint.report._places import repository_prefix
from mwaalint.rulebook import Rulebook
from tests.reporting import Bench, finding, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.rulebook import Rule


class TestFormats:
    def test_are_the_modules_that_are_there(self) -> None:
        known = ("github", "gitlab", "html", "json", "junit", "markdown", "sarif", "statistics", "text")
        assert report.FORMATS == report.formats() == known

    @pytest.mark.parametrize("name", ["_terminal", "pdf", "report.text"])
    def test_no_others_can_be_loaded(self, name: str) -> None:
        with pytest.raises(KeyError, match=name):
            report.load(name)

    def test_are_imported_only_when_asked_for(self) -> None:
        program = (
            "import sys; from mwaalint import report; report.load('text')\n"
            "print(sorted(m for m in sys.modules if m.startswith('mwaalint.report.') and '._' not in m))\n"
            "print(sorted({'yaml', 'tree_sitter', 'json', 'packaging'} & set(sys.modules)))"
        )
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert result.stdout == "['mwaalint.report.text']\n[]\n"


class TestOptions:
    @pytest.mark.parametrize(
        ("terminal", "no_color", "asked", "color"),
        [
            (True, "", None, True),
            (True, "1", None, False),
            (True, "1", True, True),
            (True, "", False, False),
            (False, "", None, False),
            (False, "", True, True),
        ],
    )
    def test_colour_is_for_terminals_unless_told(
        self, monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, asked: bool | None, color: bool
    ) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
        monkeypatch.setenv("NO_COLOR", no_color)
        assert ReportOptions.detect(color=asked).color is color

    @pytest.mark.parametrize(
        ("terminal", "columns", "width"), [(True, "72", 72), (True, "300", 120), (False, "72", 100)]
    )
    def test_width_is_the_terminals_up_to_what_reads_well(
        self, monkeypatch: pytest.MonkeyPatch, terminal: bool, columns: str, width: int
    ) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
        monkeypatch.setenv("COLUMNS", columns)
        assert ReportOptions.detect().width == width

    def test_a_file_gets_neither_colour_nor_the_width_of_the_terminal(self) -> None:
        options = ReportOptions(color=True, width=72, hyperlinks=True, show_suppressed=True, path_prefix="infra/")
        assert options.for_file() == ReportOptions(show_suppressed=True, path_prefix="infra/")


class TestRunResult:
    @pytest.mark.parametrize(
        ("worst", "threshold", "fails"),
        [
            (Severity.NOTE, Severity.NOTE, True),
            (Severity.NOTE, Severity.WARNING, False),
            (Severity.WARNING, Severity.WARNING, True),
            (Severity.ERROR, Severity.WARNING, True),
        ],
    )
    def test_fails_from_the_threshold_on(self, worst: Severity, threshold: Severity, fails: bool) -> None:
        place = Location("main.tf")
        result = Bench({"main.tf": ""}).result(finding(place, severity=Severity.NOTE), finding(place, severity=worst))
        assert result.fails(threshold) is fails

    def test_does_not_fail_for_what_is_suppressed(self) -> None:
        result = Bench({"main.tf": ""}).result(suppressed=[finding(Location("main.tf"))])
        assert result.fails(Severity.NOTE) is False


class TestRepositoryPrefix:
    def test_leads_from_the_top_of_the_repository(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "infra" / "dev").mkdir(parents=True)
        assert repository_prefix(tmp_path / "infra" / "dev") == "infra/dev/"
        assert repository_prefix(tmp_path) == ""

    def test_knows_the_file_that_work_trees_and_submodules_have(self, tmp_path: Path) -> None:
        (tmp_path / "module" / "dags").mkdir(parents=True)
        (tmp_path / ".git").mkdir()
        (tmp_path / "module" / ".git").write_text("gitdir: ../.git/modules/module\n")
        assert repository_prefix(tmp_path / "module" / "dags") == "dags/"

    def test_follows_a_link_to_where_it_leads(self, tmp_path: Path) -> None:
        (tmp_path / "repository" / ".git").mkdir(parents=True)
        (tmp_path / "repository" / "infra").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "repository" / "infra")
        assert repository_prefix(tmp_path / "link") == "infra/"

    def test_is_nothing_outside_of_git(self, tmp_path: Path) -> None:
        (tmp_path / "infra").mkdir()
        assert repository_prefix(tmp_path / "infra") == ""


class TestPages:
    def rule(self, folder: Path, **parts: str) -> Rule:
        write_page(folder, "MW103", "constraint-missing", **parts)
        found = rule_of(Rulebook(folder), "MW103")
        assert found is not None
        return found

    def test_an_unknown_code_has_none(self, tmp_path: Path) -> None:
        assert rule_of(Rulebook(tmp_path), "MW103") is None

    def test_a_page_of_another_encoding_is_none(self, tmp_path: Path) -> None:
        self.rule(tmp_path)
        page = tmp_path / "requirements" / "MW103-constraint-missing.md"
        page.write_bytes(page.read_bytes() + b"\xff")
        assert rule_of(Rulebook(tmp_path), "MW103") is None

    def test_have_an_address(self, tmp_path: Path) -> None:
        assert page_address(self.rule(tmp_path, family="local runner")) == (
            "https://github.com/mwaalint/mwaalint/blob/main/rules/local%20runner/MW103-constraint-missing.md"
        )

    def test_a_section_ends_at_the_next_heading_of_its_level(self, tmp_path: Path) -> None:
        rule = self.rule(tmp_path, fix="First.\n\n### In Terraform\n\nSecond.\n")
        assert section(rule, "How to fix it") == "First.\n\n### In Terraform\n\nSecond."
        assert section(rule, "Why it matters on MWAA") == "Because."
        assert section(rule, "Fix safety") == ""

    def test_what_stands_in_a_fence_is_no_heading(self, tmp_path: Path) -> None:
        fenced = "First.\n\n````text\n## a comment\n```\n# another\n````\n\nSecond.\n\n~~~\n## third\n~~~\n"
        assert section(self.rule(tmp_path, fix=fenced), "How to fix it") == fenced.strip()

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Pin it. Then deploy.", "Pin it."),
            ("Pin it to 2.10.3. `pip` takes the rest.", "Pin it to 2.10.3."),
            ("Pin it, e.g. Pandas. Then deploy.", "Pin it, e.g. Pandas."),
            ("Pin it\nto the [constraint](https://example.com/a.b).\n\nMore.", "Pin it to the constraint."),
            ("- Pin it, or\n  so.\n- Drop it", "Pin it, or so."),
            ("1. Pin it\n2. Drop it", "Pin it"),
            ("Pin it or drop it.\n- Pin\n- Drop", "Pin it or drop it."),
            ("### In Terraform\n\nPin it.", ""),
            ("Is it needed? No.", "Is it needed?"),
            ("No full stop", "No full stop"),
            ("Name both services:\n\n```hcl\n```", "Name both services."),
            ("```text\nPin it.\n```\nMore.", ""),
        ],
    )
    def test_the_first_sentence_of_a_section_is_plain(self, tmp_path: Path, text: str, sentence: str) -> None:
        assert first_sentence(self.rule(tmp_path, fix=text), "How to fix it") == sentence

    @pytest.mark.parametrize(
        ("text", "paragraph"),
        [
            ("pip stops.\nIt installs [nothing](https://example.com).\n\nMore.", "pip stops. It installs nothing."),
            ("pip stops. What is next hangs on the file:\n\n- a\n- b", "pip stops."),
            ("What is next hangs on the file:\n\n- a", "What is next hangs on the file."),
            ("", ""),
        ],
    )
    def test_the_first_paragraph_of_a_section_leads_to_nothing_that_is_not_there(
        self, tmp_path: Path, text: str, paragraph: str
    ) -> None:
        assert first_paragraph(self.rule(tmp_path, fix=text), "How to fix it") == paragraph

    def test_a_missing_section_has_no_sentence(self, tmp_path: Path) -> None:
        assert first_sentence(self.rule(tmp_path), "Fix safety") == ""
