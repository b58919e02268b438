"""Configuration objects of Cosmos, as far as the file shows them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.documents.python_document import PythonDocument

MAKERS = (
    *("cosmos.DbtDag", "cosmos.airflow.dag.DbtDag"),
    *("cosmos.DbtTaskGroup", "cosmos.airflow.task_group.DbtTaskGroup"),
)


def configuration(call: ast.Call, name: str, document: PythonDocument) -> ast.Call | bool | None:
    """The call that makes one of the ``…_config`` arguments: False when surely none is passed, None when not known."""
    node = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if node is None:
        return None if any(keyword.arg is None for keyword in call.keywords) else False
    return made_by(node, document)


def made_by(node: ast.expr, document: PythonDocument) -> ast.Call | None:
    """The call that an expression is, or that its name leads to."""
    made, _ = document.followed(node)
    return made if isinstance(made, ast.Call) else None


def passes(call: ast.Call, name: str, position: int | None = None) -> bool | None:
    """Whether a call passes an argument; None when it may, by ``**``."""
    if any(keyword.arg == name for keyword in call.keywords) or (position is not None and len(call.args) > position):
        return True
    return None if any(keyword.arg is None for keyword in call.keywords) else False


def argument(call: ast.Call, name: str) -> ast.expr | None:
    """The expression of a keyword argument."""
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
