"""What the rules on secrets backends share: which options name one, and what its arguments are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks.environment._options import options
from mwaalint.checks.environment._values import arms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from mwaalint.catalog import Catalog
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Known, OneOf, Unresolved

# Since Airflow 3 workers may have a backend of their own.
PAIRS = (
    ("secrets.backend", "secrets.backend_kwargs"),
    ("workers.secrets_backend", "workers.secrets_backend_kwargs"),
)


class Backend(NamedTuple):
    """One of the Amazon provider's backends as it is configured. ``given`` are its arguments, {} without any.

    ``entry`` and ``value`` are the option that configures its arguments, else the one that names it.
    """

    row: Mapping[str, Any]
    given: Mapping[str, object]
    entry: str
    value: Known | OneOf | Unresolved

    def prefix(self, kind: str) -> object:
        """Below which prefix it looks for ``connections`` or ``variables``; None when it does not."""
        return self.given.get(f"{kind}_prefix", self.row["prefixes"][kind])


def backends(environment: Environment, catalog: Catalog) -> Iterator[Backend]:
    """The Amazon provider's backends whose class and arguments are known."""
    entries = options(environment)
    for name, arguments in PAIRS:
        classes = {path.strip() for path, _ in arms(entries[name], str)} if name in entries else set()
        rows = catalog.table("secrets-backends")["rows"].values() if len(classes) == 1 else ()
        row = next((row for row in rows if row["path"] in classes), None)
        if row is None:
            continue
        if arguments not in entries:
            yield Backend(row, {}, name, entries[name])
            continue
        texts = [text for text, _ in arms(entries[arguments], str)]
        given = parsed(texts[0]) if len(texts) == 1 else None
        if isinstance(given, dict):
            yield Backend(row, given, arguments, entries[arguments])


def parsed(text: str) -> object:
    """JSON as Airflow reads it: nothing for an empty text; None when it is none."""
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return None
