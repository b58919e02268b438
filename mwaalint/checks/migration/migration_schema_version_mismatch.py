"""MW707 migration-schema-version-mismatch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.migration._metadata import opens_metadata
from mwaalint.checks.migration._schema import Schema, journey
from mwaalint.checks.migration._statements import copies, selects, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.metadata_sql import Select
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_PLAIN = re.compile(r"[a-z_]\w*", re.I)


@check("MW707", on=DagFile("select", "SELECT", "copy", "COPY"), airflow="<3.0")
def migration_schema_version_mismatch(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Columns that the table does not have in the version that the statement is for."""
    if not opens_metadata(document):
        return
    found, way = statements(ctx), journey(ctx)
    wanted = [(each, "reads", way.source, _read(select)) for each, select in selects(found)]
    wanted += [(each, "loads", way.target, copy.names) for each, copy in copies(found)]
    for statement, does, airflow, names in sorted(wanted, key=lambda each: each[0].node.lineno):
        schema = Schema(ctx.catalog, airflow)
        missing = [name for name in names if schema.lacks(statement.table, name)]
        if missing:
            yield ctx.report(
                ctx.at(statement.node),
                "default" if way.stated else "here",
                subject=f"{statement.table}.{missing[0]}",
                does=does,
                columns=", ".join(dict.fromkeys(missing)),
                table=statement.table,
                airflow=airflow,
            )


def _read(select: Select) -> tuple[str, ...]:
    """The columns that are read as they are, of a SELECT on one table."""
    if len(select.tables) != 1 or "join" in select.rest.lower():
        return ()
    return tuple(column.expression.lower() for column in select.columns if _PLAIN.fullmatch(column.expression))
