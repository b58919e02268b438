"""The DAG and plugin code of a deployment: which files it may be, and the facts each of them tells the others."""

from __future__ import annotations

from dataclasses import field, fields
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from mwaalint.discover import Role
from mwaalint.findings import Confidence, Location
from mwaalint.model import layout
from mwaalint.model.airflowignore import NAME, Ignored
from mwaalint.model.dags import once
from mwaalint.model.values import Known, known
from mwaalint.records import record
from mwaalint.source import Offset, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mwaalint.discover import Project
    from mwaalint.model.dags import FileWork
    from mwaalint.model.deployment import Deployment
    from mwaalint.model.hidden_failures import HiddenFailure
    from mwaalint.model.metadata_scripts import Statement
    from mwaalint.source import SourceFile

_NOT_DEPLOYED = frozenset({"dbt_packages", "site-packages", "node_modules", ".venv", "venv", "__pycache__"})


class DagFact(NamedTuple):
    """A DAG as other files may want to know it.

    ``ids`` are its possible ids, none when they cannot be told. ``passed`` are the names of its arguments, incomplete
    where ``open`` says that something unknown is spread into it. ``schedule`` is when it runs where that is a known
    text, "" otherwise; ``paused`` tells that it surely waits paused at first. ``tasks`` counts the places that make
    tasks. ``without`` names what surely none of its tasks has: "retries", "execution_timeout".
    """

    ids: tuple[str, ...]
    location: Location
    kind: str
    repeated: bool
    conditional: bool
    passed: frozenset[str]
    open: bool
    schedule: str
    paused: bool
    tasks: int
    without: frozenset[str] = frozenset()

    def __reduce__(self) -> tuple[Callable[..., DagFact], tuple[object, ...]]:
        return _dag_fact, tuple(self)


def _dag_fact(*parts: Any) -> DagFact:
    return DagFact(*map(once, parts))


class ImportFact(NamedTuple):
    """One imported name; see ``ImportedName``. ``at_import`` tells that reading the file imports it, ``elsewhere`` that
    a task does in an environment of its own: a virtual environment, another Python, a container. Where it ends is told
    by its ``length``: of small numbers Python has one for all.
    """

    dotted: str
    module: str
    start: Offset
    length: int
    guarded: bool
    at_import: bool
    elsewhere: bool = False

    def location(self, file: FileFacts) -> Location:
        """Where its file imports it. There are ten in a file, and few are ever reported."""
        return Location(file.path, Span(self.start, self.start + self.length))


def _import_fact(dotted: str, module: str, *others: Any) -> ImportFact:
    # Most files import the same: the names are kept once, whichever process found them.
    return ImportFact(intern(dotted), intern(module), *others)


class DbtNeed(NamedTuple):
    """A place that starts dbt: by its name, as ``executable`` "dbt", or by a path; ``bare`` in a shell that is given no
    PATH.
    """

    location: Location
    executable: str
    bare: bool = False


class DeferredFact(NamedTuple):
    """A task with ``deferrable=True``: where that is written, and the dotted operator."""

    location: Location
    operator: str


class MailFact(NamedTuple):
    """A place that has Airflow send mail. ``what`` is "alert" for an address that hears of failed tasks, "operator" for
    a task that sends one, "nobody" where mail is asked for when a task fails and surely no address is given.
    """

    location: Location
    what: str


@record
class FileFacts:
    """What one file tells the rules that look at several: small, and picklable.

    ``operators`` are the dotted operators of its tasks, ``called`` the dotted names of what it calls when it is
    imported, ``dbt`` where it starts dbt in Airflow's own containers, ``mails`` where it has Airflow send mail,
    ``deferred`` the tasks that wait in a triggerer. ``metadata`` has the SELECT and COPY statements of a file that
    opens Airflow's own database, ``loading`` its functions that load rows there, ``hidden`` the failures it hides.
    """

    path: str
    place: str
    dags: tuple[DagFact, ...] = ()
    imports: tuple[ImportFact, ...] = ()
    operators: frozenset[str] = frozenset()
    work: FileWork | None = None
    called: frozenset[str] = frozenset()
    dbt: tuple[DbtNeed, ...] = ()
    mails: tuple[MailFact, ...] = ()
    deferred: tuple[DeferredFact, ...] = ()
    metadata: tuple[Statement, ...] = ()
    hidden: tuple[HiddenFailure, ...] = ()
    loading: frozenset[str] = frozenset()

    def __reduce__(self) -> tuple[Callable[..., FileFacts], tuple[object, ...]]:
        # An empty set takes as much room as one of four: all files share one.
        told = {name: value for name in _TOLD if (value := getattr(self, name))}
        # Most of it are imports; as plain tuples they are written and read in half the time.
        return _file_facts, (self.path, self.place, tuple(map(tuple, self.imports)), told)


_TOLD = tuple(one.name for one in fields(FileFacts) if one.name not in ("path", "place", "imports"))


def _file_facts(path: str, place: str, imports: Iterable[tuple[Any, ...]], told: Mapping[str, Any]) -> FileFacts:
    others = {name: once(value) for name, value in told.items()}
    return FileFacts(path, intern(place), imports=tuple(_import_fact(*one) for one in imports), **others)


