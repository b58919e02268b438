"""Which columns the metadata database has, by version, and from which version to which a script carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.catalog import version_key
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from mwaalint.catalog import Catalog
    from mwaalint.checks._api import FileContext

# The folders of published scripts: 2.2.2-2.4.3, 2.2.2_to_2.4.3.
_FROM_TO = regex(r"(?<![\d.])(\d+\.\d+\.\d+)(?:-|_to_|-to-)v?(\d+\.\d+\.\d+)(?![\d.])")
_FOR = regex(r"(?:^|/)v?(\d+\.\d+\.\d+)/")


class Journey(NamedTuple):
    """The versions that a script is for, "" where nothing tells; whether its folder is named after them."""

    source: str
    target: str
    stated: bool = True


def journey(ctx: FileContext) -> Journey:
    """From which version to which, by the names of the folders, else the environment's own version."""
    named = _FROM_TO.search(ctx.document.file.path)
    if named is not None:
        return Journey(named[1], named[2])
    only = _FOR.search(ctx.document.file.path)
    version = only[1] if only is not None else ctx.target.airflow or ""
    return Journey(version, version, stated=only is not None)


class Schema:
    """The tables and columns of one version that the table of schemas names; of any other it knows nothing."""

    def __init__(self, catalog: Catalog, airflow: str) -> None:
        table = catalog.table("metadata-schema")
        self.known = airflow in table["versions"]
        self._rows = table["rows"]
        self._airflow = airflow

    def has_table(self, table: str) -> bool:
        """Whether there surely is such a table."""
        return self.known and any(self.has(table, column) for column in self._rows.get(table, ()))

    def has(self, table: str, column: str) -> bool:
        """Whether a table surely has a column."""
        stretches = self._rows.get(table, {}).get(column, ())
        return self.known and any(self._within(since, until) for since, until in stretches)

    def lacks(self, table: str, column: str) -> bool:
        """Whether a table that there is surely lacks a column that other versions of it have."""
        return self.has_table(table) and column in self._rows[table] and not self.has(table, column)

    def _within(self, since: str, until: str) -> bool:
        own = version_key(self._airflow)
        return version_key(since) <= own and (not until or own < version_key(until))
