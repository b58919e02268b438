"""MW703, MW707 and MW712: columns that a version has, lacks or loses on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import catalog
from mwaalint.checks.migration._schema import Schema
from tests.migration_rules import found, script

if TYPE_CHECKING:
    from pathlib import Path


class TestSchema:
    @pytest.mark.parametrize(
        ("airflow", "table", "column", "there"),
        [
            ("2.2.2", "dag_run", "data_interval_start", True),
            ("2.0.2", "dag_run", "data_interval_start", False),
            ("2.0.2", "task_instance", "execution_date", True),
            ("2.2.2", "task_instance", "execution_date", False),
            ("2.7.2", "dag_run", "clear_number", False),
            ("2.8.1", "dag_run", "clear_number", True),
            ("2.7.2", "slot_pool", "include_deferred", True),
            ("2.10.3", "dag_run", "execution_date", True),
            ("3.0.6", "dag_run", "execution_date", False),
            ("2.10.3", "task_fail", "id", True),
        ],
    )
    def test_what_airflow_had_when(self, airflow: str, table: str, column: str, there: bool) -> None:
        schema = Schema(catalog.load(), airflow)
        assert schema.has(table, column) == there
        assert schema.lacks(table, column) != there

    def test_a_column_or_a_table_of_no_version_is_not_lacking(self) -> None:
        schema = Schema(catalog.load(), "2.10.3")
        assert not schema.lacks("dag_run", "colour")
        assert not schema.lacks("orders", "id")

    def test_a_table_that_is_not_there_lacks_nothing(self) -> None:
        assert not Schema(catalog.load(), "3.0.6").lacks("task_fail", "run_id")
        assert not Schema(catalog.load(), "2.0.2").lacks("trigger", "id")

    @pytest.mark.parametrize("airflow", ["", "2.9.1", "latest"])
    def test_of_other_versions_nothing_is_known(self, airflow: str) -> None:
        schema = Schema(catalog.load(), airflow)
        assert not schema.has("dag_run", "id")
        assert not schema.lacks("dag_run", "clear_number")


FIXED = "select dag_id, {} from dag_run where state = 'success'"


class TestFixedValues:
    @pytest.mark.parametrize("value", ["null as queued_at", "NULL AS QUEUED_AT", "0 as log_template_id"])
    def test_in_place_of_a_column(self, tmp_path: Path, value: str) -> None:
        assert found(tmp_path, "MW712", script(FIXED.format(value))) == [2]

    @pytest.mark.parametrize(
        "value", ["queued_at", "'success' as state", "null as creating_job_id", "null as colour", "null as id", "now()"]
    )
    def test_of_use(self, tmp_path: Path, value: str) -> None:
        assert found(tmp_path, "MW712", script(FIXED.format(value))) == []

    @pytest.mark.parametrize(
        ("folder", "lines"),
        [
            ("2.0.2-2.4.3", []),
            ("2.2.2-2.4.3", [2]),
            ("2.2.2_to_2.4.3", [2]),
            ("v2.0.2", []),
            ("2.8.1", [2]),
            ("any", [2]),
        ],
    )
    def test_the_folder_tells_the_version(self, tmp_path: Path, folder: str, lines: list[int]) -> None:
        text = script(FIXED.format("null as queued_at"))
        assert found(tmp_path, "MW712", text, path=f"dags/{folder}/etl.py") == lines


class TestOtherVersions:
    @pytest.mark.parametrize(
        ("airflow", "lines"), [("2.7.2", [2]), ("2.8.1", []), ("2.10.3", []), ("2.9.1", []), ("3.0.6", [])]
    )
    def test_a_column_that_came_later(self, tmp_path: Path, airflow: str, lines: list[int]) -> None:
        text = script("copy dag_run(dag_id, clear_number) from stdin")
        assert found(tmp_path, "MW707", text, airflow=airflow) == lines

    @pytest.mark.parametrize(
        "statement",
        [
            "select clear_number from dag_run, dag",
            "select clear_number from dag_run join dag on true",
            "select d.clear_number from dag_run r, dag d",
            "select state from dag_run r where 'r.clear_number' = 'a'",
            "select max(clear_number) as m from dag_run",
            "select null as clear_number from dag_run",
            "copy own_table(clear_number) from stdin",
            "copy dag_run(clear_number) to stdout",
        ],
    )
    def test_what_is_not_surely_the_tables(self, tmp_path: Path, statement: str) -> None:
        assert found(tmp_path, "MW707", script(statement), airflow="2.7.2") == []

    @pytest.mark.parametrize(
        "statement",
        [
            "select r.clear_number from dag_run r",
            "select ti.state from task_instance ti, dag_run r where r.clear_number = ti.try_number",
            "select d.dag_id from dag d join dag_run r on r.clear_number = 1",
        ],
    )
    def test_a_column_named_with_its_table(self, tmp_path: Path, statement: str) -> None:
        assert found(tmp_path, "MW707", script(statement), airflow="2.7.2") == [2]

    @pytest.mark.parametrize(
        ("statements", "lines"),
        [
            (["select clear_number from dag_run"], [2]),
            (["copy dag_run(clear_number) from stdin"], []),
            (["select clear_number from dag_run", "copy dag_run(dag_id) from stdin"], []),
            (["select bundle_version from dag_run", "copy dag_run(dag_id) from stdin"], [2]),
            (["copy dag_run(bundle_version) from stdin"], [2]),
        ],
    )
    def test_a_folder_names_both_ends(self, tmp_path: Path, statements: list[str], lines: list[int]) -> None:
        assert found(tmp_path, "MW707", script(*statements), path="dags/2.7.2-2.8.1/etl.py") == lines


POOL = "select pool, slots, description from slot_pool"


class TestLists:
    @pytest.mark.parametrize("columns", ["pool, description, slots", "pool, slots", "pool, slots, description, id"])
    def test_that_do_not_fit(self, tmp_path: Path, columns: str) -> None:
        assert found(tmp_path, "MW703", script(POOL, f"copy slot_pool({columns}) from stdin")) == [3]

    @pytest.mark.parametrize(
        ("select", "copy"),
        [
            (POOL, "copy slot_pool(pool, slots, description) from stdin"),
            (POOL.replace("slots", "slots * 2"), "copy slot_pool(pool, slots, description) from stdin"),
            ("select * from slot_pool", "copy slot_pool(pool, slots) from stdin"),
            (POOL, "copy slot_pool from stdin"),
            (POOL, "copy log(id) from stdin"),
            (POOL, "copy slot_pool(pool) to stdout"),
            (f'f"{POOL} where {{anything}}"', "copy slot_pool(pool) from stdin"),
        ],
    )
    def test_that_fit_or_may(self, tmp_path: Path, select: str, copy: str) -> None:
        assert found(tmp_path, "MW703", script(select, copy)) == []

    def test_several_of_a_table(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW703", script(POOL, POOL, "copy slot_pool(pool) from stdin")) == []

    def test_a_comma_is_missing(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW703", script("select pool slots, description, id from slot_pool")) == [2]
        assert found(tmp_path, "MW703", script("copy slot_pool(pool slots, id) from stdin")) == [2]

    def test_aliases_are_meant(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW703", script("select pool p, slots s, description d from slot_pool")) == []
