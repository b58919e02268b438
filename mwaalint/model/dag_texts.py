"""Texts and paths of DAG code as they are on MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.discover import Project
from mwaalint.model.adapters._python_modules import Module, Modules
from mwaalint.model.dbt_values import Runtime, Values

if TYPE_CHECKING:
    import ast

    from mwaalint.catalog import Catalog
    from mwaalint.documents.python_document import PythonDocument


class DagTexts:
    """Reads texts off one file, as ``Values`` does over several."""

    def __init__(self, document: PythonDocument, dags_folder: str | None, catalog: Catalog) -> None:
        dags, home = str(catalog.fact("filesystem.dags.path")), str(catalog.fact("filesystem.airflow_home"))
        variables = {"AIRFLOW_HOME": home, "HOME": home, "AIRFLOW__CORE__DAGS_FOLDER": dags}
        self.module = Module(document.file, document.tree)
        # Other files may change without this one: what they define is not known here.
        alone = Modules({}, Project(document.file.absolute.parent, {}))
        self.values = Values(alone, Runtime(dags, dags_folder or "", variables))

    def text(self, node: ast.expr) -> str:
        """The text of an expression, with a hole for what the file does not tell."""
        return self.values.text(node, self.module)