@record
class DeployedCode:
    """All DAG and plugin code of one deployment, by path, as far as it could be read.

    ``confidence`` is medium where nothing but the name of the folder with the DAGs tells that it is MWAA's.
    ``complete`` is False when a file could not be read.
    """

    deployment: Deployment
    files: Mapping[str, FileFacts]
    confidence: Confidence
    complete: bool = True

    def place(self, name: str) -> Iterator[FileFacts]:
        """The files of "dags" or "plugins"."""
        return (file for file in self.files.values() if file.place == name)


@record
class CodeFiles:
    """The Python files that a deployment may run, before anybody looked into them.

    ``roots`` are the folders from which they import each other, none where only single files are known;
    ``ignored`` those of ``dags`` that Airflow does not search for DAGs, and runs only when others import them.
    """

    dags: Mapping[str, SourceFile] = field(default_factory=dict)
    plugins: Mapping[str, SourceFile] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    confidence: Confidence = Confidence.HIGH


def code_files(deployment: Deployment, project: Project) -> CodeFiles:
    """The files below the deployment's DAGs and plugins folders. Where no DAGs folder is known, all folders that are
    called ``dags`` and hold DAG code; where there is none either, the files that make DAGs, each by itself.
    """
    folders = [deployment.dags_folder] if deployment.dags_folder is not None else layout.dags_folders(project)
    if not folders and deployment.environment is not None:
        alone = {file.path: file for file in layout.scattered_dags(project) if _is_deployed(file.path)}
        return CodeFiles(dags=alone, confidence=Confidence.MEDIUM)
    folders = ["" if folder == "." else folder for folder in folders]
    dags = {file.path: file for folder in folders for file in _python(folder, project)}
    ignored = {path for folder in folders for path in _ignored(folder, deployment, project)}
    plugin_folders = list(_plugin_folders(folders, deployment, project))
    plugins = {file.path: file for folder in plugin_folders for file in _python(folder, project)}
    return CodeFiles(
        dags={path: file for path, file in dags.items() if path not in plugins},
        plugins=plugins,
        roots=(*folders, *plugin_folders),
        ignored=frozenset(ignored),
        confidence=Confidence.HIGH if _leads_to_dags(deployment) else Confidence.MEDIUM,
    )


def _leads_to_dags(deployment: Deployment) -> bool:
    """Whether more than its name says that MWAA reads the folder: an upload, the environment's own path, or
    requirements beside it that are surely MWAA's.
    """
    folder, environment, evidence = deployment.dags_folder, deployment.environment, deployment.requirements_evidence
    if folder is None:
        return False
    sources = ("" if upload.source == "." else upload.source for upload in deployment.uploads if upload.recursive)
    if any(source == folder or not source or folder.startswith(f"{source}/") for source in sources):
        return True
    if environment is not None and known(environment.dag_s3_path, str) in (folder, f"{folder}/"):
        return True
    sure = evidence is not None and evidence.confidence is Confidence.HIGH and deployment.requirements is not None
    return sure and deployment.requirements is not None and _beside(folder, deployment.requirements.file.path)


def _beside(folder: str, path: str) -> bool:
    parent = folder.rpartition("/")[0]
    return not parent or path.startswith(f"{parent}/")


def ignore_syntaxes(deployment: Deployment) -> tuple[str, ...]:
    """How Airflow reads the deployment's ``.airflowignore``; both ways where nobody can tell."""
    environment = deployment.environment
    options = environment.airflow_configuration_options if environment else None
    if isinstance(options, Known) and isinstance(options.value, dict):
        stated = options.value.get("core.dag_ignore_file_syntax")
        if isinstance(stated, Known) and stated.value in ("glob", "regexp"):
            return (str(stated.value),)
    version = deployment.target.airflow
    if version is None:
        return "regexp", "glob"
    return ("regexp",) if version.startswith(("1.", "2.")) else ("glob",)


def _ignored(folder: str, deployment: Deployment, project: Project) -> Iterator[str]:
    """The paths that the folder's ``.airflowignore`` files name."""
    listings = [file for file in project.below(folder) if file.path.endswith(NAME)]
    if listings:
        ignored = Ignored(folder, listings, ignore_syntaxes(deployment))
        yield from (file.path for file in _python(folder, project) if file.path in ignored)


def _python(folder: str, project: Project) -> Iterator[SourceFile]:
    prefix = f"{folder}/" if folder else ""
    for file in project.with_role(Role.PYTHON):
        if file.path.startswith(prefix):
            inside = file.path.removeprefix(prefix)
            if not layout.is_test_of_dags(file, inside) and _is_deployed(inside):
                yield file


def _is_deployed(path: str) -> bool:
    return _NOT_DEPLOYED.isdisjoint(path.split("/"))


def _plugin_folders(folders: list[str], deployment: Deployment, project: Project) -> Iterator[str]:
    """The stated folder, else those called ``plugins`` beside the DAGs folders."""
    if deployment.plugins_folder is not None:
        yield deployment.plugins_folder
        return
    for folder in folders:
        parent = folder.rpartition("/")[0]
        beside = f"{parent}/plugins" if parent else "plugins"
        if folder and project.has_folder(beside):
            yield beside
