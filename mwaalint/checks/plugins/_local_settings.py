"""What the rules on airflow_local_settings.py share."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.documents.python_document import PythonDocument

NAME = "airflow_local_settings.py"


def is_local_settings(document: PythonDocument) -> bool:
    """Whether MWAA's image takes a file for the customer's local settings."""
    return basename(document.file.path) == NAME
