"""What was found is kept for the next run, and makes no difference but in time."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint import api, rulebook
from mwaalint.cli.app import app
from mwaalint.cli.caching import usual_folder
from mwaalint.config import Config
from mwaalint.discover import Project, discover
from mwaalint.engine import cache as engine
from mwaalint.engine.cache import MOST_AGE, Cache, key_of
from mwaalint.engine.conclude import Gathered
from mwaalint.engine.run_cache import KeptRun
from mwaalint.engine.world import here, world
from mwaalint.findings import Severity
from mwaalint.source import MAX_BYTES
from tests.deployments import TODAY, check, write_all
from tests.history import committed
from tests.kept_projects import FILES, cache_in, check_kept, entries, forged, reports, write_project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mwaalint.engine.result import RunResult

KEY = key_of("a key")
SUM_OF_1 = engine._checksum(KEY, b"1")
NOTHING = frozenset[str]()
NOTHING_FOUND = Gathered((), {}, (), {}, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, (), (), 0)


# What no file of a cache has for an index.
INDEXES: tuple[object, ...] = (
    None,
    {KEY: 1},
    [KEY],
    [1],
    [[]],
    [[KEY, 0, SUM_OF_1, 0]],
    [[KEY, 0, "0123456789abcdef", 0, 1]],
    [[KEY, 0, None, 0, 1]],
    [[KEY, 0, SUM_OF_1, 1, 1]],
    [[KEY, 0, SUM_OF_1, -1, 1]],
    [[KEY, 0, SUM_OF_1, 2**70, 1]],
    [[KEY, 0, SUM_OF_1, 0, 3]],
    [[KEY, 0, SUM_OF_1, 0, -1]],
    [[KEY, 0, SUM_OF_1, 0, 2**70]],
    [[KEY, 0, SUM_OF_1, "0", "1"]],
    [[KEY, 0, SUM_OF_1, 0.0, 1]],
    [[KEY, 0, SUM_OF_1, 0, 1.0]],
    [[KEY, MOST_AGE + 1, SUM_OF_1, 0, 1]],
    [[KEY, "0", SUM_OF_1, 0, 1]],
    [[[KEY] * 32, 0, SUM_OF_1, 0, 1]],
    [[KEY.upper(), 0, SUM_OF_1, 0, 1]],
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


class TestTheFile:
    def test_the_caches_of_forgotten_projects_go_and_nothing_else(self, tmp_path: Path) -> None:
        names = [key_of("gone"), key_of("checked last week"), "notes", f"{key_of('gone')}.txt"]
        for name in names:
            (tmp_path / name).write_text("x")
            os.utime(tmp_path / name, (0, 0) if name != key_of("checked last week") else None)
        (tmp_path / key_of("a folder")).mkdir()
        mine = Cache(tmp_path / key_of("mine"), "world")
        mine.put(key_of("entry"), 1)
        mine.save()
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {*names[1:], key_of("a folder"), key_of("mine")}

    def test_what_was_put_is_there_for_the_next(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path)
        first.put(KEY, [1, "two", None, {"three": 3.5}])
        assert first.get(KEY) == [1, "two", None, {"three": 3.5}]
        first.save()
        assert cache_in(tmp_path).get(KEY) == [1, "two", None, {"three": 3.5}]
        assert cache_in(tmp_path).get(key_of("another")) is None

    def test_another_world_has_nothing_of_it(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path)
        first.put(KEY, 1)
        first.save()
        assert cache_in(tmp_path, "another world").get(KEY) is None
        assert cache_in(tmp_path, "a world and more").get(KEY) is None

    def test_nothing_is_written_when_nothing_is_new(self, tmp_path: Path) -> None:
        cache_in(tmp_path).save()
        assert list(tmp_path.iterdir()) == []
        first = cache_in(tmp_path)
        first.put(KEY, 1)
        first.save()
        before = first.path.stat()
        again = cache_in(tmp_path)
        again.get(KEY)
        again.save()
        assert first.path.stat() == before

    def test_what_json_has_no_words_for_is_not_kept(self, tmp_path: Path) -> None:
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]
        first = cache_in(tmp_path)
        for value in (object(), deep, 10**10_000, {b"key": 1}):
            first.put(KEY, value)
            assert first.get(KEY) is None

    def test_what_nobody_asks_for_is_dropped(self, tmp_path: Path) -> None:
        old, used = key_of("old"), key_of("used")
        first = cache_in(tmp_path)
        first.put(old, "old")
        first.put(used, "used")
        first.save()
        for number in range(MOST_AGE):
            again = cache_in(tmp_path)
            assert again.get(used) == "used"
            again.put(key_of(str(number)), number)
            again.save()
        text = cache_in(tmp_path).path.read_text()
        assert old in text
        again = cache_in(tmp_path)
        again.get(used)
        again.put(KEY, 1)
        again.save()
        text = cache_in(tmp_path).path.read_text()
        assert old not in text
        assert used in text

    def test_a_folder_that_was_made_says_what_it_is(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path)
        first.put(KEY, 1)
        first.save()
        assert (first.path.parent / ".gitignore").read_text() == "*\n"
        assert (
            (first.path.parent / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
        )

    def test_a_folder_that_was_there_is_left_as_it_is(self, tmp_path: Path) -> None:
        first = Cache(tmp_path / "project", "a world")
        first.put(KEY, 1)
        first.save()
        assert [path.name for path in tmp_path.iterdir()] == ["project"]

    def test_deleted_while_it_is_in_use(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path)
        first.put(KEY, 1)
        first.save()
        again = cache_in(tmp_path)
        assert again.get(KEY) == 1
        first.path.unlink()
        assert again.get(KEY) == 1
        again.put(key_of("more"), 2)
        again.save()
        assert cache_in(tmp_path).get(KEY) == 1

    def test_a_folder_that_cannot_be_made_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("a file")
        first = cache_in(tmp_path)
        first.put(KEY, 1)
        first.save()
        assert str(tmp_path / "cache") in first.problem

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n",
            b"\0" * 1000,
            b"mwaalint-cache-2 ",
            b"mwaalint-cache-2 a world",
            b"mwaalint-cache-2 a world\n" + KEY.encode(),
            b"mwaalint-cache-2 a world\n" + b"[" * 1_000_000,
            *(b"mwaalint-cache-2 a world\n" + json.dumps(index).encode() + b"\n1\n" for index in INDEXES),
        ],
    )
    def test_a_file_of_somebody_else_holds_nothing(self, tmp_path: Path, content: bytes) -> None:
        first = cache_in(tmp_path)
        first.path.parent.mkdir()
        first.path.write_bytes(content)
        assert first.get(KEY) is None
        first.put(KEY, 1)
        first.save()
        assert cache_in(tmp_path).get(KEY) == 1

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path)
        first.path.mkdir(parents=True)
        assert first.get(KEY) is None
        first.put(KEY, 1)
        first.save()
        assert first.problem

    def test_a_link_in_its_place_is_replaced_and_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "precious").write_text("precious")
        first = cache_in(tmp_path)
        first.path.parent.mkdir()
        first.path.symlink_to(tmp_path / "precious")
        first.put(KEY, 1)
        first.save()
        assert (tmp_path / "precious").read_text() == "precious"
        assert not first.path.is_symlink()
        assert cache_in(tmp_path).get(KEY) == 1

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
    def test_a_pipe_in_its_place_is_not_waited_for(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path)
        first.path.parent.mkdir()
        os.mkfifo(first.path)
        assert first.get(KEY) is None

    def test_a_file_that_is_too_large_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = cache_in(tmp_path)
        first.put(KEY, "x" * 1000)
        first.save()
        monkeypatch.setattr(engine, "MOST_BYTES", 1000)
        assert cache_in(tmp_path).get(KEY) is None

    def test_one_damaged_entry_leaves_the_others(self, tmp_path: Path) -> None:
        first, keys = cache_in(tmp_path), [key_of(str(number)) for number in range(3)]
        for key in keys:
            first.put(key, f"of {key}")
        first.save()
        first.path.write_bytes(first.path.read_bytes().replace(f"of {keys[1]}".encode(), b"x" * len(f"of {keys[1]}")))
        again = cache_in(tmp_path)
        assert [again.get(key) for key in keys] == [f"of {keys[0]}", None, f"of {keys[2]}"]
        again.put(keys[1], "anew")
        again.save()
        assert [cache_in(tmp_path).get(key) for key in keys] == [f"of {keys[0]}", "anew", f"of {keys[2]}"]

    def test_many_entries_that_are_the_same_bytes_are_not_written_one_by_one(self, tmp_path: Path) -> None:
        first, bytes_of_all = cache_in(tmp_path), b"1" * 100_000
        index = [[key_of(str(number)), 0, "", 0, len(bytes_of_all)] for number in range(1000)]
        first.path.parent.mkdir()
        first.path.write_bytes(engine._header("a world") + b"\n" + json.dumps(index).encode() + b"\n" + bytes_of_all)
        first.put(KEY, 1)
        first.save()
        assert first.path.stat().st_size < 1000
        assert cache_in(tmp_path).get(KEY) == 1

    def test_another_file_beside_it_is_of_the_same_world(self, tmp_path: Path) -> None:
        first = cache_in(tmp_path).beside("texts")
        first.put(KEY, 1)
        first.save()
        assert cache_in(tmp_path).get(KEY) is None
        assert cache_in(tmp_path).beside("texts").get(KEY) == 1
        assert cache_in(tmp_path, "another world").beside("texts").get(KEY) is None

    def test_json_that_is_deeper_than_python_goes(self, tmp_path: Path) -> None:
        content = b"[" * 200_000 + b"]" * 200_000
        first = cache_in(tmp_path)
        first.path.parent.mkdir()
        first.path.write_bytes(forged({KEY: content}))
        assert first.get(KEY) is None

    @given(parts=st.lists(st.text()), others=st.lists(st.text()))
    def test_different_parts_have_different_keys(self, parts: list[str], others: list[str]) -> None:
        assert (key_of(*parts) == key_of(*others)) == (parts == others)


def changed(root: Path, path: str, text: str) -> None:
    (root / path).write_text(text)


# What makes the project another one, and the settings.
CHANGES: dict[str, Callable[[Path], object]] = {
    "a DAG": lambda root: changed(root, "dags/other.py", FILES["dags/other.py"].replace("other", "another")),
    "a DAG, but not its size": lambda root: changed(root, "dags/etl.py", FILES["dags/etl.py"].replace("etl", "elt")),
    "the environment": lambda root: changed(root, "main.tf", FILES["main.tf"].replace("2.10.3", "2.9.2")),
    "the requirements": lambda root: changed(root, "requirements.txt", "pandas\n"),
    "a new file": lambda root: changed(root, "dags/new.py", "from airflow import DAG\nDAG('new')\n"),
    "a file less": lambda root: (root / "dags" / "other.py").unlink(),
    "another name": lambda root: (root / "dags" / "other.py").rename(root / "dags" / "another.py"),
    "a file that became an environment": lambda root: changed(
        root, "notes.json", '{"AirflowVersion": "2.10.3", "DagS3Path": "dags", "Name": "second"}\n'
    ),
    "a file that cannot be read any more": lambda root: changed(root, "dags/other.py", "x" * (MAX_BYTES + 1)),
    "a baseline": lambda root: changed(root, ".mwaalint-baseline.json", '{"version": 1, "findings": []}\n'),
}


class TestAWholeRun:
    def test_is_not_made_again_when_nothing_has_changed(self, tmp_path: Path, project: Path) -> None:
        first = check_kept(project, cache_in(tmp_path))
        second = check_kept(project, cache_in(tmp_path))
        assert first.remembered is None
        assert second.remembered is not None
        assert reports(first) == reports(second) == reports(check(project))
        assert {finding.code for finding in second.findings} >= {"MW001", "MW103", "MW403"}
        assert [finding.code for finding in second.suppressed] == ["MW403", "MW123"]

    def test_reads_only_the_code_that_has_comments(self, tmp_path: Path, project: Path) -> None:
        """Who has checked a file knows whether it holds ignore comments."""
        check_kept(project, cache_in(tmp_path))
        result = check_kept(project, cache_in(tmp_path))
        read = {path for path, file in result.sources.items() if path.endswith(".py") and file.was_read}
        assert {"dags/etl.py", "dags/other.py", "dags/helpers.py", "dags/broken.py"} <= result.sources.keys()
        assert read == {"dags/etl.py", "dags/broken.py"}

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("comment", ["# mwaalint: ignore-file[MW403]", "# mwaalint: ignore[MW404]"])
    def test_knows_comments_in_other_encodings(
        self, tmp_path: Path, project: Path, encoding: str, comment: str
    ) -> None:
        text = f"{FILES['dags/etl.py']}{comment}\n"
        (project / "dags" / "etl.py").write_text(text, encoding=encoding)
        kept = [reports(check_kept(project, cache_in(tmp_path))) for _ in range(2)]
        assert kept == [reports(check(project))] * 2

    @pytest.mark.parametrize("what", CHANGES)
    def test_is_made_again_when_the_project_has_changed(self, tmp_path: Path, project: Path, what: str) -> None:
        check_kept(project, cache_in(tmp_path))
        CHANGES[what](project)
        result = check_kept(project, cache_in(tmp_path))
        assert result.remembered is None
        assert reports(result) == reports(check(project))
        assert check_kept(project, cache_in(tmp_path)).remembered is not None

    @pytest.mark.parametrize(
        "options",
        [
            {"today": date(2031, 1, 1)},
            {"config": Config(select=("MW403",))},
            {"config": Config(severity={"MW403": Severity.NOTE})},
            {"config": Config(rule_options={"MW410": {"allowed": []}})},
            {"config": Config(inline_ignores=False)},
            {"config": Config(airflow_version="2.9.2")},
        ],
    )
    def test_is_made_again_for_other_settings(self, tmp_path: Path, project: Path, options: dict[str, Any]) -> None:
        check_kept(project, cache_in(tmp_path))
        assert check_kept(project, cache_in(tmp_path), **options).remembered is None
        # Who changes between two settings has both.
        assert check_kept(project, cache_in(tmp_path), **options).remembered is not None
        assert check_kept(project, cache_in(tmp_path)).remembered is not None

    @pytest.mark.parametrize("path", ["dags/etl.py", "main.tf", "requirements.txt", "README.md", "dags/gone.py"])
    def test_is_the_same_for_some_of_its_files(self, tmp_path: Path, project: Path, path: str) -> None:
        """What was found is kept for all files, whichever somebody asks for."""
        only = [project / path]
        check_kept(project, cache_in(tmp_path), only=only)
        for wanted in ([], only):
            result = check_kept(project, cache_in(tmp_path), only=wanted)
            assert result.remembered is not None
            assert reports(result) == reports(check(project, only=wanted))

    def test_is_made_again_by_another_mwaalint(self, tmp_path: Path, project: Path) -> None:
        check_kept(project, cache_in(tmp_path))
        assert check_kept(project, cache_in(tmp_path, "another world")).remembered is None

    def test_does_not_care_for_what_it_does_not_read(self, tmp_path: Path, project: Path) -> None:
        check_kept(project, cache_in(tmp_path))
        changed(project, "README.md", "# Another text\n")
        assert check_kept(project, cache_in(tmp_path)).remembered is not None

    def test_is_as_good_where_it_was_before(self, tmp_path: Path, project: Path) -> None:
        """Back on the first branch after a look at another: one entry a setting is kept, so it is checked again."""
        before = reports(check_kept(project, cache_in(tmp_path)))
        changed(project, "dags/other.py", "from airflow import DAG\n")
        assert reports(check_kept(project, cache_in(tmp_path))) != before
        changed(project, "dags/other.py", FILES["dags/other.py"])
        assert reports(check_kept(project, cache_in(tmp_path))) == before

    def test_with_a_crash_is_not_kept(self, tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(*_: object) -> None:
            raise ValueError("no such row")

        # Checks that are imported now do not take the other function along to later tests.
        expected = reports(check(project))
        with monkeypatch.context() as patched:
            patched.setattr("mwaalint.model.install.plan_install", crash)
            assert check_kept(project, cache_in(tmp_path)).crashed
        again = check_kept(project, cache_in(tmp_path))
        assert not again.crashed
        assert again.remembered is None
        assert reports(again) == expected

    def test_of_an_editor_is_not_kept(self, tmp_path: Path, project: Path) -> None:
        check_kept(project, cache_in(tmp_path), overlay={"dags/other.py": b"from airflow import DAG\n"})
        assert check_kept(project, cache_in(tmp_path)).remembered is None
        overlaid = check_kept(project, cache_in(tmp_path), overlay={"dags/other.py": b"from airflow import DAG\n"})
        assert overlaid.remembered is None

    def test_against_a_commit_is_made_every_time(self, tmp_path: Path, project: Path) -> None:
        first = committed(project)
        changed(project, "dags/other.py", FILES["dags/etl.py"].replace('"etl"', '"second"'))
        fresh = reports(check(project, since=first))
        for _ in range(2):
            result = check_kept(project, cache_in(tmp_path), since=first)
            assert result.remembered is None
            assert reports(result) == fresh
        assert check_kept(project, cache_in(tmp_path)).since is None

    def test_for_who_wants_the_deployments_is_made_every_time(self, tmp_path: Path, project: Path) -> None:
        for _ in range(2):
            result = check_kept(project, cache_in(tmp_path), brief=False)
            assert [deployment.label for deployment in result.deployments] == ["etl"]

    def test_with_a_baseline(self, tmp_path: Path, project: Path) -> None:
        baseline = {
            "version": 1,
            "findings": [
                {
                    "path": one.primary.path,
                    "code": one.code,
                    "symbol": "",
                    "message": "",
                    "fingerprint": one.fingerprint,
                }
                for one in check(project).findings[1:]
            ],
        }
        changed(project, ".mwaalint-baseline.json", json.dumps(baseline))
        first, second = (check_kept(project, cache_in(tmp_path)) for _ in range(2))
        assert second.remembered is not None
        assert first.baseline == second.baseline
        assert len(second.findings) == 1
        assert reports(first) == reports(second)

    def test_of_nothing_that_concerns_mwaa(self, tmp_path: Path) -> None:
        root = write_all(tmp_path / "project", {"README.md": "nothing\n"})
        first, second = (check_kept(root, cache_in(tmp_path)) for _ in range(2))
        assert second.remembered == ()
        assert reports(first) == reports(second)


class TestWhatARunAskedFor:
    """By one that asks for what the test wants."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        files = {"read.txt": "read\n", "opened.zip": "PK", "started.json": "{}", "other.txt": "other\n"}
        return write_all(tmp_path / "project", files)

    def kept(self, root: Path, folder: Path, asks: Callable[[Project], object] = lambda _: None) -> RunResult | None:
        """What is kept of a run that asks so; None when it has to be made, and then it is made."""
        config = Config(exclude=("made.txt",))
        project = discover(root, config.exclude)
        cache = cache_in(folder)
        kept = KeptRun(cache, project, config, rulebook.shipped(), TODAY)
        result = kept.restored(())
        if result is None:
            asks(project)
            kept.keep(NOTHING_FOUND, None)
            cache.save()
        return result

    ASKS: Mapping[str, tuple[Callable[[Project], object], Callable[[Path], object]]] = {
        "a file": (lambda project: project.files["read.txt"].data, lambda root: changed(root, "read.txt", "raed\n")),
        "its start": (
            lambda project: project.files["started.json"].start(),
            lambda root: changed(root, "started.json", "[]"),
        ),
        "an archive": (
            lambda project: project.files["opened.zip"].lend(),
            lambda root: changed(root, "opened.zip", "PK and more"),
        ),
        "whether there is one": (
            lambda project: project.exists("made.txt"),
            lambda root: changed(root, "made.txt", "made\n"),
        ),
    }

    @pytest.mark.parametrize("what", ASKS)
    def test_decides_whether_it_is_made_again(self, tmp_path: Path, root: Path, what: str) -> None:
        ask, change = self.ASKS[what]
        assert self.kept(root, tmp_path, ask) is None
        assert self.kept(root, tmp_path) is not None
        changed(root, "other.txt", "nobody asked for it\n")
        assert self.kept(root, tmp_path) is not None
        change(root)
        assert self.kept(root, tmp_path, ask) is None
        assert self.kept(root, tmp_path) is not None

    def test_is_what_it_was_given_even_when_that_changes_meanwhile(self, tmp_path: Path, root: Path) -> None:
        def slowly(project: Project) -> None:
            assert project.files["read.txt"].data
            assert project.files["started.json"].start()
            changed(root, "read.txt", "somebody saves while the run goes on\n")

        assert self.kept(root, tmp_path, slowly) is None
        assert self.kept(root, tmp_path, slowly) is None
        changed(root, "read.txt", "read\n")

    def test_a_file_that_was_not_there_to_be_read(self, tmp_path: Path, root: Path) -> None:
        def in_vain(project: Project) -> None:
            with pytest.raises(Exception, match="files over"):
                assert project.files["read.txt"].data

        changed(root, "read.txt", "x" * (MAX_BYTES + 1))
        assert self.kept(root, tmp_path, in_vain) is None
        assert self.kept(root, tmp_path) is not None
        changed(root, "read.txt", "x" * (MAX_BYTES + 2))
        assert self.kept(root, tmp_path, in_vain) is None
        changed(root, "read.txt", "x")
        assert self.kept(root, tmp_path) is None


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[Path, bytes], dict[str, str]]:
    """The folder of a cache, its project, what the cache's files hold, and what is found."""
    folder = tmp_path_factory.mktemp("spoiled")
    root = write_project(folder / "project")
    result = check_kept(root, cache_in(folder))
    files = cache_in(folder).path, cache_in(folder).beside("run").path
    return folder, root, {file: file.read_bytes() for file in files}, reports(result)


