"""MW712 migration-null-as-vestiges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks.migration._edits import column_replaced
from mwaalint.checks.migration._metadata import MetadataScript
from mwaalint.checks.migration._schema import Schema, journey
from mwaalint.findings import Fix, Safety
from mwaalint.model.metadata_scripts import selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.metadata_sql import Select
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding
    from mwaalint.model.metadata_scripts import Statement

# Numbers that mean something in the old environment only: to leave them out is right.
_MEANT = frozenset({"id", "pid"})
_NUMBERS_WORTH_KEEPING = frozenset({"log_template_id"})


@check("MW712", on=MetadataScript())
def migration_null_as_vestiges(_: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Fixed values in place of columns that the old environment has."""
    way = journey(ctx)
    schema = Schema(ctx.catalog, way.source)
    for statement, select in selects(ctx.code_of_dags.statements):
        lost = [
            column.name
            for column in select.columns
            if column.constant and schema.has(statement.table, column.name) and not _is_meant(column.name)
        ]
        if lost:
            yield ctx.report(
                statement.location,
                "default" if way.stated else "here",
                subject=f"{statement.table}.{lost[0]}",
                table=statement.table,
                columns=", ".join(lost),
                airflow=way.source,
                fix=_fix(statement, select, lost, ctx),
            )


def _fix(statement: Statement, select: Select, lost: list[str], ctx: FileContext) -> Fix | None:
    """Reads the columns of the one table instead."""
    if len(select.tables) != 1 or "join" in select.rest.lower():
        return None
    patterns = [rf"(?<![\w.-])(?:null|-?\d+)\s+as\s+{re.escape(name)}\b" for name in lost]
    edits = [
        column_replaced(ctx.document.file, statement.location, pattern, name)
        for name, pattern in zip(lost, patterns, strict=True)
    ]
    present = tuple(edit for edit in edits if edit)
    return Fix("Select the columns themselves", Safety.UNSAFE, present) if len(present) == len(edits) else None


def _is_meant(column: str) -> bool:
    return column in _MEANT or (column.endswith("_id") and column not in _NUMBERS_WORTH_KEEPING)
