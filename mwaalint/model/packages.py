"""Which packages an import may come from, and what a package brings along, as the catalogue's tables tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.cached import cached_property

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mwaalint.catalog import Catalog

PROVIDER = "apache-airflow-providers-"
# Packages that build on Airflow say so in their names; only they bring providers along.
_BUILDS_ON_AIRFLOW = ("airflow", "astro", "cosmos", "dag")


class Origin(NamedTuple):
    """Where an import comes from: the part of its dotted name that tells, and the packages that may provide it."""

    module: str
    packages: tuple[str, ...]


class Supply(NamedTuple):
    """What is installed: ``packages`` for certain or possibly, ``unknown`` those of them whose own needs nobody knows.

    ``shared`` are the packages that others are known to need; with ``open`` one that was asked for by name is unknown.
    """

    packages: frozenset[str]
    unknown: frozenset[str]
    shared: frozenset[str]
    open: bool = False

    def may_hold(self, origin: Origin) -> bool:
        """Whether one of the packages an import may come from is there, or may be."""
        return any(name in self.packages or self._may_come_along(name) for name in origin.packages)

    def _may_come_along(self, name: str) -> bool:
        if name.startswith(PROVIDER):
            return any(word in unknown for unknown in self.unknown for word in _BUILDS_ON_AIRFLOW)
        return self.open or (bool(self.unknown) and name in self.shared)


class Packages:
    """The tables of imports and dependencies, read when first asked."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def _origins(self) -> Mapping[str, Origin]:
        rows: Mapping[str, str] = self._catalog.table("import-names")["rows"]
        return {module: Origin(module, tuple(packages.split())) for module, packages in rows.items()}

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(str(self._catalog.table("import-names")["plain"]).split())

    @cached_property
    def _needs(self) -> Mapping[str, str]:
        table = self._catalog.table("import-dependencies")
        return {**table["rows"], **table["extras"]}

    @cached_property
    def _shared(self) -> frozenset[str]:
        return frozenset(need for needs in self._needs.values() for need in needs.split())

    def origin(self, dotted: str) -> Origin | None:
        """Where "google.cloud.storage.blob.Blob" comes from; None for what no known package provides."""
        module = dotted
        while module and module not in self._origins:
            module = module.rpartition(".")[0]
        if module:
            return self._origins[module]
        from packaging.utils import canonicalize_name

        top = dotted.partition(".")[0]
        name = canonicalize_name(top)
        return Origin(top, (name,)) if name in self._plain else None

    def supply(self, installed: Iterable[str], present: Collection[str] = ()) -> Supply:
        """All that comes with packages given as "name" and "name[extra]". What is ``present`` already brings nothing
        more, unless it is named itself.
        """
        found: set[str] = set()
        unknown: set[str] = set()
        named = list(installed)
        waiting = list(named)
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                needs = self._needs_of(one)
                if needs is None and one not in present and ("[" not in one or one in named):
                    unknown.add(one.partition("[")[0])
                waiting += [need for need in needs or () if need not in present]
        is_open = any(one.partition("[")[0] in unknown for one in named)
        return Supply(frozenset(found), frozenset(unknown), self._shared, is_open)

    def _needs_of(self, one: str) -> list[str] | None:
        name, _, extra = one.partition("[")
        if extra and name.startswith(PROVIDER):
            # Extras of providers are named after other providers, or after the package that they add.
            added = [PROVIDER + extra.rstrip("]"), extra.rstrip("]")]
            return [name, *added] if any(each in self._needs for each in added) else None
        if one in self._needs:
            return [*([name] if extra else []), *self._needs[one].split()]
        return None
