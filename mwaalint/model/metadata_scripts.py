"""Code that works on Airflow's own metadata database, and the SQL in its strings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents.metadata_sql import Copy, Select, read_statement
from mwaalint.documents.python_walk import children
from mwaalint.model.task_commands import HOLE, command_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Location
    from mwaalint.model.dag_reading import DagCode

SESSIONS = (
    "airflow.settings.Session",
    "airflow.settings.engine.raw_connection",
    "airflow.settings.engine.connect",
    "airflow.settings.engine.begin",
    "airflow.utils.session.create_session",
    "airflow.utils.db.create_session",
)


class Statement(NamedTuple):
    """One statement with its place. ``whole`` tells that all of its text is known."""

    location: Location
    sql: Select | Copy
    whole: bool

    @property
    def table(self) -> str:
        """The table whose rows it is about: the first it names."""
        return self.sql.table if isinstance(self.sql, Copy) else next(iter(self.sql.tables), "")


def opens_metadata(document: PythonDocument) -> bool:
    """Whether a file opens a session or a connection of Airflow's own."""
    return not document.calls_by_name.keys().isdisjoint(SESSIONS)


def openings(document: PythonDocument) -> list[ast.Call]:
    """Where it does, in the order of the file."""
    by_name = document.calls_by_name
    found = {call for name in SESSIONS for call in by_name.get(name, ())}
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def method(call: ast.Call) -> str:
    """The last part of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def statements(code: DagCode) -> list[Statement]:
    """The SELECT and COPY statements of a file, in its order."""
    return list(_read(code))


def selects(found: Iterable[Statement], table: str = "") -> Iterator[tuple[Statement, Select]]:
    """The SELECTs, of one table or of all."""
    for each in found:
        if isinstance(each.sql, Select) and table in ("", each.table):
            yield each, each.sql


def copies(found: Iterable[Statement], table: str = "") -> Iterator[tuple[Statement, Copy]]:
    """The COPYs into a table, or into any."""
    for each in found:
        if isinstance(each.sql, Copy) and each.sql.into and table in ("", each.table):
            yield each, each.sql


def _read(code: DagCode) -> Iterator[Statement]:
    document = code.document
    nodes = (*document.unordered(ast.Constant), *document.unordered(ast.JoinedStr), *document.unordered(ast.BinOp))
    texts = [node for node in nodes if _may_be_sql(node)]
    parts = _parts(document) if texts else ()
    for node in sorted(texts, key=lambda node: (node.lineno, node.col_offset)):
        text = (command_text(node, code.values) or "") if node not in parts else ""
        sql = read_statement(text)
        if sql is not None:
            yield Statement(document.location(node), sql, HOLE not in text)


def _parts(document: PythonDocument) -> set[ast.AST]:
    """What other texts are put together of."""
    whole = (ast.JoinedStr, ast.BinOp, ast.FormattedValue)
    return {part for kind in whole for node in document.unordered(kind) for part in children(node)}


def _may_be_sql(node: ast.expr) -> bool:
    """Whether an expression may be SQL: a text that begins with one of the words, or with what only its value tells."""
    start: ast.expr | None = node
    while isinstance(start, ast.BinOp) and isinstance(start.op, ast.Add):
        start = start.left
    if isinstance(start, ast.JoinedStr):
        start = start.values[0] if start.values else None
    if not isinstance(start, ast.Constant):
        return start is not node
    text = start.value.lstrip()[:4].lower() if isinstance(start.value, str) else "no text"
    return text in ("sele", "copy") or (not text and start is not node)
