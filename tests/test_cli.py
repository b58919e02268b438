"""The command line as a user meets it: output, exit codes, files written."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from mwaalint import __version__, report
from mwaalint.checks._api import Check, Context
from mwaalint.cli.app import app
from mwaalint.engine import run as engine
from mwaalint.model.deployment import Deployment
from mwaalint.rulebook import shipped
from tests.deployments import CONSTRAINT, ENVIRONMENT, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mwaalint.findings import Finding

QUIET = CONSTRAINT + "snowflake-connector-python==3.12.3\n"


def mwaalint(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=QUIET)


def test_a_clean_project_exits_with_0_and_says_what_was_looked_at(project: Path) -> None:
    result = mwaalint("check", project)
    assert result.exit_code == 0
    assert "etl" in result.output
    assert "2.10.3" in result.output


def test_an_error_exits_with_1_and_names_file_line_and_rule(project: Path) -> None:
    write(project, requirements__txt="snowflake-connector-python==3.12.0\n")
    result = mwaalint("check", project)
    assert result.exit_code == 1
    assert "MW103" in result.output
    assert "requirements.txt:1" in result.output


def test_what_counts_as_failure_can_be_chosen(project: Path) -> None:
    write(project, main__tf=ENVIRONMENT.replace('"mw1.small"', '"mw1.small"\n  min_workers = 3\n  max_workers = 9'))
    assert mwaalint("check", project).exit_code == 1
    assert mwaalint("check", project, "--fail-on", "error").exit_code == 0
    assert mwaalint("check", project, "--fail-on", "never").exit_code == 0
    assert "MW231" in mwaalint("check", project, "--fail-on", "never").output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--select", "MW999"], "unknown rule 'MW999'"),
        (["--airflow-version", "2.10"], "airflow-version is a full version"),
        (["--airflow-version", ""], "airflow-version is a full version"),
        (
            ["--format", "pdf"],
            "unknown format 'pdf'; known: github, gitlab, html, json, junit, markdown, sarif, statistics, text",
        ),
        (["--format", "sarif=nowhere/at/all.sarif"], "nowhere/at/all.sarif: the report could not be written: No such"),
        (["--unsafe-fixes"], "--unsafe-fixes needs --fix or --diff"),
        (["--diff", "--format", "json"], "--diff shows changes instead of a report"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(project: Path, arguments: list[str], complaint: str) -> None:
    result = mwaalint("check", project, *arguments)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())


def test_wrong_settings_exit_with_2_and_name_the_file(project: Path) -> None:
    (project / "mwaalint.toml").write_text("selct = []\n")
    result = mwaalint("check", project)
    assert result.exit_code == 2
    assert "unknown setting 'selct'; did you mean 'select'?" in result.output
    assert "mwaalint.toml" in result.output


def test_a_complaint_acts_on_no_terminal(project: Path) -> None:
    write(project, mwaalint__toml='baseline = "gone\\u001b[2J.json"\n')
    result = mwaalint("check", project)
    assert result.exit_code == 2
    assert "gone\\x1b[2J.json: this baseline does not exist" in result.output


def test_two_folders_are_two_runs(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    result = mwaalint("check", project, tmp_path_factory.mktemp("other"))
    assert result.exit_code == 2
    assert "give one folder" in result.output


def test_a_check_that_crashes_exits_with_3_in_every_format(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(subject: object, ctx: Context) -> Iterator[Finding]:
        if subject is not None:
            raise ValueError("boom")
        yield from ()

    monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW231", Deployment, crash, False)])
    for name in ("text", "json", "sarif", "github"):
        result = mwaalint("check", project, "--format", name)
        assert result.exit_code == 3, name
        assert "MW002" in result.output, name


def test_several_formats_at_once_and_into_files(project: Path, tmp_path: Path) -> None:
    write(project, requirements__txt="six\n")
    sarif = tmp_path / "out.sarif"
    result = mwaalint("check", project, "--format", "text", "--format", f"sarif={sarif}")
    assert "MW103" in result.output
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert result.exit_code == 1


def test_a_file_is_checked_within_its_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        project,
        requirements__txt="six\n",
        main__tf=ENVIRONMENT.replace('"mw1.small"', '"mw1.small"\n  min_workers = 3\n  max_workers = 9'),
    )
    monkeypatch.chdir(project)
    result = mwaalint("check", "requirements.txt")
    assert "MW103" in result.output
    assert "MW231" not in result.output


def test_fix_repairs_the_file_and_a_second_run_changes_nothing(project: Path) -> None:
    write(project, requirements__txt="snowflake-connector-python==3.12.3\n")
    first = mwaalint("check", project, "--fix")
    assert first.exit_code == 0
    assert (project / "requirements.txt").read_text() == QUIET
    assert "Fixed 1 problem in requirements.txt." in first.output
    again = mwaalint("check", project, "--fix")
    assert "Fixed" not in again.output
    assert (project / "requirements.txt").read_text() == QUIET


def test_diff_shows_the_repair_and_changes_nothing(project: Path) -> None:
    write(project, requirements__txt="snowflake-connector-python==3.12.3\n")
    result = mwaalint("check", project, "--diff")
    assert "+" + CONSTRAINT in result.output
    assert "--- a/requirements.txt" in result.output
    assert (project / "requirements.txt").read_text() == "snowflake-connector-python==3.12.3\n"


def test_a_diff_leaves_the_findings_standing(project: Path) -> None:
    write(project, requirements__txt="snowflake-connector-python==3.12.3\n")
    assert mwaalint("check", project, "--diff").exit_code == 1
    assert mwaalint("check", project, "--diff", "--fail-on", "never").exit_code == 0


def test_a_crash_shows_beside_a_diff(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(subject: object, ctx: Context) -> Iterator[Finding]:
        if subject is not None:
            raise ValueError("boom")
        yield from ()

    monkeypatch.setattr(engine, "checks_for", lambda _: [Check("MW231", Deployment, crash, False)])
    result = mwaalint("check", project, "--diff")
    assert result.exit_code == 3
    assert "The result is incomplete: a check crashed (MW002)" in result.output


def test_wrong_usage_is_noticed_before_anything_is_fixed(project: Path) -> None:
    write(project, requirements__txt="snowflake-connector-python==3.12.3\n")
    assert mwaalint("check", project, "--fix", "--format", "pdf").exit_code == 2
    assert (project / "requirements.txt").read_text() == "snowflake-connector-python==3.12.3\n"


def test_a_fix_that_cannot_be_written_is_a_sentence(project: Path) -> None:
    write(project, requirements__txt="snowflake-connector-python==3.12.3\n")
    (project / "requirements.txt").chmod(0o444)
    result = mwaalint("check", project, "--fix")
    assert result.exit_code == 2
    assert "requirements.txt: the fix could not be written: it is read-only" in result.output
    assert (project / "requirements.txt").read_text() == "snowflake-connector-python==3.12.3\n"


def test_a_project_with_nothing_of_mwaa_says_so_in_every_format(tmp_path: Path) -> None:
    write(tmp_path, notes__md="nothing")
    for name in ("text", "sarif", "github"):
        assert "Nothing related to MWAA was found" in mwaalint("check", tmp_path, "--format", name).output, name


def test_rules_are_listed_with_code_severity_and_name() -> None:
    lines = mwaalint("rules").output.splitlines()
    assert any(line.startswith("MW103  error    safe    constraint-missing") for line in lines)
    assert all(
        line.startswith(("MW1", "MW0")) for line in mwaalint("rules", "--family", "requirements").output.splitlines()
    )


def test_a_family_that_is_none_is_answered_with_those_there_are() -> None:
    result = mwaalint("rules", "--family", "colours")
    assert result.exit_code == 2
    families = sorted(page.parent.name for page in shipped().pages.values())
    assert f"known: {', '.join(dict.fromkeys(families))}" in " ".join(result.output.split())


@pytest.mark.parametrize("word", ["MW103", "mw103", "constraint-missing"])
def test_a_rule_is_explained_by_code_or_name(word: str) -> None:
    output = mwaalint("explain", word).output
    assert output.startswith("# MW103 constraint-missing: ")
    assert "## Why it matters on MWAA" in output
    assert "## Sources" in output
    assert "file=" not in output
    assert "expect:" not in output


def test_explaining_an_unknown_rule_suggests_one() -> None:
    result = mwaalint("explain", "constraint-mising")
    assert result.exit_code == 2
    assert "did you mean 'constraint-missing'?" in result.output


def test_the_version_is_told() -> None:
    assert mwaalint("--version").output == f"mwaalint, version {__version__}\n"


def imported(*arguments: str, cwd: Path | None = None) -> set[str]:
    """The modules a fresh process has imported when the command line ends."""
    program = (
        "import sys\n"
        f"sys.argv = ['mwaalint', *{list(arguments)!r}]\n"
        "from mwaalint.cli import run\n"
        "run()\n"
        "print('MODULES', *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=cwd)
    return set(done.stderr.rpartition("MODULES ")[2].split())


HEAVY = {"yaml", "libcst", "tree_sitter", "tree_sitter_hcl", "pip_requirements_parser", "packaging"}


def test_the_version_costs_no_heavy_import() -> None:
    assert imported("--version") & HEAVY == set()


def test_a_parser_is_imported_only_for_files_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_mwaa_environment" "etl" {\n  airflow_version = "2.10.3"\n}\n')
    loaded = imported("check", str(tmp_path))
    assert "tree_sitter" in loaded
    assert "pip_requirements_parser" not in loaded


def test_an_empty_project_needs_no_parser_at_all(tmp_path: Path) -> None:
    assert imported("check", str(tmp_path)) & HEAVY == set()


def test_an_internal_error_is_a_sentence_and_exits_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mwaalint import cli

    def fail() -> None:
        raise RuntimeError("unthinkable")

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.delenv("MWAALINT_DEBUG", raising=False)
    assert cli.run() == 3
    error = capsys.readouterr().err
    assert error.startswith("mwaalint: internal error: RuntimeError: unthinkable\n")
    assert "Traceback" not in error


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    program = "from mwaalint.cli import main; main()"
    words = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_process_ends_with_the_exit_code_and_all_of_its_output(project: Path) -> None:
    write(project, requirements__txt="six\n")
    done = process("check", project)
    assert done.returncode == 1
    assert done.stdout.rstrip().endswith("mwaalint explain MW103")
    assert process("--version").stdout == f"mwaalint, version {__version__}\n"
    assert process("check", project, "--select", "MW999").returncode == 2


def test_a_reader_that_goes_away_gets_no_traceback(project: Path) -> None:
    write(project, requirements__txt="six\n")
    program = "from mwaalint.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "check", str(project)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


def test_the_help_names_every_format() -> None:
    shown = mwaalint("check", "--help").output
    assert [name for name in report.FORMATS if name not in shown] == []


def test_python_dash_m_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "mwaalint", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"mwaalint, version {__version__}\n"
