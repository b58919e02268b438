"""Where a check of DAG and plugin code applies: calls, imports, tasks, DAGs, whole files."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Generic, TypeVar

from mwaalint.documents.python_document import ImportedName, PythonDocument
from mwaalint.model.dag_model import Dag, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.model.dag_reading import DagCode

S = TypeVar("S")
DAGS, PLUGINS = "dags", "plugins"


class Selector(Generic[S]):
    """What a check is handed of each file, and in which files: ``places`` are DAG code, plugins or both.

    A file that holds none of the ``words`` has nothing for the check. To look for one takes as long as to parse a line
    or two, so there are few, the common ones first.
    """

    def __init__(self, *names: str, places: Iterable[str] = (DAGS,), words: Iterable[str] = ()) -> None:
        self.names = names
        self.places = frozenset(places)
        self.exact = frozenset(name for name in names if "*" not in name)
        self.below = tuple(name[:-1] for name in names if name.endswith(".*"))
        self.ending = tuple(name[1:] for name in names if name.startswith("*"))
        self.words = tuple(word.encode() for word in words)

    def matches(self, dotted: str) -> bool:
        """Whether a dotted name is one of the names: itself, below one that ends with ".*", or with the ending of one
        that starts with "*".
        """
        return dotted in self.exact or dotted.startswith(self.below) or dotted.endswith(self.ending)

    def subjects(self, code: DagCode) -> Iterable[S]:
        """The subjects of one file, in the order of the file."""
        raise NotImplementedError


class Call(Selector[ast.Call]):
    """Calls of these functions: "airflow.models.Variable.get", "requests.*" for all below, "*.get_conn" for methods of
    that name on anything. A call on the way is "()": "boto3.client().get_object".
    """

    def subjects(self, code: DagCode) -> Iterator[ast.Call]:
        """The calls."""
        by_name = code.document.calls_by_name
        names = [name for name in by_name if self.matches(name)]
        yield from in_order({call for name in names for call in by_name[name]})


class Import(Selector[ImportedName]):
    """Imported names: these and all below them ("airflow.contrib" also finds "airflow.contrib.hooks.x.Hook")."""

    def matches(self, dotted: str) -> bool:
        """Whether an imported name is one of the names or lies below one."""
        return any(dotted == name or dotted.startswith(f"{name}.") for name in self.names)

    def subjects(self, code: DagCode) -> Iterator[ImportedName]:
        """The imported names."""
        yield from (one for one in code.document.imports if self.matches(one.dotted))


class Operator(Selector[Task]):
    """Tasks of these operators, by class name ("BashOperator", "*Sensor") or dotted as imported; of decorated functions
    by decorator ("task.bash"). Without names every task.
    """

    def matches(self, dotted: str) -> bool:
        """Whether an operator is one of the names."""
        return not self.names or super().matches(dotted) or dotted.rpartition(".")[2] in self.exact

    def subjects(self, code: DagCode) -> Iterator[Task]:
        """The tasks."""
        yield from (task for task in code.tasks if self.matches(task.operator))


class Dags(Selector[Dag]):
    """Every DAG, with its tasks and edges."""

    def subjects(self, code: DagCode) -> Iterator[Dag]:
        """The DAGs."""
        yield from code.dags


class DagFile(Selector[PythonDocument]):
    """Whole files of DAG code that hold one of these words."""

    def __init__(self, *words: str, places: Iterable[str] = (DAGS,)) -> None:
        super().__init__(places=places, words=words)

    def subjects(self, code: DagCode) -> tuple[PythonDocument]:
        """The file."""
        return (code.document,)


class PluginFile(DagFile):
    """Whole files of the plugins folder that hold one of these words."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words, places=(PLUGINS,))


def in_order(calls: Iterable[ast.Call]) -> list[ast.Call]:
    """Calls in the order of the file. One of what another gives begins where that does, and ends after it."""
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset, call.end_lineno, call.end_col_offset))
