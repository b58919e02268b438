"""The SQL in the strings of a file, where it is about tables of Airflow's."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents.metadata_sql import Copy, Select, read_statement
from mwaalint.model.task_commands import HOLE, command_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import FileContext

HISTORY = ("dag_run", "task_instance", "task_fail")


class Statement(NamedTuple):
    """One statement with the expression that it stands in."""

    node: ast.expr
    sql: Select | Copy
    text: str

    @property
    def table(self) -> str:
        """The table whose rows it is about: the first it names."""
        return self.sql.table if isinstance(self.sql, Copy) else next(iter(self.sql.tables), "")

    @property
    def whole(self) -> bool:
        """Whether all of it is known."""
        return HOLE not in self.text


def statements(ctx: FileContext) -> list[Statement]:
    """The SELECT and COPY statements of a file, in its order."""
    return list(_read(ctx))


def selects(found: list[Statement], table: str = "") -> Iterator[tuple[Statement, Select]]:
    """The SELECTs, of one table or of all."""
    for each in found:
        if isinstance(each.sql, Select) and table in ("", each.table):
            yield each, each.sql


def copies(found: list[Statement], table: str = "") -> Iterator[tuple[Statement, Copy]]:
    """The COPYs into a table, or into any."""
    for each in found:
        if isinstance(each.sql, Copy) and each.sql.into and table in ("", each.table):
            yield each, each.sql


def _read(ctx: FileContext) -> Iterator[Statement]:
    document = ctx.document
    nodes = [*document.nodes(ast.Constant), *document.nodes(ast.JoinedStr), *document.nodes(ast.BinOp)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(document.parent(node), ast.JoinedStr | ast.BinOp | ast.FormattedValue) or not _is_text(node):
            continue
        text = command_text(node, ctx.code_of_dags.values) or ""
        sql = read_statement(text)
        if sql is not None:
            yield Statement(node, sql, text)


def _is_text(node: ast.expr) -> bool:
    """Whether an expression may be SQL: a text that begins with one of the words, or one that is put together."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.lstrip()[:4].lower() in ("sele", "copy")
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "op", None), ast.Add)
