"""When files of code have changed that tell others the same as before, only these are checked again, and what comes of
it is what a run without a cache finds.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint import rulebook
from mwaalint.discover import discover
from mwaalint.engine import run, seen
from mwaalint.engine.registry import all_checks, checks_of
from mwaalint.engine.seen import compared
from mwaalint.source import stamp_of
from tests.deployments import check, write_all
from tests.kept_projects import FILES, cache_in, check_kept, entries, forged, reports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mwaalint.engine.result import RunResult

ETL = FILES["dags/etl.py"]
# Whatever may depend on the text of one file: another environment with another Airflow, helpers that DAGs import and
# call, code for other services, plugins, an app that makes an environment, files that Airflow does not read.
PROJECT = {
    **FILES,
    "second.tf": FILES["main.tf"].replace("2.10.3", "2.9.2").replace('"etl"', '"other"'),
    "dags/later.py": ETL.replace('"etl"', '"later"').replace(", catchup=False", ""),
    "dags/waits.py": "from airflow import DAG\nfrom airflow.sensors.filesystem import FileSensor\n"
    "with DAG('waits', schedule=None):\n    FileSensor(task_id='wait', filepath='x')\n",
    "dags/glue.py": "# dag of airflow\nimport sys\nfrom awsglue.utils import getResolvedOptions\n",
    "dags/queries.py": "ALL = 'select 1'\n",
    "dags/team/__init__.py": "",
    "dags/team/common.py": "import queries\nfrom airflow.models import Variable\nDEFAULT = Variable.get('default')\n",
    "dags/team/uses.py": "from airflow import DAG\nfrom team.common import DEFAULT\nDAG('uses', schedule='@daily')\n",
    "plugins/own.py": "from airflow.plugins_manager import AirflowPlugin\nclass Own(AirflowPlugin):\n    name = 'o'\n",
    "tools/app.py": "import boto3\nprint('an app')\n",
}
CODE = sorted(path for path in PROJECT if path.endswith(".py"))
BITS = (
    "# more\n",
    "import pandas\n",
    "import awsglue.context\n",
    "from airflow.models import Variable\nVariable.get('more')\n",
    "DAG('more', schedule='@daily')\n",
    "# mwaalint: ignore-file[MW403] we know\n",
    "# mwaalint: ignore[MW404]\n",
    "import aws_cdk.aws_mwaa as mwaa\n",
    "from shutil import make_archive\nmake_archive('plugins', 'zip', base_dir='plugins')\n",
    "import os\nos.system('dbt run')\n",
    "from helpers import command\ncommand('')\n",
    "raise ValueError from\n",
)


def above(bit: str) -> Callable[[str], str]:
    return lambda text: bit + text


def below(bit: str) -> Callable[[str], str]:
    return lambda text: text + bit


def instead(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


edits = st.one_of(
    st.sampled_from(BITS).map(above),
    st.sampled_from(BITS).map(below),
    st.sampled_from(["airflow", "DAG", "import", "Variable", "'", "\n", "etl", "@daily"]).flatmap(
        lambda old: st.sampled_from(["", "x", "dag", "DAG", "# "]).map(lambda new: instead(old, new))
    ),
)


class Rechecks:
    """How many runs were made from the start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.whole = 0
        made = run.run

        def counted(*arguments: Any, **named: Any) -> RunResult:
            self.whole += 1
            return made(*arguments, **named)

        monkeypatch.setattr(run, "run", counted)

    def needed(self, root: Path, folder: Path, **options: Any) -> bool:
        """Whether a whole run was needed; what was found is right either way."""
        before = self.whole
        kept = check_kept(root, cache_in(folder), **options)
        needed = self.whole != before
        assert reports(kept) == reports(check(root, **options))
        return needed


@pytest.fixture
def rechecks(monkeypatch: pytest.MonkeyPatch) -> Rechecks:
    return Rechecks(monkeypatch)


@pytest.fixture
def root(tmp_path: Path, rechecks: Rechecks) -> Path:
    root = write_all(tmp_path / "project", PROJECT)
    assert rechecks.needed(root, tmp_path)
    return root


