"""MW712 migration-null-as-vestiges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.migration._schema import Schema, journey
from mwaalint.model.metadata_scripts import opens_metadata, selects, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

# Numbers that mean something in the old environment only: to leave them out is right.
_MEANT = frozenset({"id", "pid"})
_NUMBERS_WORTH_KEEPING = frozenset({"log_template_id"})


@check("MW712", on=DagFile("select", "SELECT"))
def migration_null_as_vestiges(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Fixed values in place of columns that the old environment has."""
    if not opens_metadata(document):
        return
    way = journey(ctx)
    schema = Schema(ctx.catalog, way.source)
    for statement, select in selects(statements(ctx.code_of_dags)):
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
            )


def _is_meant(column: str) -> bool:
    return column in _MEANT or (column.endswith("_id") and column not in _NUMBERS_WORTH_KEEPING)
