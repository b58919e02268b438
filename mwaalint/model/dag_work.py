"""What one Python file tells of its DAGs, and of the work that its tasks do on the workers themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.model._dag_counting import count_dags
from mwaalint.model.dags import HEAVY_LIBRARIES, Count, FileWork, each_once, is_imported
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument

_PYTHON_OPERATORS = frozenset(
    {
        *("PythonOperator", "BranchPythonOperator", "ShortCircuitOperator"),
        *("PythonVirtualenvOperator", "ExternalPythonOperator", "PythonSensor"),
    }
)
_DECORATORS = ("python", "virtualenv", "external_python", "branch", "short_circuit", "sensor")
_TASK = regex(rf"^(airflow\..*\.)?task(\.({'|'.join(_DECORATORS)}))?$")
_BASH = regex(r"(^|\.)(BashOperator|BashSensor)$|^(airflow\..*\.)?task\.bash$")
# What names of calls end with that are work on a worker.
_WORKING = _PYTHON_OPERATORS | {"BashOperator", "BashSensor", "task", "bash", *_DECORATORS}
_COSMOS = regex(r"^cosmos\..*(DbtDag|DbtTaskGroup|Dbt\w+(Local|Virtualenv)Operator)$")
_COSMOS_REMOTE = regex(
    rb"ExecutionMode\.(KUBERNETES|DOCKER|AWS_EKS|AWS_ECS|AZURE_CONTAINER_INSTANCE|GCP_CLOUD_RUN_JOB)"
)
_DBT_COMMAND = regex(r"\bdbt\b[^\n;&|]{0,300}\b(run|build|test|seed|snapshot|compile|source|docs|deps|ls)\b")
_SCRIPT = regex(r"\bpython[\d.]*\s+(?:-\S+\s+)*[\"']?(?:\S*/)?(?P<name>[\w.-]+\.py)\b")


def work_of(document: PythonDocument) -> FileWork:
    """What one Python file tells of its DAGs and their work."""
    data = document.file.data
    tasks = list(_used(document))
    runs_shell = any(_BASH.search(origin) for origin in tasks)
    commands = _texts(document) if runs_shell else []
    return FileWork(
        dags=count_dags(document) if is_imported(data) else Count(0),
        modules=each_once(document.modules),
        heavy=document.packages & HEAVY_LIBRARIES,
        runs_python=any(_TASK.search(origin) or _is_python_operator(origin) for origin in tasks),
        runs_shell=runs_shell,
        runs_dbt=("cosmos" in document.packages and _runs_cosmos(document))
        or any(_DBT_COMMAND.search(command) for command in commands),
        scripts=frozenset(match["name"] for command in commands for match in _SCRIPT.finditer(command)),
    )


def _used(document: PythonDocument) -> Iterator[str]:
    """The dotted names of calls and decorators that may be work on a worker."""
    called = document.called_by_last
    for last in _WORKING & called.keys():
        yield from called[last]
    for decorators in document.decorators.values():
        yield from (dotted for _, dotted in decorators)


def _runs_cosmos(document: PythonDocument) -> bool:
    """Whether Cosmos runs dbt on the workers."""
    called = document.called_by_last
    names = (dotted for last in called if "Dbt" in last for dotted in called[last])
    return not _COSMOS_REMOTE.search(document.file.data) and any(map(_COSMOS.search, names))


def _is_python_operator(origin: str) -> bool:
    return origin.rpartition(".")[2] in _PYTHON_OPERATORS


def _texts(document: PythonDocument) -> list[str]:
    """The strings of a file that may run something; an f-string's parts with a blank for each value."""
    nodes = document.index.nodes
    texts = [node.value for node in nodes.get(ast.Constant, ()) if isinstance(node.value, str)]
    for node in nodes.get(ast.JoinedStr, ()):
        parts = [part.value if isinstance(part, ast.Constant) else " _ " for part in node.values]
        texts.append("".join(str(part) for part in parts))
    return [text for text in texts if "dbt" in text or ".py" in text]