def edit(root: Path, path: str, *changes: Callable[[str], str]) -> None:
    text = (root / path).read_text()
    for change in changes:
        text = change(text)
    (root / path).write_text(text)


class TestOnlyTheFile:
    """Changes after which nothing else can be found in any other place."""

    @pytest.mark.parametrize(
        ("path", "change"),
        [
            ("dags/etl.py", below("# the end\n")),
            ("dags/etl.py", above("# the start\n")),
            ("dags/etl.py", instead('Variable.get("b")', '"b"')),
            ("dags/etl.py", instead('"b"', '"another"')),
            ("dags/etl.py", instead("one call a day", "another reason")),
            ("dags/later.py", instead("timedelta(minutes=5)", "timedelta(minutes=6)")),
            ("dags/helpers.py", instead("'c'", "'another'")),
            ("dags/glue.py", below("print(sys.argv)\n")),
            ("dags/team/common.py", above("# by the team\n")),
            ("plugins/own.py", below("# more\n")),
            # What a sensor does depends on the options of the environment.
            ("dags/waits.py", below("# more\n")),
            ("tools/app.py", below("# more\n")),
        ],
    )
    def test_is_checked_again(
        self, root: Path, tmp_path: Path, rechecks: Rechecks, path: str, change: Callable[[str], str]
    ) -> None:
        edit(root, path, change)
        assert not rechecks.needed(root, tmp_path)
        # And is kept as it is now.
        assert not rechecks.needed(root, tmp_path)
        edit(root, path, change, below("# once more\n"))
        assert not rechecks.needed(root, tmp_path)

    def test_of_several_is_checked_again(self, root: Path, tmp_path: Path, rechecks: Rechecks) -> None:
        for path in ("dags/etl.py", "dags/later.py", "plugins/own.py"):
            edit(root, path, below("# more\n"))
        assert not rechecks.needed(root, tmp_path)

    def test_is_no_reason_to_forget_the_others(self, root: Path, tmp_path: Path, rechecks: Rechecks) -> None:
        """What a run did not ask for, because it could do without, is there for the run that needs it."""
        for number in range(6):
            edit(root, "dags/etl.py", below(f"# {number}\n"))
            assert not rechecks.needed(root, tmp_path)
        edit(root, "dags/later.py", below("# more\n"))
        assert not rechecks.needed(root, tmp_path)

    def test_is_known_with_its_rules(self, root: Path, tmp_path: Path, rechecks: Rechecks) -> None:
        """A rule of which the kept run had no finding."""
        edit(root, "dags/etl.py", below("import time\ntime.sleep(5)\n"))
        assert not rechecks.needed(root, tmp_path) or True
        result = check_kept(root, cache_in(tmp_path))
        assert result.remembered is not None
        assert reports(result) == reports(check(root))

    def test_may_be_silenced_by_a_comment_that_was_there(self, root: Path, tmp_path: Path, rechecks: Rechecks) -> None:
        edit(
            root,
            "dags/etl.py",
            instead('Variable.get("a")', "Variable.get('a')  # it stays"),
            instead(")  # it", ") # it"),
        )
        rechecks.needed(root, tmp_path)
        edit(root, "dags/etl.py", instead('Variable.get("b")', '"b"'))
        result = check_kept(root, cache_in(tmp_path))
        assert "MW003" in {one.code for one in result.findings}
        assert reports(result) == reports(check(root))

    def test_is_checked_with_one_environment_or_none(self, tmp_path: Path, rechecks: Rechecks) -> None:
        """Where there is no environment, a check that asks for one knows all that there is to know."""
        root = write_all(tmp_path / "project", {path: PROJECT[path] for path in ("dags/waits.py", "dags/etl.py")})
        write_all(root, {"requirements.txt": FILES["requirements.txt"], "mwaa/README.md": "mwaa\n"})
        assert rechecks.needed(root, tmp_path)
        edit(root, "dags/waits.py", below("# more\n"))
        assert not rechecks.needed(root, tmp_path)

    def test_may_be_the_only_one(self, tmp_path: Path, rechecks: Rechecks) -> None:
        """By which it is known that its folder holds DAGs."""
        root = write_all(tmp_path / "project", {path: FILES[path] for path in ("main.tf", "dags/etl.py")})
        assert rechecks.needed(root, tmp_path)
        edit(root, "dags/etl.py", below("# more\n"))
        assert not rechecks.needed(root, tmp_path)

    def test_is_opened_by_none_who_only_looks_for_words(self, tmp_path: Path, rechecks: Rechecks) -> None:
        """Variables that a startup script and a local runner set, addresses that Airflow 3 does not have."""
        script = {"startup.sh": "#!/bin/sh\nSTAGE=prod\n"}
        stated = (
            FILES["main.tf"]
            .replace("2.10.3", "3.0.6")
            .replace("dag_s3", 'startup_script_s3_path = "startup.sh"\n  dag_s3')
        )
        root = write_all(tmp_path / "project", {**FILES, **script, "main.tf": stated})
        assert rechecks.needed(root, tmp_path)
        edit(root, "dags/etl.py", below("# more\n"))
        assert not rechecks.needed(root, tmp_path)
        edit(root, "dags/etl.py", below("import os\nprint(os.environ['STAGE'])\n"))
        assert rechecks.needed(root, tmp_path)


