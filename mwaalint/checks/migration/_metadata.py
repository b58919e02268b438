"""What gives code away that works on Airflow's own metadata database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._selectors import Selector
from mwaalint.documents.python_document import PythonDocument
from mwaalint.model.metadata_scripts import method, opens_metadata

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mwaalint.model.dag_reading import DagCode

_COPIES = frozenset({"copy_expert", "copy_from", "copy_to"})


class MetadataScript(Selector[PythonDocument]):
    """Whole files of DAG code that open the metadata database."""

    def subjects(self, code: DagCode) -> tuple[PythonDocument, ...]:
        """The file."""
        return (code.document,) if opens_metadata(code.document) else ()


def copies_metadata(document: PythonDocument) -> bool:
    """Whether a file moves rows of the metadata database in bulk, to or from files."""
    return next(bulk_copies(document), None) is not None and opens_metadata(document)


def bulk_copies(document: PythonDocument) -> Iterator[ast.Call]:
    """The calls of PostgreSQL's COPY, in no order that means something."""
    return (call for call in document.calls if method(call) in _COPIES)
