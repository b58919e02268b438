"""MW706 migration-trigger-table-missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.migration._edits import column_replaced
from mwaalint.checks.migration._folders import folders, of_all
from mwaalint.findings import Fix, Safety
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.metadata_scripts import copies, selects
from mwaalint.model.task_commands import HOLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.metadata_sql import Select
    from mwaalint.findings import Finding
    from mwaalint.model.metadata_scripts import Statement

_COLUMN = r"(?<![\w.])(?:\w+\.)?trigger_id\b"


@check("MW706", on=DeployedCode)
def migration_trigger_table_missing(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Task instances that are copied with the ids of triggers that stay behind."""
    for files in folders(code):
        found = of_all(files)
        if any(HOLE in each.table for each in found):
            continue
        kept = [statement for statement, select in selects(found, "task_instance") if _keeps_ids(select)]
        if not any(selects(found, "trigger")):
            for statement in kept:
                yield ctx.report(statement.location, subject="task_instance.trigger_id", fix=_fix(statement, ctx))
        elif kept:
            yield from _not_loaded(found, kept[0], ctx)


def _not_loaded(found: list[Statement], export: Statement, ctx: Context) -> Iterator[Finding]:
    """Task instances that are loaded with the ids of triggers that are exported, and loaded nowhere."""
    if any(copies(found, "trigger")):
        return
    for statement, copy in copies(found, "task_instance"):
        if "trigger_id" in copy.names:
            related = [export.location.noted("exports the ids")]
            yield ctx.report(statement.location, "import", related=related, subject="task_instance.trigger_id")


def _fix(statement: Statement, ctx: Context) -> Fix | None:
    """Leaves the ids behind, where the column is named once."""
    file = ctx.project.get(statement.location.path)
    edit = (
        column_replaced(file, statement.location, _COLUMN, "null as trigger_id")
        if file and _is_plain(statement)
        else None
    )
    return Fix("Leave out the trigger IDs", Safety.UNSAFE, (edit,)) if edit else None


def _is_plain(statement: Statement) -> bool:
    """Whether the column is selected as it is, not within an expression."""
    columns = getattr(statement.sql, "columns", ())
    return any(re.fullmatch(_COLUMN, column.expression, re.I) for column in columns)


def _keeps_ids(select: Select) -> bool:
    """Whether rows of deferred tasks come along with what they wait for."""
    copied = any(column.name == "trigger_id" and not column.constant for column in select.columns)
    return copied and "deferred" not in select.rest and "trigger_id" not in select.rest