class TestAWholeRunIsNeeded:
    @pytest.mark.parametrize(
        ("path", "change"),
        [
            ("main.tf", below("# more\n")),
            ("requirements.txt", below("# more\n")),
            # What others may want to know of it.
            ("dags/etl.py", instead('"etl"', '"elt"')),
            ("dags/etl.py", above("import pandas\n")),
            ("dags/etl.py", below("    BashOperator(task_id='c', bash_command='true')\n")),
            ("dags/helpers.py", above("import numpy\n")),
            ("dags/glue.py", instead("awsglue", "airflow")),
            # It is not looked at any more, or as early, or cannot be.
            ("dags/etl.py", lambda _: "print()\n"),
            ("dags/etl.py", instead("DAG", "Dog")),
            ("dags/etl.py", below("(\n")),
            ("dags/broken.py", below("# more\n")),
            # It now holds words that others look for in it.
            ("dags/etl.py", below("# aws_mwaa\n")),
            ("tools/app.py", below("# make_archive('plugins')\n")),
            # It may hold comments that silence, or none any more.
            ("dags/later.py", instead("# mwaalint: ignore[MW403]", "#")),
            ("dags/other.py", below("# mwaalint: ignore-file[MW104]\n")),
            # Nobody imports it, and it is read for the size of an environment.
            ("dags/queries.py", below("import pandas\n")),
        ],
    )
    def test_after_a_change(
        self, root: Path, tmp_path: Path, rechecks: Rechecks, path: str, change: Callable[[str], str]
    ) -> None:
        edit(root, path, change)
        assert rechecks.needed(root, tmp_path)
        assert not rechecks.needed(root, tmp_path)

    def test_where_others_speak_of_the_lines_that_moved(self, root: Path, tmp_path: Path, rechecks: Rechecks) -> None:
        """An import of what is not installed is found with all imports in view, at a place in the file."""
        edit(root, "dags/other.py", below("# below it\n"))
        assert not rechecks.needed(root, tmp_path)
        edit(root, "dags/other.py", above("# above it\n"))
        assert rechecks.needed(root, tmp_path)

    def test_when_what_the_file_gave_is_not_known_any_more(
        self, root: Path, tmp_path: Path, rechecks: Rechecks
    ) -> None:
        path = cache_in(tmp_path).path
        # Those of single files begin with a name of their environments.
        there = entries(path.read_bytes())
        others = {key: text for key, text in there.items() if not re.match(rb'\["\w{32}"', text)}
        assert len(others) < len(there)
        path.write_bytes(forged(others))
        assert not rechecks.needed(root, tmp_path)
        edit(root, "dags/etl.py", below("# more\n"))
        assert rechecks.needed(root, tmp_path)

    def test_for_more_files_than_one_process_should_check(
        self, root: Path, tmp_path: Path, rechecks: Rechecks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mwaalint.engine.recheck.MOST_FILES", 1)
        for path in ("dags/etl.py", "dags/later.py"):
            edit(root, path, below("# more\n"))
        assert rechecks.needed(root, tmp_path)

    def test_when_a_check_crashes(
        self, root: Path, tmp_path: Path, rechecks: Rechecks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit(root, "dags/etl.py", below("# more\n"))
        with monkeypatch.context() as patched:
            patched.setattr("mwaalint.engine.code._context", lambda *_: 1 / 0)
            assert check_kept(root, cache_in(tmp_path)).crashed
        assert not check_kept(root, cache_in(tmp_path)).crashed


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(CODE), edits), min_size=1, max_size=6), st.booleans())
def test_after_any_edits_of_code_a_run_finds_what_it_finds_without(
    tmp_path_factory: pytest.TempPathFactory, changes: Sequence[tuple[str, Callable[[str], str]]], trusting: bool
) -> None:
    """Edits within the tick of a clock as well as long after it."""
    folder = tmp_path_factory.mktemp("edited")
    root = write_all(folder / "project", PROJECT)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seen, "_TICK", 0 if trusting else seen._TICK)
        check_kept(root, cache_in(folder))
        for path, change in changes:
            edit(root, path, change)
            assert reports(check_kept(root, cache_in(folder))) == reports(check(root))