class TestAFileThatSomebodySpoiled:
    @staticmethod
    def one_of(files: Mapping[Path, bytes], data: st.DataObject) -> tuple[Path, bytes]:
        """One of a cache's files and what is in it; all are as they were."""
        for path, content in files.items():
            path.write_bytes(content)
        return data.draw(st.sampled_from(sorted(files.items())))

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_never_changes_what_is_found(
        self, spoiled: tuple[Path, Path, dict[Path, bytes], dict[str, str]], data: st.DataObject
    ) -> None:
        folder, root, files, expected = spoiled
        path, content = self.one_of(files, data)
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(start + 200, len(content))))
        bytes_there = data.draw(st.one_of(st.binary(max_size=50), st.just(content[:end]), st.just(b"\n")))
        whole = data.draw(st.booleans())
        spoiled_content = content[:start] + bytes_there + (content[end:] if whole else b"")
        path.write_bytes(spoiled_content)
        assert reports(check_kept(root, cache_in(folder))) == expected

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def test_to_do_harm_is_no_traceback(
        self, spoiled: tuple[Path, Path, dict[Path, bytes], dict[str, str]], data: st.DataObject
    ) -> None:
        """With the right checksum: what it says may be believed, but only what a run could have said."""
        folder, root, files, _ = spoiled
        path, content = self.one_of(files, data)
        there = entries(content)
        key = data.draw(st.sampled_from(sorted(there)))
        there[key] = json.dumps(harmed(json.loads(there[key]), data)).encode()
        path.write_bytes(forged(there))
        for brief in (True, False):
            assert all(reports(check_kept(root, cache_in(folder), brief=brief)).values())


