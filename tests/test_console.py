"""Terminals, pipes and code pages: what each gets, and that none makes a run fail."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from mwaalint import report
from mwaalint.cli import console, output
from mwaalint.cli.app import app
from mwaalint.cli.checking import shown_base
from mwaalint.engine.counted import Counted
from mwaalint.findings import Location
from mwaalint.report import ReportOptions
from mwaalint.report._places import in_repository, repository_prefix
from mwaalint.rulebook import Rulebook
from tests.reporting import Bench, finding, rendered, write_page

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = {"PYTHONPATH": str(Path(__file__).parent.parent)}
TERMINAL = {"TERM": "xterm-256color", "COLUMNS": "80"}
LINK = "\x1b]8;;"


@pytest.fixture
def etl(tmp_path: Path) -> Path:
    """A deployment with a finding and a name that no code page but UTF-8 has."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_mwaa_environment" "etl" {\n  name = "etl-漢"\n  airflow_version = "2.10.3"\n'
        '  environment_class = "mw1.medium"\n  min_workers = 3\n  max_workers = 5\n'
        '  requirements_s3_path = "requirements.txt"\n}\n',
        encoding="utf-8",
    )
    (tmp_path / "requirements.txt").write_text("pandas\n")
    return tmp_path


def stream(encoding: str, *, terminal: bool = False) -> io.TextIOWrapper:
    """A standard output of Windows: a code page, and newlines that are translated."""
    made = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\r\n")
    if terminal:
        made.isatty = lambda: True  # type: ignore[method-assign]
    console.prepare(made)
    return made


def written(made: io.TextIOWrapper) -> bytes:
    made.flush()
    assert isinstance(made.buffer, io.BytesIO)
    return made.buffer.getvalue()


class TestCodePages:
    @pytest.mark.parametrize(
        ("encoding", "shown"),
        [
            ("cp1252", b"\x97 costs ~ $183 (2 \xd7 $0.11) \x85 \\u6f22 ->\n"),
            ("ascii", b"- costs ~ $183 (2 x $0.11) ... \\u6f22 ->\n"),
            ("utf-8", "— costs ≈ $183 (2 × $0.11) … 漢 →\n".encode()),
        ],
    )
    def test_show_what_they_can_and_the_rest_plainly(self, encoding: str, shown: bytes) -> None:
        made = stream(encoding)
        made.write("— costs ≈ $183 (2 × $0.11) … 漢 →\n")
        assert written(made) == shown

    def test_never_fail(self) -> None:
        made = stream("cp437")
        made.write("".join(map(chr, range(0x3000))) + "\udc80")
        assert rb"\u2fff" in written(made)

    def test_an_error_of_another_kind_is_none_of_theirs(self) -> None:
        with pytest.raises(UnicodeDecodeError):
            console._plainly(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "broken"))

    def test_pipes_keep_newlines_and_terminals_do_as_they_do(self) -> None:
        piped, shown = stream("cp1252"), stream("cp1252", terminal=True)
        for made in (piped, shown):
            made.write("one\ntwo\n")
        assert written(piped) == b"one\ntwo\n"
        assert written(shown).replace(b"\r", b"") == b"one\ntwo\n"

    def test_something_else_than_a_stream_of_text_is_left_alone(self) -> None:
        text = io.StringIO()
        console.prepare(text)
        text.write("≈\n")
        assert text.getvalue() == "≈\n"


def run(etl: Path, *arguments: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **OURS, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "mwaalint", *arguments]
    return subprocess.run(command, capture_output=True, cwd=etl, env=environment, check=False)