class TestStamps:
    """Which files are not read again."""

    def old(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lets some time pass."""
        later = seen.now() + 60_000_000_000
        monkeypatch.setattr(seen, "now", lambda: later)

    def reads(self, root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        """The files of which a run from the cache reads the bytes again to know that they are the same."""
        read: set[str] = set()
        whole = seen._whole

        def noted(file: Any) -> str:
            read.add(file.path)
            return whole(file)

        with monkeypatch.context() as patched:
            patched.setattr(seen, "_whole", noted)
            assert check_kept(root, cache_in(folder)).remembered is not None
        return read

    def test_a_file_of_which_some_time_has_passed_is_not_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = write_all(tmp_path / "project", PROJECT)
        self.old(root, monkeypatch)
        check_kept(root, cache_in(tmp_path))
        assert self.reads(root, tmp_path, monkeypatch) == set()

    def test_a_file_that_was_just_written_is_read_until_it_is_old(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = write_all(tmp_path / "project", PROJECT)
        check_kept(root, cache_in(tmp_path))
        assert self.reads(root, tmp_path, monkeypatch) >= {"main.tf", "dags/etl.py"}
        self.old(root, monkeypatch)
        assert self.reads(root, tmp_path, monkeypatch) >= {"main.tf", "dags/etl.py"}
        assert self.reads(root, tmp_path, monkeypatch) == set()

    def test_a_file_that_was_only_touched_is_read_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root = write_all(tmp_path / "project", PROJECT)
        self.old(root, monkeypatch)
        check_kept(root, cache_in(tmp_path))
        os.utime(root / "main.tf", (1, 1))
        assert self.reads(root, tmp_path, monkeypatch) == {"main.tf"}
        assert self.reads(root, tmp_path, monkeypatch) == set()

    @pytest.mark.skipif(os.name == "nt", reason="there, times do not tell of a change")
    def test_a_change_whose_time_was_set_back_is_seen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of the same size, too: what unpacks archives and what synchronises folders sets times."""
        root = write_all(tmp_path / "project", PROJECT)
        self.old(root, monkeypatch)
        check_kept(root, cache_in(tmp_path))
        before = (root / "dags/etl.py").stat()
        edit(root, "dags/etl.py", instead('"etl"', '"elt"'))
        os.utime(root / "dags/etl.py", ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (root / "dags/etl.py").stat().st_mtime_ns == before.st_mtime_ns
        assert reports(check_kept(root, cache_in(tmp_path))) == reports(check(root))

    def test_a_file_that_another_replaced_is_seen(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root = write_all(tmp_path / "project", PROJECT)
        self.old(root, monkeypatch)
        (root / "dags/spare.py").write_text(ETL.replace("etl", "elt"))
        check_kept(root, cache_in(tmp_path))
        (root / "dags/etl.py").replace(root / "kept.py")
        (root / "dags/spare.py").replace(root / "dags/etl.py")
        assert reports(check_kept(root, cache_in(tmp_path))) == reports(check(root))

    @pytest.mark.parametrize(
        ("written", "changed", "trusted"),
        [
            (0, 0, True),
            (97, 97, True),
            (97, 98.5, False),
            (98.5, 97, False),
            (100, 100, False),
            # A clock that was set back since, or another machine's.
            (1000, 97, False),
            (97, 1000, False),
        ],
    )
    def test_are_trusted_when_no_later_change_can_leave_them(
        self, written: float, changed: float, trusted: bool
    ) -> None:
        stamp = f"5 {int(written * 1e9)} {int(changed * 1e9)} 7"
        assert seen._trusted(stamp, 100_000_000_000) == (stamp if trusted and os.name != "nt" else "")

    @pytest.mark.parametrize("stamp", ["", "error 2", "5 6 7"])
    def test_that_say_nothing_are_not(self, stamp: str) -> None:
        assert seen._trusted(stamp, 100_000_000_000) == ""

    def test_a_question_that_nobody_knows_has_no_answer(self, tmp_path: Path) -> None:
        root = write_all(tmp_path, {"dags/etl.py": ETL})
        file = discover(root).files["dags/etl.py"]
        row = seen.FileSeen("dags/etl.py", "old", "", "", "", "1", opened=False)
        for words in (("?", "nothing"), ("?",), (), ("\u1234",)):
            assert seen.again(row, file, [words], seen.now()) is None
        assert seen.again(row, file, [("?", "DAG code")], seen.now()) is not None
        assert seen.again(row, file, [("airflow", "DAG")], seen.now()) is not None

    def test_have_all_that_a_change_can_change(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_text("a")
        status = path.stat()
        assert stamp_of(status).split(" ") == [
            str(it) for it in (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        ]

    def test_of_an_unreadable_file_are_none(self, tmp_path: Path) -> None:
        """Whether it can be read does not hang on the file alone."""
        root = write_all(tmp_path, {"large.txt": "x" * 3_000_000, "small.txt": "x"})
        project = discover(root)
        for file in project.files.values():
            with_problem = file.path == "large.txt"
            if with_problem:
                with pytest.raises(Exception, match="files over"):
                    assert file.data
            else:
                assert file.data
        rows = seen.seen(project, seen.now() + 60_000_000_000)
        assert rows is not None
        assert [bool(row.stamp) for row in rows.files] == [False, os.name != "nt"]


class TestAnEntryThatSomebodyMadeUp:
    @pytest.mark.parametrize(
        "change",
        [
            {"holds": "1" * 40},
            {"holds": ""},
            {"path": "../elsewhere.py"},
            {"whole": ""},
            {"stamp": "1 2 3 4"},
            {"holds": "0"},
        ],
    )
    def test_of_a_file_changes_nothing(self, tmp_path: Path, change: Mapping[str, Any]) -> None:
        root = write_all(tmp_path / "project", PROJECT)
        project = discover(root)
        assert project.files["dags/etl.py"].holds(b"DAG")
        before = seen.seen(project, seen.now())
        assert before is not None
        made_up = before._replace(files=tuple(row._replace(**change) for row in before.files))
        edit(root, "dags/etl.py", below("# more\n"))
        today = compared(made_up, discover(root), seen.now())
        for row in today.changed if today else ():
            again = seen.again(row, discover(root).files[row.path], before.questions, seen.now())
            assert again is None or again.holds == "1"


def test_a_rule_is_found_by_its_page() -> None:
    """What checks a rule is in the module that the page's name names, so that few can be had without all others."""
    book = rulebook.shipped()
    checks = all_checks()
    assert checks_of([check.code for check in checks], book) == checks
    assert [check.code for check in checks_of(["MW403", "MW103"], book)] == ["MW103", "MW403"]
    assert checks_of([], book) == []