def harmed(value: object, data: st.DataObject) -> object:
    """The value with one of its parts, at any depth, replaced."""
    deeper = isinstance(value, list) and value and data.draw(st.integers(0, 5))
    if isinstance(value, list) and deeper:
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], harmed(value[index], data), *value[index + 1 :]]
    odd: list[object] = [
        None,
        True,
        -1,
        2**70,
        1.5,
        "",
        "../../x",
        "main.tf",
        "\0",
        [],
        [[]],
        ["t", "x"],
        ["d", [[[], 1]]],
        {},
        {"a": 1},
    ]
    return data.draw(st.sampled_from(odd))


EDITS: Mapping[str, Callable[[bytes], bytes]] = {
    "a line more": lambda data: data + b"# more\n",
    "a line above": lambda data: b"# above\n" + data,
    "a piece less": lambda data: data[: len(data) // 3] + data[len(data) // 2 :],
    "nothing": lambda data: data,
    "all": lambda data: b"",
}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(sorted(FILES)), st.sampled_from(sorted(EDITS)), st.booleans()), max_size=5))
def test_after_any_edits_a_run_finds_what_it_finds_without(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("edited")
    root = write_project(folder / "project")
    for path, edit, brief in [("README.md", "nothing", True), *edits]:
        (root / path).write_bytes(EDITS[edit]((root / path).read_bytes()))
        assert reports(check_kept(root, cache_in(folder), brief=brief)) == reports(check(root))


def mwaalint(*arguments: object, **variables: str | None) -> Result:
    usual: dict[str, str | None] = {"MWAALINT_NO_CACHE": None, "MWAALINT_CACHE_DIR": None}
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=usual | variables)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


