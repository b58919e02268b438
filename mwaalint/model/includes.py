"""The files that a requirements file pulls in with ``-r`` and ``-c``, in the container and in the repository."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.documents.requirements import Option, RequirementsFile
    from mwaalint.source import SourceFile

DAGS_ON_MWAA = "/usr/local/airflow/dags/"
MAX_DEPTH = 16
INCLUDING = ("--requirement", "--constraint")

# dags, plugins: below the folders that MWAA copies from the bucket. image: MWAA's own constraints file. url: fetched.
# variable: not known before pip replaces a ${VARIABLE}. relative: a relative path that leads to none of these.
# elsewhere: another absolute path.
Place = Literal["dags", "plugins", "image", "url", "variable", "relative", "elsewhere"]

_URL = regex(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LOCAL_URL = regex(r"file://(localhost)?(?=/)", re.IGNORECASE)
_VARIABLE = regex(r"\$\{([A-Z0-9_]+)\}")


@record
class Include:
    """A ``-r`` or ``-c`` option and what it leads to.

    ``target`` is its value with the container's own variables replaced; ``path`` where the file would be in the
    repository, None when it cannot be there or the folder is not known; ``file`` is the file when it exists,
    ``document`` what it holds when it could be read.
    """

    option: Option
    place: Place
    target: str
    path: str | None = None
    file: SourceFile | None = None
    document: RequirementsFile | None = None


class Layout(NamedTuple):
    """The container's folders and their counterparts in the repository (None when not known)."""

    requirements: str
    constraints: str
    variables: Mapping[str, str]
    folders: tuple[tuple[Literal["dags", "plugins"], str, str | None], ...]

    def locate(self, value: str, beside: _Position) -> tuple[Place, str, str | None, str | None]:
        """Where a value leads: place, value with variables replaced, path in the container, path in the repository."""
        target = _VARIABLE.sub(lambda match: self.variables.get(match[1], match[0]), value)
        if _VARIABLE.search(target):
            return "variable", target, None, None
        local = _LOCAL_URL.sub("", target)
        if _URL.match(local):
            return "url", target, None, None
        container = posixpath.normpath(posixpath.join(beside.container or "", local))
        if container == self.constraints:
            return "image", target, container, None
        for place, folder, repository in self.folders:
            if container.startswith(f"{folder}/"):
                return place, target, container, _within(repository, container.removeprefix(f"{folder}/"))
        if posixpath.isabs(local):
            return "elsewhere", target, container, None
        return "relative", target, None, _within(beside.repository, local)


class _Position(NamedTuple):
    """The folder a file is in: in the container (None when it is not there) and in the repository."""

    container: str | None
    repository: str


def layout(catalog: Catalog, dags_folder: str | None, plugins_folder: str | None) -> Layout:
    """The container as the catalogue describes it."""
    variables = catalog.table("container-variables")["rows"]
    return Layout(
        requirements=str(catalog.fact("paths.requirements_file_in_container")),
        constraints=variables["AIRFLOW_CONSTRAINTS_FILE"],
        variables=variables,
        folders=(
            ("dags", str(catalog.fact("paths.dags_dir")), dags_folder),
            ("plugins", str(catalog.fact("paths.plugins_dir")), plugins_folder),
        ),
    )


@dataclass(slots=True)
class Includes:
    """What is found from a requirements file on: each file is entered at most once as ``-r`` and once as ``-c``."""

    project: Project
    layout: Layout
    found: list[Include] = field(default_factory=list)
    documents: list[RequirementsFile] = field(default_factory=list)
    installed: list[RequirementsFile] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _read: dict[str, RequirementsFile | None] = field(default_factory=dict)

    def follow(self, document: RequirementsFile) -> None:
        """Starts at the file that MWAA installs.

        ``installed`` gets the files whose requirements are installed, ``documents`` also the files of constraints.
        """
        self._seen.add(("--requirement", document.file.path))
        self._read[document.file.path] = document
        start = _Position(posixpath.dirname(self.layout.requirements), posixpath.dirname(document.file.path))
        self._enter(document, "--requirement", start, depth=0)

    def _enter(self, document: RequirementsFile, role: str, position: _Position, depth: int) -> None:
        self.documents.append(document)
        if role == "--requirement":
            self.installed.append(document)
        for option in document.options:
            if option.name in INCLUDING and option.value:
                self._include(option, option.value, position, depth)

    def _include(self, option: Option, value: str, position: _Position, depth: int) -> None:
        place, target, container, path = self.layout.locate(value, position)
        file = self.project.get(path) if path else None
        document = self._document(file) if file else None
        self.found.append(Include(option, place, target, path, file, document))
        if document and path and (option.name, path) not in self._seen and depth < MAX_DEPTH:
            self._seen.add((option.name, path))
            inner = _Position(posixpath.dirname(container) if container else None, posixpath.dirname(path))
            self._enter(document, option.name, inner, depth + 1)

    def _document(self, file: SourceFile) -> RequirementsFile | None:
        from mwaalint.documents.requirements import read_requirements

        if file.path not in self._read:
            try:
                self._read[file.path] = read_requirements(file)
            except UnreadableFileError:
                self._read[file.path] = None
        return self._read[file.path]


def in_repository(value: str, file: SourceFile, project: Project, dags_folder: str | None) -> SourceFile | None:
    """The file of the repository that a path means: one in the DAGs folder, or relative to the file that names it."""
    if _URL.match(value):
        return None
    if value.startswith(DAGS_ON_MWAA):
        path = _within(dags_folder, value.removeprefix(DAGS_ON_MWAA))
    else:
        path = None if posixpath.isabs(value) else _within(posixpath.dirname(file.path), value)
    return project.get(path) if path else None


def _within(folder: str | None, rest: str) -> str | None:
    """A path relative to the repository's root; None when the folder is not known or the path leaves the repository."""
    if folder is None:
        return None
    path = posixpath.normpath(posixpath.join(folder, rest))
    return None if path == ".." or path.startswith("../") else path
