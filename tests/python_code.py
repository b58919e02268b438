"""Python files and projects for the tests of what reads DAG code."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from mwaalint.documents.python_document import PythonDocument, read_python
from mwaalint.model.dag_reading import DagCode
from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value
from mwaalint.source import SourceFile

if TYPE_CHECKING:
    import ast
    from collections.abc import Collection

ENVIRONMENT = """
resource "aws_mwaa_environment" "etl" {
  name            = "etl"
  airflow_version = "2.10.3"
  dag_s3_path     = "dags"
}
"""


def document(
    text: str, path: str = "dags/etl.py", called: Collection[str] = (), *, imported: bool = True
) -> PythonDocument:
    """The index of a file with this text, indented as the test likes it."""
    found = read_python(SourceFile(path, Path(path), dedent(text).encode()), called, imported=imported)
    assert found is not None
    return found


def dag_code(text: str) -> DagCode:
    """The DAGs and tasks of a file with this text."""
    return DagCode(document(text))


def line(node: ast.AST) -> int:
    """The line of a node that has one."""
    return int(getattr(node, "lineno", 0))


def plain(value: Value) -> object:
    """A value as a test can write it: "?" for unresolved, "-" for absent, a list of alternatives, members unpacked."""
    match value:
        case Absent():
            return "-"
        case Unresolved():
            return "?"
        case OneOf(options=options):
            return [plain(option) for option in options]
        case Known(value=tuple() as members):
            return tuple(plain(member) for member in members)
        case Known(value=dict() as members):
            return {name: plain(member) for name, member in members.items()}
        case Known(value=content):
            return content