class TestPipesOfAnotherCodePage:
    def test_get_text_in_it(self, etl: Path) -> None:
        done = run(etl, "check", encoding="cp1252")
        assert done.returncode == 1, done.stderr
        assert b"\\u6f22" in done.stdout
        assert b" ~ $" in done.stdout
        assert done.stderr == b""

    @pytest.mark.parametrize("name", ["json", "sarif", "gitlab", "junit", "html", "markdown", "github"])
    def test_get_formats_for_programs_in_utf_8(self, etl: Path, name: str) -> None:
        done = run(etl, "check", "--format", name, encoding="cp1252")
        assert done.returncode == 1, done.stderr
        text = done.stdout.decode("utf-8")
        assert b"\r" not in done.stdout
        assert name == "gitlab" or ("\\u6f22" if name in ("json", "sarif") else "漢") in text
        if name == "junit":
            assert ElementTree.fromstring(done.stdout).tag == "testsuites"

    def test_get_a_diff_that_can_be_applied(self, etl: Path) -> None:
        requirements = "# 漢 → naïve\r\napache-airflow==2.9.2\r\n"
        (etl / "requirements.txt").write_bytes(requirements.encode())
        done = run(etl, "check", "--diff", encoding="cp1252")
        assert b"+apache-airflow==2.10.3\r\n" in done.stdout
        (etl / "fix.patch").write_bytes(done.stdout)
        subprocess.run(["git", "apply", "--unsafe-paths", "fix.patch"], cwd=etl, check=True, capture_output=True)
        assert "apache-airflow==2.10.3\r\n" in (etl / "requirements.txt").read_bytes().decode()


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is made as Unix makes it")
class TestTerminal:
    def shown(self, folder: Path, *arguments: str, **environment: str) -> str:
        """What a command writes to a terminal."""
        import pty

        ours, theirs = pty.openpty()
        plain = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "TERM_PROGRAM")}
        command = [sys.executable, "-m", "mwaalint", *arguments]
        process = subprocess.Popen(
            command,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            stdin=theirs,
            cwd=folder,
            env={**plain, **OURS, **TERMINAL, **environment},
        )
        os.close(theirs)
        pieces = list(iter(lambda: _read(ours), b""))
        process.wait()
        os.close(ours)
        return b"".join(pieces).decode("utf-8").replace("\r\n", "\n")

    def test_has_colour_and_links_to_the_page_and_the_file(self, etl: Path) -> None:
        text = self.shown(etl, "check")
        assert "\x1b[1;33mwarning\x1b[0m" in text
        assert f"{LINK}https://github.com/mwaalint/mwaalint/blob/main/rules/environment/MW231-" in text
        assert f"{LINK}{(etl / 'main.tf').resolve().as_uri()}#5\x1b\\" in text

    @pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_may_want_nothing_of_it(self, etl: Path, environment: dict[str, str]) -> None:
        assert "\x1b" not in self.shown(etl, "check", **environment)

    def test_no_color_turns_links_off_too(self, etl: Path) -> None:
        assert "\x1b" not in self.shown(etl, "check", "--no-color")

    @pytest.mark.parametrize("environment", [{"CI": "true"}, {"TERM": "linux"}])
    def test_colour_without_links_where_nobody_can_follow_them(self, etl: Path, environment: dict[str, str]) -> None:
        text = self.shown(etl, "check", **environment)
        assert "\x1b[1;33mwarning\x1b[0m" in text
        assert LINK not in text

    def test_a_rule_is_paged_with_the_pager_of_the_environment(self, etl: Path) -> None:
        text = self.shown(etl, "explain", "MW103", PAGER="sed s/^/paged:/", LINES="24")
        assert "paged:" in text
        prose = [line for line in text.partition("## Examples")[0].splitlines() if "https://" not in line]
        assert max(map(len, prose)) <= 80 + len("paged:") + len("\x1b[1m\x1b[0m")

    def test_a_page_that_fits_is_not_paged(self, etl: Path) -> None:
        assert "paged:" not in self.shown(etl, "explain", "MW002", PAGER="sed s/^/paged:/", LINES="500")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


