"""Which texts of a file that opens Airflow's database are read as SQL."""

from __future__ import annotations

import pytest

from mwaalint.model.dag_reading import DagCode
from mwaalint.model.metadata_scripts import statements
from tests.python_code import document


def tables(text: str) -> list[tuple[str, bool]]:
    """The tables of the statements of a file, in its order, and whether all of their text is known."""
    return [(each.table, each.whole) for each in statements(DagCode(document(text)))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'select a from b'", [("b", True)]),
        ("'  COPY b (a) from stdin'", [("b", True)]),
        ("f'select a from b where c = {d}'", [("b", False)]),
        ("d = 'c'\nf'select a from {d}'", [("c", True)]),
        ("f'{d} select a from b'", []),
        ("f'''\n  {d}'''\nd = 'select a from b'", [("b", True), ("b", True)]),
        ("d = 'select a'\nd + ' from b'", [("b", True)]),
        ("'select a ' + 'from b'", [("b", True)]),
        ("'' + 'select a from b'", [("b", True)]),
        ("f'' 'select a from b'", [("b", True)]),
        ("f''", []),
        ("f'copied {d} rows' + 'select a from b'", []),
        ("1 + 2", []),
        ("1 - d", []),
        ("b'select a from b'", []),
    ],
)
def test_a_text_is_a_statement_by_how_it_begins(text: str, found: list[tuple[str, bool]]) -> None:
    assert tables(text) == found


def test_a_text_inside_of_a_larger_one_is_read_with_that() -> None:
    assert tables("f'select a from b where {\"select c from d\"}'") == [("b", True)]
