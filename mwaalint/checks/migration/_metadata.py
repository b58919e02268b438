"""What gives code away that works on Airflow's own metadata database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument

SESSIONS = (
    "airflow.settings.Session",
    "airflow.settings.engine.raw_connection",
    "airflow.settings.engine.connect",
    "airflow.settings.engine.begin",
    "airflow.utils.session.create_session",
    "airflow.utils.db.create_session",
)
_COPIES = frozenset({"copy_expert", "copy_from", "copy_to"})


def opens_metadata(document: PythonDocument) -> bool:
    """Whether a file opens a session or a connection of Airflow's own."""
    return bool(openings(document))


def openings(document: PythonDocument) -> list[ast.Call]:
    """Where it does, in the order of the file."""
    found = [call for call, names in document.named_calls if not set(names).isdisjoint(SESSIONS)]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def method(call: ast.Call) -> str:
    """The last part of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def copies_metadata(document: PythonDocument) -> bool:
    """Whether a file moves rows of the metadata database in bulk, to or from files."""
    return next(bulk_copies(document), None) is not None and opens_metadata(document)


def bulk_copies(document: PythonDocument) -> Iterator[ast.Call]:
    """The calls of PostgreSQL's COPY, in no order that means something."""
    return (call for call in document.calls if method(call) in _COPIES)
