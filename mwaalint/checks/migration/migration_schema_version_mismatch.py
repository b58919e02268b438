"""MW707 migration-schema-version-mismatch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks.migration._metadata import MetadataScript
from mwaalint.checks.migration._schema import Schema, journey
from mwaalint.model.metadata_scripts import copies, selects
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.metadata_sql import Copy, Select
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_PLAIN = regex(r"[a-z_]\w*", re.I)


@check("MW707", on=MetadataScript(), airflow="<3.0")
def migration_schema_version_mismatch(_: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Columns that the table does not have in the version that the statement is for."""
    found, way = ctx.code_of_dags.statements, journey(ctx)
    loads = any(copies(found))
    # What loads rows may read the new database or the old one.
    read_from = (way.source, way.target) if loads else (way.source,)
    wanted = [(each, "reads", read_from, _read(select)) for each, select in selects(found)]
    wanted += [(each, "loads", (way.target,), _loaded(copy)) for each, copy in copies(found)]
    for statement, does, versions, columns in sorted(wanted, key=lambda each: each[0].location.span):
        schemas = [Schema(ctx.catalog, airflow) for airflow in versions]
        missing = [column for column in columns if all(schema.lacks(*column) for schema in schemas)]
        if missing:
            table = missing[0][0]
            yield ctx.report(
                statement.location,
                "default" if way.stated else "here",
                subject=f"{table}.{missing[0][1]}",
                does=does,
                columns=", ".join(dict.fromkeys(name for other, name in missing if other == table)),
                table=table,
                airflow=versions[-1],
            )


def _loaded(copy: Copy) -> list[tuple[str, str]]:
    return [(copy.table, name) for name in copy.names]


def _read(select: Select) -> list[tuple[str, str]]:
    """The columns that surely are a table's: those named with the table or its alias, and all of a single table's."""
    alone = len(select.tables) == 1 and "join" not in select.rest.lower()
    names = [column.expression for column in select.columns] if alone else []
    own = [(select.tables[0], name.lower()) for name in names if _PLAIN.fullmatch(name)]
    return [*own, *select.references]
