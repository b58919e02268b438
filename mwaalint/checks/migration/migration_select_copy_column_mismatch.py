"""MW703 migration-select-copy-column-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.migration._folders import folders, of_all
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.metadata_scripts import copies, selects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mwaalint.documents.metadata_sql import Column, Copy, Select
    from mwaalint.findings import Finding
    from mwaalint.model.deployed_code import FileFacts
    from mwaalint.model.metadata_scripts import Statement


class _Pair(NamedTuple):
    """The one SELECT that exports a table, and the one COPY that loads it."""

    export: Statement
    select: Select
    load: Statement
    copy: Copy


@check("MW703", on=DeployedCode)
def migration_select_copy_column_mismatch(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Lists of columns that do not fit each other, or lost a comma."""
    for files in folders(code):
        found = of_all(files)
        yield from _without_comma(found, ctx)
        for pair in _pairs(files, found):
            different = _moved(pair.select.columns, pair.copy.names)
            count = len(pair.select.columns)
            if count != len(pair.copy.names) or different:
                yield ctx.report(
                    pair.load.location,
                    "count" if count != len(pair.copy.names) else "order",
                    related=[pair.export.location.noted("exports it")],
                    subject=pair.copy.table,
                    table=pair.copy.table,
                    selected=count,
                    copied=len(pair.copy.names),
                    source=different[0] if different else "",
                    into=different[1] if different else "",
                )


def _pairs(files: list[FileFacts], of_folder: list[Statement]) -> Iterator[_Pair]:
    """What belongs together: in one file, else in one folder, and surely nothing else with it."""
    everywhere = _by_table(of_folder)
    for facts in files:
        here = _by_table(facts.metadata)
        for load, copy in copies(facts.metadata):
            table = here[copy.table]
            if len(table.loads) != 1 or not _exports(table, copy):
                table = everywhere[copy.table]
            exports = _exports(table, copy) if len(table.loads) == 1 else []
            if len(exports) == 1 and load.whole and copy.names:
                export, select = exports[0]
                if export.whole and "*" not in _expressions(select):
                    yield _Pair(export, select, load, copy)


class _Table(NamedTuple):
    """What exports a table, or asks something of it, and what loads it."""

    selects: list[tuple[Statement, Select]]
    loads: list[Copy]


def _by_table(found: Iterable[Statement]) -> dict[str, _Table]:
    tables: dict[str, _Table] = {}
    for each, select in selects(found):
        tables.setdefault(each.table, _Table([], [])).selects.append((each, select))
    for each, copy in copies(found):
        tables.setdefault(each.table, _Table([], [])).loads.append(copy)
    return tables


def _exports(table: _Table, copy: Copy) -> list[tuple[Statement, Select]]:
    """The SELECTs of the table that have most of the columns that are loaded; others ask for something."""
    wanted = set(copy.names)
    return [
        (each, select)
        for each, select in table.selects
        if 2 * len(wanted.intersection(select.names)) >= len(wanted) or "*" in _expressions(select)
    ]


def _expressions(select: Select) -> list[str]:
    return [column.expression for column in select.columns]


def _moved(columns: Sequence[Column], names: Sequence[str]) -> tuple[str, str] | None:
    """The first column that is loaded into another; an alias may be for the eye, unless it is another column's name."""
    for column, name in zip(columns, names, strict=False):
        renamed = column.name != column.expression.rpartition(".")[2].lower()
        if column.name not in ("", name) and (not renamed or column.name in names):
            return column.name, name
    return None


def _without_comma(found: list[Statement], ctx: Context) -> Iterator[Finding]:
    """Names side by side in a long list, where all others have commas or AS."""
    for statement, select in selects(found):
        twins = [column for column in select.columns if column.adjacent]
        if len(twins) == 1 and len(select.columns) > 2 and statement.whole:
            first, _, second = twins[0].expression.partition(" ")
            where = statement.location
            yield ctx.report(where, "comma", subject=second, first=first, second=second, table=statement.table)
    for statement, copy in copies(found):
        for name in copy.names:
            first, _, second = name.partition(" ")
            if second:
                where = statement.location
                yield ctx.report(
                    where, "copy_comma", subject=name, first=first, second=second.strip(), table=copy.table
                )
