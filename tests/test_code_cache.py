"""What a file of DAG or plugin code gives is kept as long as its bytes and what it is checked for are the same."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mwaalint import catalog, rulebook
from mwaalint.checks._api import Check, FileContext
from mwaalint.checks._selectors import DagFile
from mwaalint.discover import discover
from mwaalint.engine.cache import key_of
from mwaalint.engine.code import FileTask, Rules, View
from mwaalint.engine.code_cache import KeptCode
from mwaalint.engine.code_run import one_by_one
from mwaalint.engine.registry import checks_for
from mwaalint.findings import Confidence, Finding, Fix, Location, Safety, Severity
from mwaalint.model import dags
from mwaalint.model.deployment import Target
from mwaalint.model.environment import Environment
from mwaalint.model.resolve import resolve
from mwaalint.rewrites import SetArgument
from mwaalint.source import MAX_BYTES, SourceFile, Span
from tests.deployments import TODAY, write_all
from tests.history import committed
from tests.kept_projects import FILES, FORMATS, cache_in, check_kept, reports, write_project
from tests.reporting import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code import FileResult
    from mwaalint.engine.result import RunResult

DAG = FILES["dags/etl.py"]
FOUND = Finding("MW403", "toplevel-variable-get", "x", Location("dags/etl.py", Span(3, 9)), Severity.WARNING)
ALL = frozenset(rulebook.shipped().pages)
BOOK, CATALOG = rulebook.shipped(), catalog.load()


class Analyses:
    """Checks files one by one and remembers which."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(self, tasks: Sequence[FileTask], rules: Rules) -> Iterator[FileResult]:
        self.paths += [task.file.path for task in tasks]
        return one_by_one(tasks, rules)


def task(text: str = DAG, path: str = "dags/etl.py", place: str = "dags", **changes: Any) -> FileTask:
    """The task of checking a file for one environment, ``changes`` in the view and in the rest of the task."""
    made = FileTask(SourceFile(path, path, text.encode()), place, ())
    here = {name: value for name, value in changes.items() if name in FileTask._fields}
    there = {name: value for name, value in changes.items() if name not in FileTask._fields}
    view = View("etl", Target("2.10.3", "3.11"), None, Confidence.HIGH, frozenset({"MW403", "MW404"}), "dags")
    return made._replace(**({"views": (view._replace(**there),)} | here))


@pytest.fixture(scope="module")
def usual_rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """The rules that are for DAG code of a project with one environment."""
    root = write_project(tmp_path_factory.mktemp("rules"))
    project = discover(root)
    deployments = resolve(project, CATALOG, airflow_version=None, stated=[]).deployments
    checks = [check for check in checks_for(deployments) if not isinstance(check.subject, type)]
    return Rules(checks, CATALOG, BOOK, TODAY, {})


def everywhere(_: str) -> bool:
    return True


def checked(tasks: Sequence[FileTask], given: Rules, cache: Cache) -> tuple[list[FileResult], list[str]]:
    """What the files give, and which of them had to be looked at for it; the cache is written."""
    analyses = Analyses()
    results = list(KeptCode(cache, analyses, everywhere)(tasks, given))
    cache.save()
    return results, analyses.paths