class TestDetection:
    def detect(self, monkeypatch: pytest.MonkeyPatch, terminal: bool = True, /, **environment: str) -> ReportOptions:
        for name in ("CI", "NO_COLOR", "TERM_PROGRAM", "WT_SESSION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {**TERMINAL, **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
        return ReportOptions.detect(color=True)

    def test_forced_colour_makes_no_links_in_a_pipe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        options = self.detect(monkeypatch, False)
        assert (options.color, options.hyperlinks, options.file_links) == (True, False, False)

    def test_forced_colour_makes_no_links_in_a_dumb_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not self.detect(monkeypatch, TERM="dumb").hyperlinks

    def test_vs_code_finds_files_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        options = self.detect(monkeypatch, TERM_PROGRAM="vscode")
        assert (options.hyperlinks, options.file_links) == (True, False)

    @pytest.mark.parametrize(
        ("environment", "links"), [({}, False), ({"WT_SESSION": "1"}, True), ({"TERM_PROGRAM": "WezTerm"}, True)]
    )
    def test_windows_has_links_in_its_newer_terminals(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], links: bool
    ) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        assert self.detect(monkeypatch, **environment).hyperlinks is links


class TestLinks:
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        write_page(tmp_path, "MW103", "constraint-missing")
        return Bench({"a b/main.tf": "one\ntwo\n"}, Rulebook(tmp_path))

    def test_lead_to_the_line_of_a_file(self, bench: Bench) -> None:
        result = bench.result(finding(bench.at("a b/main.tf", "two")))
        text = rendered("text", result, hyperlinks=True, file_links=True)
        assert text.startswith(f"{LINK}file:///nowhere/a%20b/main.tf#2\x1b\\a b/main.tf:2:1{LINK}\x1b\\: error ")

    def test_of_a_whole_file_have_no_line(self, bench: Bench) -> None:
        text = rendered("text", bench.result(finding(Location("a b/main.tf"))), hyperlinks=True, file_links=True)
        assert text.startswith(f"{LINK}file:///nowhere/a%20b/main.tf\x1b\\a b/main.tf{LINK}")

    def test_are_in_the_statistics(self, bench: Bench) -> None:
        result = bench.result(finding(Location("a b/main.tf")))
        assert f"{LINK}https://github.com/mwaalint/" in rendered("statistics", result, hyperlinks=True)
        assert "\x1b" not in rendered("statistics", result)


