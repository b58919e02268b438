"""MW706 migration-trigger-table-missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.migration._metadata import opens_metadata
from mwaalint.checks.migration._statements import selects, statements
from mwaalint.model.task_commands import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding


@check("MW706", on=DagFile("trigger_id"))
def migration_trigger_table_missing(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Task instances that are exported with the ids of triggers that stay behind."""
    if not opens_metadata(document):
        return
    found = statements(ctx)
    if any(selects(found, "trigger")) or any(HOLE in each.table for each in found):
        return
    for statement, select in selects(found, "task_instance"):
        copied = any(column.name == "trigger_id" and not column.constant for column in select.columns)
        if copied and "deferred" not in select.rest and "trigger_id" not in select.rest:
            yield ctx.report(ctx.at(statement.node), subject="task_instance.trigger_id")
