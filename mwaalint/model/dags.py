"""What the DAG code of a repository tells about the size an environment needs: how many DAGs, and what work its tasks
do on the workers themselves. Files are parsed, never run.
"""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from posixpath import dirname, normpath
from sys import intern
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mwaalint.discover import Project
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.deployment import Deployment

# Libraries that hold data in memory: what they work on is what a worker must have room for.
HEAVY_LIBRARIES = frozenset(
    {
        *(
            "pandas",
            "numpy",
            "polars",
            "pyarrow",
            "dask",
            "duckdb",
            "modin",
            "vaex",
            "geopandas",
            "xarray",
            "awswrangler",
        ),
        *(
            "pyspark",
            "sklearn",
            "scipy",
            "statsmodels",
            "xgboost",
            "lightgbm",
            "catboost",
            "prophet",
            "torch",
            "tensorflow",
        ),
        *("transformers", "dbt", "great_expectations", "openpyxl"),
    }
)
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
_DBT_COMMAND = regex(r"\bdbt\b[^\n;&|]*\b(run|build|test|seed|snapshot|compile|source|docs|deps|ls)\b")
_SCRIPT = regex(r"\bpython[\d.]*\s+(?:-\S+\s+)*[\"']?(?:\S*/)?(?P<name>[\w.-]+\.py)\b")
_HEAVY_WORD = regex(rb"\b(" + "|".join(sorted(HEAVY_LIBRARIES)).encode() + rb")\b")
# Templates and archives become DAG files at deployment, how many nobody can see here.
_MADE_LATER = (".zip", ".py.j2", ".py.jinja", ".py.jinja2", ".py.tmpl", ".py.tpl")


@record
class DagCode:
    """The DAG code of one folder.

    ``count`` is the number of DAGs, never too small; None when it cannot be told, and ``reason`` says why.
    ``in_process`` are the libraries that tasks use on the worker itself ("dbt", "pandas"), as far as the code shows
    them; ``heavy`` are those imported anywhere in the folder. ``works_locally`` tells whether any task runs Python, a
    shell or dbt on the worker; without one, tasks only start work elsewhere and wait for it.
    """

    count: int | None
    reason: str
    in_process: tuple[str, ...]
    heavy: tuple[str, ...]
    works_locally: bool


class Count(NamedTuple):
    """A number of DAGs, or None and the reason why it cannot be told."""

    number: int | None
    reason: str = ""


class FileWork(NamedTuple):
    """What one Python file tells, whatever folder it is in."""

    dags: Count
    modules: tuple[str, ...] = ()
    heavy: frozenset[str] = frozenset()
    runs_python: bool = False
    runs_shell: bool = False
    runs_dbt: bool = False
    scripts: frozenset[str] = frozenset()


_NOTHING = FileWork(Count(0))
# Several rules and several environments ask about the same files.
_read_files: WeakKeyDictionary[SourceFile, FileWork] = WeakKeyDictionary()
_knowing: WeakKeyDictionary[SourceFile, Callable[[SourceFile], FileWork | None]] = WeakKeyDictionary()


def dag_code(deployment: Deployment, project: Project) -> DagCode | None:
    """The DAG code that a deployment runs; None when the repository does not show where its DAGs lie."""
    folder = deployment.dags_folder
    if folder is None:
        return None
    code = read_folder(folder, project)
    other = _other_source(deployment, folder)
    if other and code.count is not None:
        return DagCode(None, f"{other} is copied to the DAGs as well", code.in_process, code.heavy, code.works_locally)
    return code


def read_folder(folder: str, project: Project) -> DagCode:
    """The DAG code below a folder (relative to the project's root)."""
    files = {file.path: work_of_file(file) for file in project.below(folder) if file.path.endswith(".py")}
    made_later = [file.path for file in project.below(folder) if file.path.endswith(_MADE_LATER)]
    count = Count(None, f"{made_later[0]} may hold DAGs") if made_later else _sum(file.dags for file in files.values())
    return DagCode(
        count=count.number,
        reason=count.reason,
        in_process=tuple(sorted(_in_process(files, folder))),
        heavy=tuple(sorted({*_dbt(files), *(library for file in files.values() for library in file.heavy)})),
        works_locally=any(file.runs_python or file.runs_shell or file.runs_dbt for file in files.values()),
    )


def _other_source(deployment: Deployment, folder: str) -> str | None:
    """Another folder that a deploy step copies to where the DAGs are."""
    own = [upload.key for upload in deployment.uploads if upload.recursive and upload.source == folder and upload.key]
    for upload in deployment.uploads:
        inside = f"{upload.source}/".startswith(f"{folder}/")
        if upload.recursive and not inside and any(f"{upload.key}/".startswith(f"{key}/") for key in own):
            return upload.source
    return None