class TestProgress:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [100.0]
        monkeypatch.setattr("time.monotonic", lambda: now[0])
        return now

    def progress(
        self, monkeypatch: pytest.MonkeyPatch, *, terminal: bool = True, term: str = "xterm"
    ) -> output.Progress:
        monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
        monkeypatch.setenv("TERM", term)
        return output.Progress()

    def test_says_how_far_a_long_run_is_and_cleans_up(
        self, monkeypatch: pytest.MonkeyPatch, clock: list[float], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with self.progress(monkeypatch) as progress:
            for count in range(200):
                clock[0] += 0.01
                progress.show(f"{count} files")
        shown = capsys.readouterr().err
        assert 10 < shown.count("files") < 20
        assert shown.startswith("\r\x1b[2K49 files …")
        assert shown.endswith("\r\x1b[2K")

    def test_says_nothing_of_a_short_run(
        self, monkeypatch: pytest.MonkeyPatch, clock: list[float], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with self.progress(monkeypatch) as progress:
            progress.show("reading 3 files")
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize(("terminal", "term"), [(False, "xterm"), (True, "dumb")])
    def test_is_for_terminals(
        self,
        monkeypatch: pytest.MonkeyPatch,
        clock: list[float],
        capsys: pytest.CaptureFixture[str],
        terminal: bool,
        term: str,
    ) -> None:
        with self.progress(monkeypatch, terminal=terminal, term=term) as progress:
            clock[0] += 60
            progress.show("reading 3 files")
        assert capsys.readouterr().err == ""

    def test_counts_files_over_all_rounds(self) -> None:
        told: list[str] = []
        tasks: Any = ["one", "two"]
        analyse: Any = lambda tasks, rules: (f"{task} done" for task in tasks)  # noqa: E731
        counted = Counted(analyse, told.append)
        rules: Any = None
        done: list[Any] = [*counted(tasks, rules), *counted(tasks[:1], rules)]
        assert done == ["one done", "two done", "one done"]
        assert told == [f"checking DAGs and plugins, {n} of {total} files" for n, total in ((1, 2), (2, 2), (3, 3))]

    def test_a_run_tells_of_its_code(self, tmp_path: Path) -> None:
        from mwaalint import api

        (tmp_path / "dags").mkdir()
        (tmp_path / "dags" / "etl.py").write_text("from airflow import DAG\n\nwith DAG('etl'):\n    pass\n")
        (tmp_path / "README.md").write_text("For MWAA.\n")
        told: list[str] = []
        api.check(tmp_path, progress=told.append)
        assert told == ["looking for files", "reading 2 files", "checking", "checking DAGs and plugins, 1 of 1 files"]


class TestWindowsPaths:
    """Paths with / in every format, whatever the system writes."""

    def test_are_turned_where_they_come_in(self) -> None:
        path = PureWindowsPath("dags\\sales\\etl.py")
        assert in_repository("infra/", path.as_posix()) == "infra/dags/sales/etl.py"

    def test_of_the_project_within_the_repository(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        inner = tmp_path / "infra" / "dev"
        inner.mkdir(parents=True)
        assert repository_prefix(inner) == "infra/dev/"

    def test_of_the_shown_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "infra" / "dev").mkdir(parents=True)
        assert shown_base(tmp_path / "infra" / "dev") == "infra/dev"

    def test_nothing_in_the_code_writes_a_path_as_the_system_does(self) -> None:
        """``str(path)`` and ``os.path.join`` give backslashes on Windows; reports are made of neither."""
        reports = Path(report.__file__).parent
        code = "".join(path.read_text(encoding="utf-8") for path in reports.glob("*.py"))
        assert "os.path" not in code
        assert "os.sep" not in code
        assert "str(path" not in code
        assert "str(result.root" not in code

    @pytest.mark.parametrize("name", [name for name in report.FORMATS if name != "statistics"])
    def test_are_written_with_slashes(self, etl: Path, name: str) -> None:
        (etl / "infra").mkdir()
        (etl / "main.tf").rename(etl / "infra" / "main.tf")
        done = CliRunner().invoke(app, ["check", str(etl), "--format", name])
        assert "infra/main.tf" in done.stdout
        assert "infra\\main.tf" not in done.stdout


def test_several_formats_on_one_stream_keep_their_order(etl: Path) -> None:
    done = run(etl, "check", "--format", "text", "--format", "json", encoding="utf-8")
    text, _, rest = done.stdout.decode().partition("\n{")
    assert "MW231" in text
    assert json.loads("{" + rest)["version"] == 1


def chunks() -> Iterator[str]:
    yield "漢\ud800\n"


def test_plain_text_acts_on_no_terminal_and_keeps_its_lines() -> None:
    assert console.plain("a\tb\r\nc\x1b[2J\rd\u202e\n") == "a\tb\r\nc\\x1b[2J\\rd\\u202e\n"
    assert console.plain("größer → 漢字\n") == "größer → 漢字\n"


def test_what_cannot_be_written_as_utf_8_is_written_out(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    console.write(chunks(), for_people=False)
    assert capfdbinary.readouterr().out == "漢\\ud800\n".encode()


def test_a_long_report_is_written_in_few_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytes] = []
    monkeypatch.setattr("click.echo", lambda text, **_: pieces.append(text))
    console.write(("0123456789" for _ in range(20_000)), for_people=False)
    assert len(pieces) == 5
    assert b"".join(pieces) == b"0123456789" * 20_000
