"""What Airflow 3 removed, for one version of it, from the table that its own sources give."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.catalog import version_key
from mwaalint.documents.jinja import blocks
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from mwaalint.catalog import Catalog

_QUOTED = regex(r"\"[^\"]*\"|'[^']*'")
_WORD = regex(r"(?<![\w.])(?P<word>[a-z_]+)\b(?!\s*[=(])")
_ASSIGNED = regex(r"\{%-?\s*+(?:set|for)\s++([\w\s,]+?)(?:=|\bin\b)")


@lru_cache(maxsize=8)
def removed_in(catalog: Catalog, airflow: str) -> Removed:
    """The one ``Removed`` of a version, for all files."""
    return Removed(catalog, airflow)


class Removed:
    """The names, arguments and words that are gone in ``airflow``, a version from 3.0 on."""

    def __init__(self, catalog: Catalog, airflow: str) -> None:
        self._rows: Mapping[str, Any] = catalog.table("airflow3-removed")["rows"]
        self._key = version_key(airflow)

    @cached_property
    def _modules(self) -> frozenset[str]:
        return self._until("modules")

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._until("names")

    def _until(self, kind: str) -> frozenset[str]:
        """What was gone in this version and those before."""
        listed = self._rows[kind].items()
        return frozenset(name for version, names in listed if version_key(version) <= self._key for name in names)

    def name(self, dotted: str) -> str:
        """The part of a dotted name that does not exist any more: the name, or the module it is in; "" if it does."""
        if not dotted.startswith("airflow."):
            return ""
        parts = dotted.split(".")
        for count in range(2, len(parts) + 1):
            part = ".".join(parts[:count])
            if part in self._modules or part in self._names:
                return part
        return ""

    def instead(self, dotted: str) -> str:
        """Where a name is now, "" when nowhere."""
        return str(self._rows["instead"].get(dotted, ""))

    def advice(self, dotted: str) -> str:
        """What to do where there is no such thing any more, "" when nothing is known."""
        parts = dotted.split(".")
        found = (self._rows["advice"].get(".".join(parts[:count])) for count in range(len(parts), 1, -1))
        return next((str(advice) for advice in found if advice), "")

    def argument(self, owner: str, name: str) -> str | None:
        """The new name of an argument of a class that it no longer takes, "" when it has none; None for all others."""
        found = self._rows["arguments"].get(owner, {}).get(name)
        return None if found is None else str(found)

    def context(self, word: str) -> str | None:
        """What a word of a task's context is now, "" when nothing; None for a word that is still there."""
        found = self._rows["context"].get(word)
        return None if found is None else str(found)

    def words_in(self, template: str) -> Iterator[str]:
        """The words of a template that its context no longer has, each once."""
        own = {word.strip() for names in _ASSIGNED.findall(template) for word in names.split(",")}
        found: dict[str, None] = {}
        for block in blocks(template):
            text = "" if block.startswith("{#") else _QUOTED.sub('""', block[2:-2])
            found |= dict.fromkeys(match["word"] for match in _WORD.finditer(text))
        yield from (word for word in found if word not in own and self.context(word) is not None)
