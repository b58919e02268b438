"""What the DAG code of a repository tells about the size an environment needs: how many DAGs, and what work its tasks
do on the workers themselves. Files are parsed, never run.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath
from posixpath import dirname, normpath
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mwaalint.discover import Project
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

    def __reduce__(self) -> tuple[Callable[..., FileWork], tuple[object, ...]]:
        # As the facts of files do it: the empty sets are one for all.
        told = {name: value for name, value in zip(self._fields[1:], self[1:], strict=True) if value}
        return _file_work, (self.dags, told)


def _file_work(dags: Count, told: Mapping[str, Any]) -> FileWork:
    return FileWork(dags, **{name: once(value) for name, value in told.items()})


def once(value: Any) -> Any:
    """The value with its names, if it is of names, kept once for all files, whichever process found them."""
    if type(value) is frozenset:
        return _one_set(value)
    return tuple(map(intern, value)) if type(value) is tuple and value and type(value[0]) is str else value


@lru_cache(maxsize=2_000)
def _one_set(names: frozenset[str]) -> frozenset[str]:
    return frozenset(map(intern, names))


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
        return FileWork(Count(None, f"{file.path} is not analyzed: {error}"))
    is_dag_file = is_imported(data)
    if not is_dag_file and not _HEAVY_WORD.search(data):
        return _imports_only(file, data)
    from mwaalint.documents.python_document import read_python

    document = read_python(file)
    if document is None:
        return FileWork(Count(None, f"{file.path} is not Python that can be parsed")) if is_dag_file else _NOTHING
    from mwaalint.model.dag_work import work_of

    return work_of(document)


def _imports_only(file: SourceFile, data: bytes) -> FileWork:
    """A helper module: it matters for what it imports from its neighbours."""
    if b"import" not in data:
        return _NOTHING
    from mwaalint.documents.python_document import read_python

    document = read_python(file)
    return FileWork(Count(0), each_once(document.modules)) if document else _NOTHING


def each_once(modules: Iterable[str]) -> tuple[str, ...]:
    """Modules in their order; thousands of files import the same, so that each name is kept once."""
    return tuple(intern(module) for module in sorted(modules))


def is_imported(data: bytes) -> bool:
    """Airflow's own test: a file without both words is not imported for DAGs."""
    if b"dag" in data and b"airflow" in data:
        return True
    lowered = data.lower()
    return b"dag" in lowered and b"airflow" in lowered


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
    followed: set[tuple[str, str]] = set()
    pending = list(paths)
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen.add(current)
        found |= files[current].heavy
        for module in files[current].modules:
            # Most files import the same, and only relative imports mean another file from another place.
            asked = module, dirname(current) if module.startswith(".") else ""
            if asked not in followed:
                followed.add(asked)
                pending += [candidate for candidate in _module_paths(*asked, folder) if candidate in files]
    return found


def _module_paths(module: str, place: str, folder: str) -> Iterator[str]:
    """Where a module may lie: beside a relative import, in the DAGs folder, or in its parent (``dags.helpers``)."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level:
        bases = [f"{place or '.'}/" + "../" * (level - 1)]
    else:
        parent = dirname(folder)
        bases = [f"{folder}/", f"{parent}/" if parent else ""]
    for base in bases:
        path = normpath(base + name.replace(".", "/"))
        yield f"{path}.py"
        yield f"{path}/__init__.py"