class TestTheCommandLine:
    def test_writes_nothing_into_the_project(self, tmp_path: Path, project: Path) -> None:
        before = everything_in(project)
        first, second = (mwaalint("check", project, XDG_CACHE_HOME=str(tmp_path / "home")) for _ in range(2))
        assert everything_in(project) == before
        assert first.output == second.output
        if sys.platform == "linux":
            assert len(everything_in(tmp_path / "home" / "mwaalint")) == 4

    @pytest.mark.parametrize("command", [["check"], ["audit", "-o", "audit.html"], ["baseline"]])
    def test_keeps_results_where_it_is_told_to(
        self, tmp_path: Path, project: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        command, options = command[:1], command[1:]
        mwaalint(*command, project, *options, "--cache-dir", tmp_path / "option")
        mwaalint(*command, project, *options, MWAALINT_CACHE_DIR=str(tmp_path / "variable"))
        mwaalint(*command, project, *options, "--no-cache", "--cache-dir", tmp_path / "none")
        mwaalint(*command, project, *options, "--cache-dir", tmp_path / "none", MWAALINT_NO_CACHE="1")
        assert (tmp_path / "option").is_dir()
        assert (tmp_path / "variable").is_dir()
        assert not (tmp_path / "none").exists()

    def test_finds_the_same_as_without(self, tmp_path: Path, project: Path) -> None:
        fresh = mwaalint("check", project, "--no-cache", "--format", "json")
        for _ in range(3):
            kept = mwaalint("check", project, "--cache-dir", tmp_path / "cache", "--format", "json")
            assert (kept.stdout, kept.exit_code) == (fresh.stdout, fresh.exit_code)

    def test_writes_audits_as_without(self, tmp_path: Path, project: Path) -> None:
        for name in ("fresh", "first", "second"):
            option = ["--no-cache"] if name == "fresh" else ["--cache-dir", tmp_path / "cache"]
            assert mwaalint("audit", project, "-o", tmp_path / f"{name}.html", *option).exit_code == 0
            assert mwaalint("check", project, "--format", f"markdown={tmp_path / name}.md", *option).exit_code == 1
        for ending in ("html", "md"):
            fresh = (tmp_path / f"fresh.{ending}").read_text()
            assert "etl" in fresh
            assert (tmp_path / f"first.{ending}").read_text() == fresh
            assert (tmp_path / f"second.{ending}").read_text() == fresh

    def test_fixes_as_without(self, tmp_path: Path, project: Path) -> None:
        other = write_project(tmp_path / "other")
        mwaalint("check", other, "--cache-dir", tmp_path / "cache")
        for _ in range(2):
            diffs = [
                mwaalint("check", root, "--diff", "--unsafe-fixes", *option).stdout
                for root, option in ((project, ["--no-cache"]), (other, ["--cache-dir", str(tmp_path / "cache")]))
            ]
            assert diffs[0] == diffs[1] != ""
        mwaalint("check", project, "--fix", "--unsafe-fixes", "--no-cache")
        mwaalint("check", other, "--fix", "--unsafe-fixes", "--cache-dir", tmp_path / "cache")
        assert everything_in(project) == everything_in(other)
        after = [
            mwaalint("check", root, "--format", "json", *option).stdout
            for root, option in ((project, ["--no-cache"]), (other, ["--cache-dir", str(tmp_path / "cache")]))
        ]
        assert after[0] == after[1]

    def test_a_cache_in_the_project_is_no_part_of_it(self, project: Path) -> None:
        outputs = [mwaalint("check", project, "--cache-dir", project / ".cache").output for _ in range(3)]
        files = [path for path in (project / ".cache").iterdir() if len(path.name) == 32]
        before = [file.stat().st_mtime_ns for file in files]
        outputs.append(mwaalint("check", project, "--cache-dir", project / ".cache").output)
        assert len(set(outputs)) == 1
        assert [file.stat().st_mtime_ns for file in files] == before

    def test_a_folder_that_cannot_be_written_is_said_once(self, tmp_path: Path, project: Path) -> None:
        (tmp_path / "file").write_text("")
        fresh = mwaalint("check", project, "--no-cache")
        stated = mwaalint("check", project, "--cache-dir", tmp_path / "file" / "below")
        assert stated.stdout == fresh.stdout
        assert stated.stderr.count("Nothing was cached for the next run") == 1
        usual = mwaalint("check", project, XDG_CACHE_HOME=str(tmp_path / "file"))
        if sys.platform == "linux":
            assert (usual.stdout, usual.stderr) == (fresh.stdout, "")

    @pytest.mark.parametrize(("variable", "complaints"), [("MWAALINT_CACHE_DIR", 1), ("XDG_CACHE_HOME", 0)])
    def test_a_link_to_itself_is_one(self, tmp_path: Path, project: Path, variable: str, complaints: int) -> None:
        (tmp_path / "loop").symlink_to("loop")
        fresh = mwaalint("check", project, "--no-cache")
        result = mwaalint("check", project, **{variable: str(tmp_path / "loop")})
        assert (result.exit_code, result.stdout) == (fresh.exit_code, fresh.stdout)
        assert result.stderr.count("Nothing was cached for the next run") == complaints

    def test_runs_at_the_same_time_do_each_other_no_harm(self, tmp_path: Path, project: Path) -> None:
        words = ["check", str(project), "--cache-dir", str(tmp_path / "cache"), "--format", "json"]
        variables = {name: value for name, value in os.environ.items() if name != "MWAALINT_NO_CACHE"}
        command = [sys.executable, "-c", "from mwaalint.cli import main; main()", *words]
        running = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=variables) for _ in range(4)
        ]
        answers = {one.communicate()[0] for one in running}
        fresh = mwaalint("check", project, "--no-cache", "--format", "json").stdout
        assert {answer.decode() for answer in answers} == {fresh}
        assert len(everything_in(tmp_path / "cache")) == 4

    def test_help_tells_of_it(self) -> None:
        text = mwaalint("check", "--help").output
        assert "--no-cache" in text
        assert "--cache-dir" in text


