"""MW703 and MW706 where the export and the import are files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from tests.deployments import TODAY, check, lines, write_all
from tests.migration_rules import HEAD, script
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

POOLS = "select pool, slots, description from slot_pool"
TASKS = "select task_id, dag_id, run_id, state, pool, trigger_id from task_instance where state = 'success'"
TRIGGERS = "select id, classpath, kwargs from trigger"
SHIFT = HEAD.count("\n")


def found(tmp_path: Path, code: str, **files: list[str]) -> dict[str, list[int]]:
    """The lines on which a rule reports something, by the name of the file; __ in it is a folder."""
    texts = {f"dags/{name.replace('__', '/')}.py": HEAD + script(*statements) for name, statements in files.items()}
    result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, **texts}))
    places = [place.split()[0].split(":") for place in lines(result) if place.endswith(code)]
    by_file: dict[str, list[int]] = {}
    for path, line, *_ in places:
        by_file.setdefault(path.removeprefix("dags/").removesuffix(".py"), []).append(int(line) - SHIFT)
    return by_file


class TestLists:
    @pytest.mark.parametrize("columns", ["pool, description, slots", "pool, slots", "pool, slots, description, id"])
    def test_that_do_not_fit_are_reported_where_rows_are_loaded(self, tmp_path: Path, columns: str) -> None:
        copy = f"copy slot_pool({columns}) from stdin"
        assert found(tmp_path, "MW703", export=[POOLS], load=[copy]) == {"load": [2]}

    def test_a_file_of_its_own_goes_first(self, tmp_path: Path) -> None:
        own = [POOLS, "copy slot_pool(pool, slots, description) from stdin"]
        assert found(tmp_path, "MW703", both=own, other=["select slots, pool from slot_pool"]) == {}

    @pytest.mark.parametrize(
        "others",
        [
            {"export": [POOLS], "again": [POOLS]},
            {"export": [POOLS], "load_too": ["copy slot_pool(pool) from stdin"]},
            {"other__export": [POOLS]},
            {"export": ["select pool as name, slots from slot_pool"]},
        ],
    )
    def test_which_belong_together_is_not_guessed(self, tmp_path: Path, others: dict[str, list[str]]) -> None:
        assert found(tmp_path, "MW703", load=["copy slot_pool(pool, slots) from stdin"], **others) == {}

    @pytest.mark.parametrize("question", ["select distinct slots from slot_pool", "select count(*) from slot_pool"])
    def test_a_question_is_no_export(self, tmp_path: Path, question: str) -> None:
        copy = "copy slot_pool(pool, description, slots) from stdin"
        assert found(tmp_path, "MW703", export=[POOLS], load=[question, copy]) == {"load": [3]}
        assert found(tmp_path / "alone", "MW703", load=[question, copy]) == {}

    def test_an_alias_that_is_another_column_is_in_the_wrong_place(self, tmp_path: Path) -> None:
        export, copy = "select pool as slots, slots as pool from slot_pool", "copy slot_pool(pool, slots) from stdin"
        assert found(tmp_path, "MW703", export=[export], load=[copy]) == {"load": [2]}


LOAD_TASKS = "copy task_instance(task_id, dag_id, run_id, state, pool, trigger_id) from stdin"
LOAD_TRIGGERS = "copy trigger(id, classpath, kwargs) from stdin"


class TestTriggers:
    def test_that_are_exported_and_not_loaded(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW706", export=[TASKS, TRIGGERS], load=[LOAD_TASKS]) == {"load": [2]}

    def test_that_are_not_even_exported_are_reported_once(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW706", export=[TASKS], load=[LOAD_TASKS]) == {"export": [2]}

    @pytest.mark.parametrize(
        ("export", "load"),
        [
            ([TASKS, TRIGGERS], [LOAD_TRIGGERS, LOAD_TASKS]),
            ([TASKS.replace("trigger_id", "null as trigger_id"), TRIGGERS], [LOAD_TASKS]),
            ([TASKS, TRIGGERS], [LOAD_TASKS.replace(", trigger_id", "")]),
            ([TASKS, TRIGGERS], [LOAD_TASKS, 'f"copy {table} from stdin"']),
            ([TASKS, TRIGGERS], []),
        ],
    )
    def test_that_come_along_or_are_not_wanted(self, tmp_path: Path, export: list[str], load: list[str]) -> None:
        assert found(tmp_path, "MW706", export=export, load=load) == {}

    def test_an_export_may_be_in_files_of_its_own(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW706", tasks=[TASKS], triggers=[TRIGGERS]) == {}


class TestFixes:
    @pytest.mark.parametrize(
        ("code", "before", "after"),
        [
            ("MW706", TASKS, TASKS.replace("trigger_id", "null as trigger_id")),
            ("MW706", TASKS.replace("trigger_id", "ti.trigger_id"), TASKS.replace("trigger_id", "null as trigger_id")),
            ("MW706", TASKS.replace("trigger_id", "trigger_id as trigger_id"), None),
            ("MW706", TASKS.replace("trigger_id", "coalesce(trigger_id, 0) as trigger_id"), None),
            ("MW712", "select dag_id, null as queued_at from dag_run", "select dag_id, queued_at from dag_run"),
            (
                "MW712",
                "select -1 AS log_template_id, run_id from dag_run",
                "select log_template_id, run_id from dag_run",
            ),
            ("MW712", "select null as queued_at, d.dag_id from dag_run r, dag d", None),
            ("MW712", "select 'null as queued_at' as a, null as queued_at from dag_run", None),
        ],
    )
    def test_one_column_is_rewritten(self, tmp_path: Path, code: str, before: str, after: str | None) -> None:
        text = HEAD + script(before)
        write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/export.py": text})
        select = Config(select=(code,))
        outcome = fix_all(lambda overlay: api.check(tmp_path, select, today=TODAY, overlay=overlay), unsafe=True)
        changed = outcome.changed.get("dags/export.py", text.encode()).decode()
        assert changed == (HEAD + script(after) if after else text)

    def test_texts_that_are_put_together(self, tmp_path: Path) -> None:
        text = HEAD + script('f"select dag_id, {what} from dag_run"', before="what = 'null as queued_at'\n")
        write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/export.py": text})
        (finding,) = [each for each in check(tmp_path).findings if each.code == "MW712"]
        assert finding.fixes == ()
