"""What gives code away that works on Airflow's own metadata database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from mwaalint.documents.python_document import PythonDocument

SESSIONS = (
    "airflow.settings.Session",
    "airflow.settings.engine.raw_connection",
    "airflow.settings.engine.connect",
    "airflow.settings.engine.begin",
    "airflow.utils.session.create_session",
    "airflow.utils.db.create_session",
)


def opens_metadata(document: PythonDocument) -> bool:
    """Whether a file opens a session or a connection of Airflow's own."""
    return any(not openers(names).isdisjoint(SESSIONS) for _, names in document.named_calls)


def openers(names: tuple[str, ...]) -> set[str]:
    """The dotted names of a call, with ``settings`` read as Airflow's however it was imported."""
    return {f"airflow.{name}" if name.startswith("settings.") else name for name in names}


def method(call: ast.Call) -> str:
    """The last part of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