class TestTheUsualFolder:
    def test_is_the_platforms(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(Path, "home", lambda: tmp_path)
        absolute = str(tmp_path / "elsewhere")
        assert usual_folder("linux", {}) == tmp_path / ".cache" / "mwaalint"
        assert usual_folder("linux", {"XDG_CACHE_HOME": absolute}) == tmp_path / "elsewhere" / "mwaalint"
        assert usual_folder("linux", {"XDG_CACHE_HOME": "relative"}) == tmp_path / ".cache" / "mwaalint"
        assert usual_folder("darwin", {}) == tmp_path / "Library" / "Caches" / "mwaalint"
        assert usual_folder("win32", {"LOCALAPPDATA": absolute}) == tmp_path / "elsewhere" / "mwaalint" / "cache"
        assert usual_folder("win32", {}) == tmp_path / "AppData" / "Local" / "mwaalint" / "cache"

    def test_is_none_for_who_has_no_home(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def none() -> Path:
            raise RuntimeError

        monkeypatch.setattr(Path, "home", none)
        assert usual_folder("linux", {}) is None
        monkeypatch.setattr(Path, "home", lambda: Path("relative"))
        assert usual_folder("linux", {}) is None


class TestTheWorld:
    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        files = {"mwaalint/a.py": "a\n", "mwaalint/data/t.json": "{}", "rules/iam/MW001-x.md": "# x\n"}
        return write_all(tmp_path, files) / "mwaalint"

    @pytest.mark.parametrize("path", ["mwaalint/a.py", "mwaalint/data/t.json", "rules/iam/MW001-x.md"])
    def test_changes_with_each_file_of_a_checkout(self, checkout: Path, path: str) -> None:
        before = world(checkout, [])
        assert world(checkout, []) == before
        file = checkout.parent / path
        file.write_bytes(file.read_bytes().swapcase())
        os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))
        assert world(checkout, []) != before

    def test_changes_with_what_pip_installed(self, checkout: Path) -> None:
        record = checkout.parent / "mwaalint-0.1.0.dist-info" / "RECORD"
        write_all(checkout.parent, {"mwaalint-0.1.0.dist-info/RECORD": "mwaalint/a.py,sha256=one,2\n"})
        before = world(checkout, [])
        os.utime(checkout / "a.py", ns=(0, 0))
        assert world(checkout, []) == before
        record.write_text("mwaalint/a.py,sha256=two,2\n")
        assert world(checkout, []) != before

    def test_changes_with_the_versions_of_other_packages(self, checkout: Path, tmp_path: Path) -> None:
        packages = tmp_path / "site-packages"
        (packages / "PyYAML-6.0.dist-info").mkdir(parents=True)
        before = world(checkout, [str(packages), str(tmp_path / "none")])
        (packages / "unrelated.txt").write_text("")
        assert world(checkout, [str(packages), str(tmp_path / "none")]) == before
        (packages / "PyYAML-6.0.dist-info").rename(packages / "PyYAML-6.1.dist-info")
        assert world(checkout, [str(packages)]) != before

    def test_cannot_be_told_of_an_archive(self, tmp_path: Path) -> None:
        assert world(tmp_path / "mwaalint.pyz" / "mwaalint", []) is None

    def test_of_these_tests_is_known(self) -> None:
        assert here() is not None


