"""Texts and paths of DAG code as they are on MWAA."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.discover import Project
from mwaalint.model.adapters._python_modules import Module, Modules
from mwaalint.model.dbt_values import Runtime, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.documents.python_blocks import Block
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.adapters._python_modules import ScopeNode


@dataclass(eq=False)
class _Indexed(Module):
    """A file whose scopes need not be looked for: its index has them."""

    document: PythonDocument = field(kw_only=True)

    def scopes(self, node: ast.AST) -> Iterator[ScopeNode]:
        """The scopes around a node, from the inside."""
        block: Block | None = self.document.block(node)
        inner = True
        while block is not None:
            owner = block.owner
            if inner or not isinstance(owner.node, ast.ClassDef):
                yield owner.node
            inner, block = False, owner.outer


class DagTexts:
    """Reads texts off one file, as ``Values`` does over several."""

    def __init__(self, document: PythonDocument, dags_folder: str | None, catalog: Catalog) -> None:
        dags, home = str(catalog.fact("filesystem.dags.path")), str(catalog.fact("filesystem.airflow_home"))
        variables = {"AIRFLOW_HOME": home, "HOME": home, "AIRFLOW__CORE__DAGS_FOLDER": dags}
        self.module = _Indexed(document.file, document.tree, document=document)
        # Other files may change without this one: what they define is not known here.
        alone = Modules({}, Project(document.file.absolute.parent, {}))
        self.values = Values(alone, Runtime(dags, dags_folder or "", variables))

    def text(self, node: ast.expr) -> str:
        """The text of an expression, with a hole for what the file does not tell."""
        return self.values.text(node, self.module)
