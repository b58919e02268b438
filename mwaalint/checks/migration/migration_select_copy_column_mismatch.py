"""MW703 migration-select-copy-column-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.migration._metadata import opens_metadata
from mwaalint.checks.migration._statements import copies, selects, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks.migration._statements import Statement
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding


@check("MW703", on=DagFile("select", "SELECT", "copy", "COPY"))
def migration_select_copy_column_mismatch(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Lists of columns that do not fit each other, or lost a comma."""
    if not opens_metadata(document):
        return
    found = statements(ctx)
    yield from _without_comma(found, ctx)
    for statement, copy in copies(found):
        exports = list(selects(found, copy.table))
        if len(exports) != 1 or len(list(copies(found, copy.table))) != 1 or not statement.whole or not copy.names:
            continue
        export, select = exports[0]
        count = len(select.columns)
        if not export.whole or "*" in [column.expression for column in select.columns]:
            continue
        different = next(((a, b) for a, b in zip(select.names, copy.names, strict=False) if a and a != b), None)
        if count != len(copy.names) or different:
            yield ctx.report(
                ctx.at(statement.node),
                "order" if count == len(copy.names) and different else "count",
                related=[ctx.at(export.node)],
                subject=copy.table,
                table=copy.table,
                selected=count,
                copied=len(copy.names),
                source=different[0] if different else "",
                into=different[1] if different else "",
            )


def _without_comma(found: list[Statement], ctx: FileContext) -> Iterator[Finding]:
    """Names side by side in a long list, where all others have commas or AS."""
    for statement, select in selects(found):
        twins = [column for column in select.columns if column.adjacent]
        if len(twins) == 1 and len(select.columns) > 2 and statement.whole:
            first, _, second = twins[0].expression.partition(" ")
            where = ctx.at(statement.node)
            yield ctx.report(where, "comma", subject=second, first=first, second=second, table=statement.table)
    for statement, copy in copies(found):
        for name in copy.names:
            first, _, second = name.partition(" ")
            if second:
                where = ctx.at(statement.node)
                yield ctx.report(
                    where, "copy_comma", subject=name, first=first, second=second.strip(), table=copy.table
                )