TOUCHES = {
    *(
        "open",
        "read_bytes",
        "read_text",
        "exists",
        "is_file",
        "is_dir",
        "is_symlink",
        "iterdir",
        "glob",
        "rglob",
        "stat",
    ),
    *("listdir", "scandir", "lstat", "getenv", "check_output", "Popen", "ZipFile", "urlopen"),
}


def touching(path: Path) -> list[str]:
    """What a module may ask of the machine it runs on: calls by these names, and ``os.environ``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        if name in TOUCHES or (isinstance(node, ast.Attribute) and node.attr == "environ"):
            found.append(name or "environ")
    return sorted(found)


def test_what_a_run_looks_at_goes_through_the_project() -> None:
    """Or nobody would notice a change. ``Project.exists`` and ``SourceFile.lend`` are for what is no text."""
    package = Path(api.__file__).parent
    modules = [path for name in ("checks", "model", "documents") for path in (package / name).rglob("*.py")]
    found = {path.relative_to(package).as_posix(): names for path in modules if (names := touching(path))}
    assert found == {
        # Reads the listing of an archive that it was lent.
        "checks/requirements/_bundle.py": ["ZipFile", "open"],
        # Asks the project.
        "checks/requirements/relative_include_not_shipped.py": ["exists"],
    }


def test_without_a_cache_everything_is_as_ever(project: Path) -> None:
    result = api.check(project, Config(), today=TODAY, brief=True)
    assert result.deployments
    assert result.remembered is None


def test_what_fixing_found_is_there_for_the_next_run(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert mwaalint("check", project, "--fix", "--cache-dir", folder, MWAALINT_NO_CACHE=None).exit_code in (0, 1)
    kept = [path for path in folder.iterdir() if "." not in path.name]
    assert len(kept) == 2
    assert all(path.stat().st_size > 0 for path in kept)
