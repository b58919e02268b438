"""The small reader of SELECT and COPY statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.documents.metadata_sql import Copy, Select, read_statement

WORDS = st.sampled_from(
    ["select", "from", ",", "(", ")", "as", "null", "copy", "a", "t.b", "'x", "''", "where", "union", "\n"]
)
NAMES = st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True).map(lambda name: f"c_{name}"), min_size=1, max_size=8)


def select(text: str) -> Select:
    found = read_statement(text)
    assert isinstance(found, Select)
    return found


class TestSelect:
    def test_names_aliases_and_expressions(self) -> None:
        found = select(
            "SELECT ti.dag_id, '\\x' || encode(conf, 'hex') AS conf, count(*), \"owner\" as o from task_instance ti"
        )
        assert found.names == ("dag_id", "conf", "", "o")
        assert found.tables == ("task_instance",)

    def test_fixed_values(self) -> None:
        found = select("select null as queued_at, -1 as map_index, 'a' as state, 2 as log_template_id from dag_run")
        assert [column.name for column in found.columns if column.constant] == [
            "queued_at",
            "map_index",
            "log_template_id",
        ]

    def test_a_comma_that_is_missing(self) -> None:
        found = select("select task_id, dag_id run_id from task_instance")
        assert [column.adjacent for column in found.columns] == [False, True]
        assert found.names == ("task_id", "run_id")

    def test_several_tables_and_what_follows(self) -> None:
        found = select("select a from task_fail tf, airflow.dag_run r where r.dag_id = tf.dag_id order by a")
        assert found.tables == ("task_fail", "dag_run")
        assert found.rest.startswith("where r.dag_id")

    @pytest.mark.parametrize(
        ("text", "references"),
        [
            ("ti.pool, r.state from task_instance ti, dag_run as r", [("task_instance", "pool"), ("dag_run", "state")]),
            ("a from log join dag_run r on r.run_id = log.extra", [("dag_run", "run_id"), ("log", "extra")]),
            ("a from log l left join dag on dag.dag_id = l.dag_id", [("dag", "dag_id"), ("log", "dag_id")]),
            ("encode(ti.conf, 'hex') from Task_Instance TI", [("task_instance", "conf")]),
            ("x.a, b from log where 'log.c' = f and public.log.d = 1.5", []),
            ("a from log l where l.id in (select l.b from dag l)", []),
            ("log.count(*) from log", []),
        ],
    )
    def test_columns_named_with_their_table(self, text: str, references: list[tuple[str, str]]) -> None:
        assert list(select(f"select {text}").references) == references

    def test_from_within_parentheses_and_texts(self) -> None:
        found = select("select extract(epoch from start_date) as s, 'from' as f from log")
        assert found.names == ("s", "f")
        assert found.tables == ("log",)

    @pytest.mark.parametrize(
        ("condition", "ids"),
        [
            ("dag_id != 'a'", {"a"}),
            ("ti.dag_id <> 'a' and dag_id <> 'b'", {"a", "b"}),
            ("dag_id NOT IN ('a', 'b')", {"a", "b"}),
            ("dag_id = 'a'", set()),
            ("state != 'a'", set()),
        ],
    )
    def test_the_ids_that_are_left_out(self, condition: str, ids: set[str]) -> None:
        assert select(f"select a from dag_run ti where {condition}").excluded == ids


class TestCopy:
    def test_with_columns(self) -> None:
        text = 'copy  \n public.JOB (dag_id,  "state" , job_type) FROM STDIN WITH (FORMAT CSV, HEADER FALSE)'
        assert read_statement(text) == Copy("job", ("dag_id", "state", "job_type"), into=True)

    def test_without_columns_and_outwards(self) -> None:
        assert read_statement("COPY active_dags FROM STDIN") == Copy("active_dags", (), into=True)
        assert read_statement("COPY log TO STDOUT") == Copy("log", (), into=False)


@pytest.mark.parametrize(
    "text", ["", "selection of a from b", "select 1", "copying", "update dag set a = 1", "with x as"]
)
def test_anything_else_is_not_read(text: str) -> None:
    assert read_statement(text) is None


@given(st.lists(WORDS, max_size=40))
def test_no_text_breaks_it(words: list[str]) -> None:
    found = read_statement(" ".join(words))
    assert found is None or isinstance(found, Select | Copy)


@given(NAMES)
def test_what_is_listed_is_read(names: list[str]) -> None:
    assert select(f"select {', '.join(names)} from log").names == tuple(names)
    assert read_statement(f"copy log({','.join(names)}) from stdin") == Copy("log", tuple(names), into=True)


def test_a_text_without_end_is_not_read() -> None:
    assert read_statement("select " + "(" * 100_000) is None
