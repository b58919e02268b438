"""Of many files the content is not kept in memory; one that is another when it is read again is never half of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mwaalint import api, discover
from mwaalint.engine import suppress
from mwaalint.engine.pool import Pooled
from mwaalint.fix import FixError, apply
from mwaalint.fix.kept_edits import KeptEdits
from mwaalint.fix.rewriting import edits_of, with_edits
from mwaalint.source import CHANGED
from tests.deployments import check, write_all
from tests.history import committed
from tests.kept_projects import FILES, cache_in, check_kept, reports, write_project
from tests.reporting import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from mwaalint.engine.code import FileResult, FileTask, Rules
    from mwaalint.engine.result import RunResult

DAG = "dags/etl.py"
# Another line above everything, which moves each place, and another problem.
OTHER = "import os\n" + FILES[DAG] + "\nVariable.get('d')\n"
WAITING = """
from airflow import DAG
from airflow.sensors.python import PythonSensor

with DAG("a", schedule=None):
    PythonSensor(task_id="t", python_callable=bool, poke_interval=300)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of files are too many to be kept."""
    monkeypatch.setattr(discover, "_MOST_KEPT", 0)


def changing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object], *, before: bool) -> None:
    """Has something happen just before the code is checked for the first time, or just after it."""
    original, left = Pooled.__call__, [change]

    def checked(self: Pooled, tasks: Sequence[FileTask], rules: Rules) -> Iterable[FileResult]:
        if before and left:
            left.pop()()
        yield from original(self, tasks, rules)
        if left:
            left.pop()()

    monkeypatch.setattr(Pooled, "__call__", checked)


def told(result: RunResult) -> list[tuple[str, str]]:
    """What is found where, without lines."""
    return [(one.code, one.primary.path) for one in result.findings]


def of_dag(result: RunResult) -> list[str]:
    return [code for code, path in told(result) if path == DAG]


class TestManyFiles:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_come_to_what_few_come_to(self, project: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
        monkeypatch.setattr("mwaalint.engine.pool.FEWEST_FILES", 0)
        few = reports(check(project, jobs=jobs))
        monkeypatch.setattr(discover, "_MOST_KEPT", 0)
        assert reports(check(project, jobs=jobs)) == few

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_of_a_commit_too(self, project: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
        """Which are read through one git, that cannot answer two processes at once."""
        monkeypatch.setattr("mwaalint.engine.pool.FEWEST_FILES", 0)
        committed(project)
        write_all(project, {DAG: OTHER})
        few = reports(check(project, since="HEAD", jobs=jobs))
        monkeypatch.setattr(discover, "_MOST_KEPT", 0)
        assert reports(check(project, since="HEAD", jobs=jobs)) == few
        assert few["statistics"].count("MW403")

    def test_are_not_in_memory_when_they_are_checked(
        self, project: Path, many: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held: list[dict[str, object]] = []
        original = Pooled.__call__

        def checked(self: Pooled, tasks: Sequence[FileTask], rules: Rules) -> Iterable[FileResult]:
            held.extend(dict(vars(task.file)) for task in tasks)
            return original(self, tasks, rules)

        monkeypatch.setattr(Pooled, "__call__", checked)
        assert check(project).files_analysed
        assert held and not any(held)


class TestAFileThatChanges:
    @pytest.mark.parametrize("jobs", [1, 2])
    @pytest.mark.parametrize("other", [OTHER, "", None])
    def test_before_it_is_checked_is_not_analyzed(
        self, project: Path, many: None, monkeypatch: pytest.MonkeyPatch, jobs: int, other: str | None
    ) -> None:
        monkeypatch.setattr("mwaalint.engine.pool.FEWEST_FILES", 0)
        whole = told(check(project))
        way = project / DAG
        changing(monkeypatch, way.unlink if other is None else lambda: way.write_text(other), before=True)
        result = check(project, jobs=jobs)
        (one,) = [finding for finding in result.findings if finding.primary.path == DAG]
        assert (one.code, one.message, result.crashed) == ("MW001", f"not analyzed: {CHANGED}", False)
        elsewhere = {each for each in whole if each[1] != DAG}
        assert elsewhere - set(told(result)) <= {("MW403", "dags/helpers.py")}, "in a function that this file calls"

    def test_is_read_anew_by_the_next_run(
        self, tmp_path: Path, project: Path, many: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            changing(patch, lambda: write_all(project, {DAG: OTHER}), before=True)
            assert of_dag(check_kept(project, cache_in(tmp_path))) == ["MW001"]
        assert of_dag(check_kept(project, cache_in(tmp_path))) == of_dag(check(project))
        write_all(project, {DAG: FILES[DAG]})
        assert of_dag(check_kept(project, cache_in(tmp_path))) == of_dag(check(project))

    @pytest.mark.parametrize("name", ["text", "json", "sarif", "github", "gitlab", "junit", "html"])
    def test_after_it_was_checked_is_reported_without_lines(
        self, project: Path, many: None, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        whole = check(project, edits=False)
        changing(monkeypatch, lambda: write_all(project, {DAG: OTHER}), before=False)
        result = check(project, edits=False)
        assert len(result.findings) >= len(whole.findings)
        assert "Variable.get('d')" not in rendered(name, result)

    def test_after_that_is_no_news_for_the_cache(
        self, tmp_path: Path, project: Path, many: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            changing(patch, lambda: write_all(project, {DAG: OTHER}), before=False)
            check_kept(project, cache_in(tmp_path))
        assert of_dag(check_kept(project, cache_in(tmp_path))) == of_dag(check(project))

    def test_after_its_comments_were_read_is_not_silenced_by_them(
        self, project: Path, many: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = suppress.read_comments

        def read(sources: Any, rulebook: Any) -> Any:
            comments = original(sources, rulebook)
            write_all(project, {DAG: OTHER})
            for file in sources:
                file.rest()
            return comments

        silenced = [one.primary.path for one in check(project).suppressed]
        monkeypatch.setattr("mwaalint.engine.conclude.read_comments", read)
        assert silenced.count(DAG) == 1
        assert [one.primary.path for one in check(project).suppressed].count(DAG) == 0


class TestAFixOfAFileThatChanges:
    @pytest.fixture
    def waiting(self, tmp_path: Path, many: None) -> Path:
        return write_all(tmp_path / "project", {"main.tf": FILES["main.tf"], DAG: WAITING})

    @staticmethod
    def fixes(result: RunResult) -> list[bool]:
        return [bool(one.fixes) for one in result.findings if one.primary.path == DAG and one.code == "MW405"]

    def test_is_left_out(self, waiting: Path) -> None:
        assert self.fixes(check(waiting)) == [True]
        result = check(waiting, edits=False)
        write_all(waiting, {DAG: OTHER})
        for file in result.sources.values():
            file.rest()
        assert self.fixes(with_edits(result, edits_of)) == [False]

    def test_is_not_kept_as_one_that_cannot_be_made(self, tmp_path: Path, waiting: Path) -> None:
        cache = cache_in(tmp_path)
        kept = KeptEdits(cache, edits_of, lambda _: True)
        result = check(waiting, edits=False)
        write_all(waiting, {DAG: OTHER})
        for file in result.sources.values():
            file.rest()
        assert self.fixes(with_edits(result, kept)) == [False]
        write_all(waiting, {DAG: WAITING})
        assert self.fixes(with_edits(check(waiting, edits=False), kept)) == [True]

    def test_is_refused_when_it_was_made(self, waiting: Path) -> None:
        def run(overlay: Mapping[str, bytes]) -> RunResult:
            result = api.check(waiting, overlay=overlay)
            write_all(waiting, {DAG: OTHER})
            for file in result.sources.values():
                file.rest()
            return result

        with pytest.raises(FixError, match=f"{DAG}: the fix could not be made: {CHANGED}"):
            apply.fix_all(run, unsafe=True)