class TestAFile:
    def test_is_checked_once(self, tmp_path: Path, usual_rules: Rules) -> None:
        first, looked_at = checked([task()], usual_rules, cache_in(tmp_path))
        assert looked_at == ["dags/etl.py"]
        again, looked_at = checked([task()], usual_rules, cache_in(tmp_path))
        assert looked_at == []
        assert again == first
        assert [finding.code for _, finding in again[0].findings] == ["MW403", "MW403", "MW404"]
        assert again[0].facts is not None
        assert again[0].facts.dags[0].ids == ("etl",)
        assert again[0].commented

    def test_brings_back_its_arguments_too(self, tmp_path: Path, usual_rules: Rules) -> None:
        """Two findings are the same whatever their arguments, so these are compared by themselves."""
        first, _ = checked([task()], usual_rules, cache_in(tmp_path))
        again, _ = checked([task()], usual_rules, cache_in(tmp_path))
        assert [one.args for _, one in again[0].findings] == [one.args for _, one in first[0].findings]
        assert again[0].facts == first[0].facts
        assert again[0].facts is not None
        assert again[0].facts.dags[0].schedule == "@daily"

    @pytest.mark.parametrize(
        "other",
        [
            task(DAG + "\n"),
            task(path="dags/elt.py"),
            task(place="plugins"),
            task(called=frozenset({"command"})),
            task(imported=False),
            task(label="another"),
            task(target=Target("2.9.2", "3.11")),
            task(target=Target("2.10.3", "3.11", "known from elsewhere")),
            task(cap=Confidence.MEDIUM),
            task(codes=frozenset({"MW403"})),
            task(dags_folder="airflow/dags"),
            task(views=task().views * 2),
            task(views=()),
        ],
    )
    def test_is_checked_again_for_something_else(self, tmp_path: Path, usual_rules: Rules, other: FileTask) -> None:
        checked([task()], usual_rules, cache_in(tmp_path))
        _, looked_at = checked([other], usual_rules, cache_in(tmp_path))
        assert looked_at == [other.file.path]
        _, looked_at = checked([task(), other], usual_rules, cache_in(tmp_path))
        assert looked_at == []

    def test_is_checked_again_with_other_options(self, tmp_path: Path, usual_rules: Rules) -> None:
        other = Rules(usual_rules.checks, CATALOG, BOOK, TODAY, {"MW403": {"allowed": ["a"]}})
        checked([task()], usual_rules, cache_in(tmp_path))
        assert checked([task()], other, cache_in(tmp_path))[1] == ["dags/etl.py"]

    def test_is_checked_again_on_another_day_where_the_day_was_asked_for(
        self, tmp_path: Path, usual_rules: Rules
    ) -> None:
        """A DAG that starts in the past, and whose runs since then Airflow makes up for, is judged by the day."""
        tomorrow = Rules(usual_rules.checks, CATALOG, BOOK, TODAY + timedelta(days=1), {})
        tasks = [task(), task(DAG.replace(", catchup=False", ""), "dags/late.py", codes=ALL)]
        results, _ = checked(tasks, usual_rules, cache_in(tmp_path))
        assert [result.day for result in results] == [None, TODAY]
        assert checked(tasks, usual_rules, cache_in(tmp_path))[1] == []
        results, looked_at = checked(tasks, tomorrow, cache_in(tmp_path))
        assert looked_at == ["dags/late.py"]
        assert results[1].day == TODAY + timedelta(days=1)

    def test_is_checked_again_for_another_environment_where_that_was_asked_for(
        self, tmp_path: Path, usual_rules: Rules
    ) -> None:
        """What a sensor does depends on the options of the environment, what a plain DAG does on none of them."""
        sensor = "S3KeySensor(task_id='wait', bucket_key='s3://b/k')"
        imported = "from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor"
        waits = task(f"{imported}\n{DAG}    {sensor}\n", "dags/waits.py", codes=ALL)

        def under(environment: Environment) -> list[FileTask]:
            return [one._replace(views=(one.views[0]._replace(environment=environment),)) for one in (task(), waits)]

        here = Environment("aws_mwaa_environment.etl", "terraform", Location("main.tf", Span(3, 5)))
        moved = replace(here, location=Location("main.tf", Span(4, 6)))
        results, _ = checked(under(here), usual_rules, cache_in(tmp_path))
        assert [set(result.around) for result in results] == [set(), {0}]
        assert checked(under(replace(here)), usual_rules, cache_in(tmp_path))[1] == []
        assert checked(under(moved), usual_rules, cache_in(tmp_path))[1] == ["dags/waits.py"]

    def test_is_checked_again_by_another_mwaalint(self, tmp_path: Path, usual_rules: Rules) -> None:
        checked([task()], usual_rules, cache_in(tmp_path))
        assert checked([task()], usual_rules, cache_in(tmp_path, "another world"))[1] == ["dags/etl.py"]

    def test_that_is_no_python_says_so_again(self, tmp_path: Path, usual_rules: Rules) -> None:
        first, _ = checked([task("DAG(\n")], usual_rules, cache_in(tmp_path))
        again, looked_at = checked([task("DAG(\n")], usual_rules, cache_in(tmp_path))
        assert looked_at == []
        assert again == first
        assert "cannot parse it" in again[0].problem

    def test_that_cannot_be_read_is_tried_again(self, tmp_path: Path, usual_rules: Rules) -> None:
        (tmp_path / "large.py").write_bytes(b"#" * (MAX_BYTES + 1))
        for _ in range(2):
            unread = task()._replace(file=SourceFile("dags/large.py", tmp_path / "large.py"))
            results, looked_at = checked([unread], usual_rules, cache_in(tmp_path))
            assert looked_at == ["dags/large.py"]
            assert "bytes" in results[0].problem

    def test_stands_in_its_place_among_those_that_are_new(self, tmp_path: Path, usual_rules: Rules) -> None:
        tasks = [task(path=f"dags/{name}.py") for name in "abcdef"]
        checked(tasks[1::2], usual_rules, cache_in(tmp_path))
        results, looked_at = checked(tasks, usual_rules, cache_in(tmp_path))
        assert looked_at == ["dags/a.py", "dags/c.py", "dags/e.py"]
        assert [result.facts.path for result in results if result.facts] == [one.file.path for one in tasks]


