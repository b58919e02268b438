"""MW422 custom-trigger-in-dags-folder."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.documents.python import source_of
from mwaalint.documents.python_walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding


@check("MW422", on=DagFile("Trigger"), airflow=">=3.0")
def custom_trigger_in_dags_folder(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """A trigger that is defined where the triggerer of Airflow 3 does not import from."""
    for node in document.nodes(ast.ClassDef):
        if not _is_trigger(node, document) or document.block(node).conditional:
            continue
        serialize = next((each for each in node.body if _is_serialize(each)), None)
        if isinstance(serialize, ast.FunctionDef | ast.AsyncFunctionDef) and _names_this_file(
            serialize, node, document
        ):
            yield ctx.report(ctx.at(node), subject=node.name, name=node.name, airflow=ctx.target.airflow)


def _is_trigger(node: ast.ClassDef, document: PythonDocument) -> bool:
    """Whether a class derives from a trigger of Airflow or a provider."""
    bases = (document.dotted(base) for base in node.bases)
    return any(base.startswith("airflow.") and base.endswith("Trigger") for base in bases)


def _is_serialize(node: ast.stmt) -> bool:
    """Without a method of its own, a class is restored as the one it derives from."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "serialize"


def _names_this_file(serialize: FunctionNode, node: ast.ClassDef, document: PythonDocument) -> bool:
    """Whether the triggerer is told to import the class from here: by its own module, or by the name of this one."""
    for each in walk(serialize):
        match each:
            case ast.Return(value=ast.Tuple(elts=[ast.Constant(value=str() as path), *_])):
                return path.endswith(f".{node.name}") and _is_module(path.rpartition(".")[0], document)
            case ast.Return(value=ast.Tuple(elts=[ast.JoinedStr() | ast.BinOp() | ast.Call() as path, *_])):
                return "__module__" in (text := source_of(path)) or "__name__" in text
            case _:
                pass
    return False


def _is_module(dotted: str, document: PythonDocument) -> bool:
    """Whether a dotted module leads to this file from some folder above it."""
    path = document.file.path.removesuffix(".py").removesuffix("/__init__")
    return f"/{path}".endswith(f"/{dotted.replace('.', '/')}")