def _sum(counts: Iterable[Count]) -> Count:
    total = 0
    for count in counts:
        if count.number is None:
            return count
        total += count.number
    return Count(total)


def remember(file: SourceFile, work: FileWork) -> None:
    """Keeps what somebody else read off a file, so that it is not read again."""
    _read_files[file] = work


def ask_first(file: SourceFile, knowing: Callable[[SourceFile], FileWork | None]) -> None:
    """Names who may know of a file what would be read off it, and is asked before that."""
    _knowing[file] = knowing


def work_of_file(file: SourceFile) -> FileWork:
    """What a file tells, read off it once."""
    if file not in _read_files:
        known = _knowing[file](file) if file in _knowing else None
        _read_files[file] = _analysed(file) if known is None else known
    return _read_files[file]


def _analysed(file: SourceFile) -> FileWork:
    try:
        data = file.data
    except UnreadableFileError as error:
        return FileWork(Count(None, f"{file.path} is not analysed: {error}"))
    is_dag_file = is_imported(data)
    if not is_dag_file and not _HEAVY_WORD.search(data):
        return _imports_only(file, data)
    from mwaalint.documents.python_document import read_python

    document = read_python(file)
    if document is None:
        return FileWork(Count(None, f"{file.path} is not Python that can be parsed")) if is_dag_file else _NOTHING
    return work_of(document)


def _imports_only(file: SourceFile, data: bytes) -> FileWork:
    """A helper module: it matters for what it imports from its neighbours."""
    if b"import" not in data:
        return _NOTHING
    from mwaalint.documents.python_document import read_python

    document = read_python(file)
    return FileWork(Count(0), _each_once(document.modules)) if document else _NOTHING


def work_of(document: PythonDocument) -> FileWork:
    """What one Python file tells of its DAGs and their work."""
    from mwaalint.model._dag_counting import count_dags

    data = document.file.data
    tasks = list(_used(document))
    runs_shell = any(_BASH.search(origin) for origin in tasks)
    commands = _texts(document) if runs_shell else []
    return FileWork(
        dags=count_dags(document) if is_imported(data) else Count(0),
        modules=_each_once(document.modules),
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
    for function in document.functions:
        for decorator in function.decorator_list:
            yield document.dotted(decorator)


def _runs_cosmos(document: PythonDocument) -> bool:
    """Whether Cosmos runs dbt on the workers."""
    called = document.called_by_last
    names = (dotted for last in called if "Dbt" in last for dotted in called[last])
    return not _COSMOS_REMOTE.search(document.file.data) and any(map(_COSMOS.search, names))


def _each_once(modules: Iterable[str]) -> tuple[str, ...]:
    # Thousands of files import the same.
    return tuple(intern(module) for module in sorted(modules))


def is_imported(data: bytes) -> bool:
    """Airflow's own test: a file without both words is not imported for DAGs."""
    if b"dag" in data and b"airflow" in data:
        return True
    lowered = data.lower()
    return b"dag" in lowered and b"airflow" in lowered


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


def _dbt(files: Mapping[str, FileWork]) -> set[str]:
    return {"dbt"} if any(file.runs_dbt for file in files.values()) else set()


def _in_process(files: Mapping[str, FileWork], folder: str) -> set[str]:
    running = [path for path, file in files.items() if file.runs_python]
    found = _dbt(files) | (_reachable(running, files, folder) - {"pyspark"})
    for script in {script for file in files.values() for script in file.scripts}:
        found |= {lib for other in files if PurePosixPath(other).name == script for lib in files[other].heavy}
    return found


def _reachable(paths: Iterable[str], files: Mapping[str, FileWork], folder: str) -> set[str]:
    """The heavy libraries of files and of the neighbours they import, directly or not."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(paths)
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        found |= files[current].heavy
        for module in files[current].modules:
            pending += [candidate for candidate in _module_paths(module, current, folder) if candidate in files]
    return found


def _module_paths(module: str, importer: str, folder: str) -> Iterator[str]:
    """Where a module may lie: beside a relative import, in the DAGs folder, or in its parent (``dags.helpers``)."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level:
        bases = [f"{dirname(importer) or '.'}/" + "../" * (level - 1)]
    else:
        parent = dirname(folder)
        bases = [f"{folder}/", f"{parent}/" if parent else ""]
    for base in bases:
        path = normpath(base + name.replace(".", "/"))
        yield f"{path}.py"
        yield f"{path}/__init__.py"