class TestWhatIsNotKept:
    def finds(self, make: Callable[[FileContext], Finding]) -> Rules:
        def check(subject: object, ctx: FileContext) -> Iterator[Finding]:
            yield make(ctx)

        return Rules([Check("MW403", DagFile("DAG"), check, False)], CATALOG, BOOK, TODAY, {})

    def test_a_crash(self, tmp_path: Path) -> None:
        def crash(_: FileContext) -> Finding:
            raise ValueError("no such row")

        for _ in range(2):
            results, looked_at = checked([task()], self.finds(crash), cache_in(tmp_path))
            assert looked_at == ["dags/etl.py"]
            assert results[0].crashed == {"MW403"}

    def test_what_json_has_no_words_for(self, tmp_path: Path) -> None:
        def odd(ctx: FileContext) -> Finding:
            return replace(FOUND, args={"odd": object()})

        for _ in range(2):
            results, looked_at = checked([task()], self.finds(odd), cache_in(tmp_path))
            assert looked_at == ["dags/etl.py"]
            assert [one.code for _, one in results[0].findings] == ["MW403"]

    def test_but_a_change_of_code_is(self, tmp_path: Path) -> None:
        fix = Fix("Change it", Safety.SAFE, rewrites=(SetArgument("dags/etl.py", Span(3, 9), "mode", '"reschedule"'),))

        def fixed(ctx: FileContext) -> Finding:
            return replace(FOUND, fixes=(fix,))

        first, _ = checked([task()], self.finds(fixed), cache_in(tmp_path))
        again, looked_at = checked([task()], self.finds(fixed), cache_in(tmp_path))
        assert looked_at == []
        assert again == first
        assert again[0].findings[0][1].fixes == (fix,)

    @pytest.mark.parametrize(
        "change",
        [
            {"path": "dags/elt.py"},
            {"place": "plugins"},
            {"path": "../../elsewhere.py"},
        ],
    )
    def test_what_is_said_of_another_file(self, tmp_path: Path, usual_rules: Rules, change: Mapping[str, str]) -> None:
        """An entry that somebody made up speaks of a file that is not the task's."""
        made = task(**{"path": "dags/etl.py", **change})
        cache = cache_in(tmp_path)
        kept = KeptCode(cache, Analyses(), everywhere)
        (result,) = kept([made], usual_rules)
        mine = task()
        kept._keep(kept._key(mine, usual_rules), mine, result)
        assert kept._kept(kept._key(mine, usual_rules), mine, TODAY) is None


class TestARun:
    """As the command line makes it, but for the deployments, so that it is never restored as a whole."""

    def run(self, root: Path, folder: Path, **options: Any) -> RunResult:
        return check_kept(root, cache_in(folder), brief=False, **options)

    def entries(self, folder: Path) -> Counter[str]:
        return Counter(line.partition(" ")[0] for line in cache_in(folder).path.read_text().splitlines()[1:])

    def test_of_a_changed_file_looks_at_that_only(self, tmp_path: Path) -> None:
        root = write_project(tmp_path / "project")
        self.run(root, tmp_path)
        before = self.entries(tmp_path)
        (root / "dags" / "other.py").write_text(FILES["dags/other.py"].replace("other", "another"))
        self.run(root, tmp_path)
        after = self.entries(tmp_path)
        assert len(after - before) == 1

    def test_of_a_changed_helper_looks_at_it_and_not_at_who_imports_it(self, tmp_path: Path) -> None:
        root = write_project(tmp_path / "project")
        fresh = reports(self.run(root, tmp_path))
        before = self.entries(tmp_path)
        (root / "dags" / "helpers.py").write_text(FILES["dags/helpers.py"].replace("'c'", "'d'"))
        assert reports(self.run(root, tmp_path)) != fresh
        assert 1 <= len(self.entries(tmp_path) - before) <= 2

    def test_of_a_new_call_looks_at_the_called_file_again(self, tmp_path: Path) -> None:
        root = write_project(tmp_path / "project")
        (root / "dags" / "etl.py").write_text(DAG.replace('command(Variable.get("a"))', '"a"'))
        assert 'Variable.get("c")' not in reports(self.run(root, tmp_path))["text"]
        (root / "dags" / "etl.py").write_text(DAG)
        assert 'Variable.get("c")' in reports(self.run(root, tmp_path))["text"]

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_with_and_without_entries_says_the_same(
        self, tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mwaalint.engine.pool.FEWEST_FILES", 2)
        root = write_project(tmp_path / "project")
        write_all(root, {f"dags/more_{number}.py": DAG.replace('"etl"', f'"more_{number}"') for number in range(4)})
        fresh = reports(self.run(root, tmp_path / "none", jobs=1))
        cold = reports(self.run(root, tmp_path, jobs=jobs))
        warm = reports(self.run(root, tmp_path, jobs=jobs))
        assert fresh == cold == warm
        (root / "dags" / "more_1.py").write_text(DAG)
        assert reports(self.run(root, tmp_path, jobs=jobs)) == reports(self.run(root, tmp_path / "other", jobs=1))

    def test_writes_an_audit_as_without(self, tmp_path: Path) -> None:
        root = write_project(tmp_path / "project")
        first, second = (self.run(root, tmp_path) for _ in range(2))
        for name in (*FORMATS, "html", "markdown"):
            assert rendered(name, first) == rendered(name, second)
        assert first.files_analysed == second.files_analysed

    def test_against_a_commit_has_the_entries_of_both_states(self, tmp_path: Path) -> None:
        root = write_project(tmp_path / "project")
        first = committed(root)
        (root / "dags" / "other.py").write_text(FILES["dags/other.py"].replace("other", "another"))
        self.run(root, tmp_path, since=first)
        before = self.entries(tmp_path)
        self.run(root, tmp_path, since=first)
        assert self.entries(tmp_path) == before


class TestAFileThatIsOnlyCounted:
    """One that makes no DAG and that none imports: it is read for what it may import, where a size is judged."""

    FILES: Mapping[str, str] = {
        **FILES,
        "dags/lonely.py": "import os\nimport pandas\n",
        "dags/torn.py": "import pandas\nname = (\n",
        "dags/tools.py": "import csv\n",
    }

    def test_is_read_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root = write_all(tmp_path / "project", dict(self.FILES))
        fresh = reports(check_kept(root, cache_in(tmp_path / "none"), brief=False))
        read: list[str] = []
        original = dags._analysed

        def analyzed(file: SourceFile) -> dags.FileWork:
            read.append(file.path)
            return original(file)

        monkeypatch.setattr(dags, "_analysed", analyzed)
        assert reports(check_kept(root, cache_in(tmp_path), brief=False)) == fresh
        assert {"dags/lonely.py", "dags/torn.py", "dags/tools.py"} <= set(read)
        read.clear()
        assert reports(check_kept(root, cache_in(tmp_path), brief=False)) == fresh
        # What is no Python says so every time.
        assert read == ["dags/broken.py", "dags/torn.py"]
        assert "dags/torn.py" in fresh["text"]

    def test_is_read_again_when_it_has_changed(self, tmp_path: Path) -> None:
        root = write_all(tmp_path / "project", dict(self.FILES))
        check_kept(root, cache_in(tmp_path), brief=False)
        (root / "dags" / "lonely.py").write_text("from airflow import DAG\nDAG('lonely')\n")
        changed = reports(check_kept(root, cache_in(tmp_path), brief=False))
        assert changed == reports(check_kept(root, cache_in(tmp_path / "none"), brief=False))

    @pytest.mark.parametrize("data", ["null", "[]", "[[null,1],[],[],1,2,3,[]]", '[["x",""],[],[],true,true,true,[]]'])
    def test_is_read_when_the_entry_is_none(self, tmp_path: Path, data: str) -> None:
        root = write_all(tmp_path / "project", dict(self.FILES))
        fresh = reports(check_kept(root, cache_in(tmp_path), brief=False))
        cache = cache_in(tmp_path)
        for path, text in self.FILES.items():
            cache.put(key_of("work", path, text), json.loads(data))
        cache.save()
        assert reports(check_kept(root, cache_in(tmp_path), brief=False)) == fresh


def test_a_file_for_a_newer_python_says_so_in_any_process(tmp_path: Path) -> None:
    root = write_all(
        tmp_path / "project",
        {
            "main.tf": FILES["main.tf"].replace("2.10.3", "3.0.6"),
            "dags/new.py": "from airflow import DAG\ntype Names = list[str]\nDAG('new')\n",
            **{f"dags/more_{number}.py": f"from airflow import DAG\nDAG('{number}')\n" for number in range(60)},
        },
    )
    alone, two = (reports(check_kept(root, cache_in(tmp_path / str(jobs)), jobs=jobs)) for jobs in (1, 2))
    assert alone == two
    assert reports(check_kept(root, cache_in(tmp_path / "2"), brief=False, jobs=1)) == alone


class TestWhatComesFromAnotherProcess:
    def test_is_the_same(self, usual_rules: Rules) -> None:
        for path, text in FILES.items():
            if path.endswith(".py"):
                (result,) = one_by_one([task(text, path, codes=ALL)], usual_rules)
                again = pickle.loads(pickle.dumps(result))
                assert again == result
                assert [one.args for _, one in again.findings] == [one.args for _, one in result.findings]

    def test_has_one_empty_set_for_all_files(self, usual_rules: Rules) -> None:
        """Each takes as much room as a set of four, and most files tell nothing of most."""
        results = one_by_one([task("# a dag of airflow\n", f"dags/{name}.py") for name in "ab"], usual_rules)
        one, other = (pickle.loads(pickle.dumps(result)) for result in results)
        assert one.facts.path != other.facts.path
        assert one.facts.operators is other.facts.operators == frozenset()
        assert one.facts.work.heavy is other.facts.work.heavy == frozenset()
        assert one.crashed is other.crashed == frozenset()

    def test_has_each_name_once_for_all_files(self, usual_rules: Rules) -> None:
        """Most files use the same operators, and give their DAGs the same arguments."""
        results = one_by_one([task(path=f"dags/{name}.py") for name in "ab"], usual_rules)
        one, other = (pickle.loads(pickle.dumps(result)).facts for result in results)
        assert one.path != other.path
        assert len(one.work.modules) > 1 and one.operators and one.called and one.dags[0].passed
        for mine, its in zip(one.work.modules, other.work.modules, strict=True):
            assert mine is its
        for mine, its in zip(one.imports, other.imports, strict=True):
            assert (mine.dotted is its.dotted) and (mine.module is its.module)
        assert one.operators is other.operators
        assert one.called is other.called
        assert one.dags[0].passed is other.dags[0].passed
        assert one.dags[0].without is other.dags[0].without

    def test_shares_no_sets_that_only_resemble_each_other(self, usual_rules: Rules) -> None:
        texts = [DAG, DAG.replace("schedule=", "tags=['a'], schedule=")]
        results = list(one_by_one([task(text, f"dags/{at}.py") for at, text in enumerate(texts)], usual_rules))
        one, other = (pickle.loads(pickle.dumps(result)).facts for result in results)
        assert other.dags[0].passed - one.dags[0].passed == {"tags"}
        assert one.operators is other.operators

    def test_knows_where_a_name_is_imported(self, usual_rules: Rules) -> None:
        (result,) = one_by_one([task()], usual_rules)
        assert result.facts is not None
        for one in result.facts.imports:
            place = one.location(result.facts)
            assert place.path == "dags/etl.py"
            assert one.dotted.rpartition(".")[2] in DAG.encode()[place.span.start : place.span.end].decode()
