"""Checks the DAG and plugin code of all deployments: DAG files first, then the modules that they import."""

from __future__ import annotations

import gc
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from posixpath import dirname, normpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.engine.code import FileResult, FileTask, Rules, View, analyse
from mwaalint.model import dags
from mwaalint.model.deployed_code import CodeFiles, DeployedCode, code_files
from mwaalint.model.deployment import Target
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from mwaalint.discover import Project
    from mwaalint.findings import Finding
    from mwaalint.model.deployed_code import FileFacts
    from mwaalint.model.deployment import Deployment
    from mwaalint.source import SourceFile

    Analyse = Callable[[Sequence[FileTask], Rules], Iterable[FileResult]]

# What makes a file worth a look before any other: it reads like one that makes DAGs.
_MAKES_DAGS = regex(rb"dag(?:(?<=\bdag)|(?<=\bdbtdag))(?:_?factory)?\b")
_MOST_ROUNDS = 12
_ELSEWHERE = ("awsglue.", "aws_cdk.")
# An empty set takes as much room as one of four.
_NOTHING: frozenset[str] = frozenset()


class Looked(NamedTuple):
    """How it came about that a file was checked, or was not.

    ``users`` are the deployments that may run it, ``own`` tells that Airflow imports it by itself, ``makes_dags`` that
    it reads like one that makes DAGs, ``counts`` that MWAA runs it. ``checks`` are what was called of it each time that
    it was checked, and whether it was taken to be imported; the last time counts.
    """

    place: str
    users: tuple[int, ...]
    own: bool
    makes_dags: bool
    counts: bool
    checks: tuple[tuple[frozenset[str], bool], ...]


@dataclass(slots=True)
class CodeResult:
    """``findings`` by file, each with the index of its deployment, each deployment's code by index, the codes that
    crashed, and the files that may hold ignore comments or hold none, where that is known. ``looked`` and ``views`` are
    what it hangs on what is found.
    """

    findings: dict[str, list[tuple[int, Finding]]] = field(default_factory=dict)
    code: dict[int, DeployedCode] = field(default_factory=dict)
    crashed: set[str] = field(default_factory=set)
    commented: set[str] = field(default_factory=set)
    uncommented: set[str] = field(default_factory=set)
    looked: dict[str, Looked] = field(default_factory=dict)
    views: Sequence[View] = ()


def one_by_one(tasks: Sequence[FileTask], rules: Rules) -> Iterator[FileResult]:
    """Checks files in this process."""
    with without_collector():
        for task in tasks:
            yield analyse(task, rules)


@contextmanager
def without_collector() -> Iterator[None]:
    """Syntax trees are many objects, and each file's are gone before the next: looking for cycles among them takes as
    long as the parse.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def check_code(
    deployments: Sequence[Deployment],
    project: Project,
    rules: Rules,
    codes_for: Callable[[int], frozenset[str]],
    analyse_all: Analyse = one_by_one,
) -> CodeResult:
    """Checks the code of the deployments; ``codes_for`` has the rules that run for one of them, by its index."""
    files = [code_files(deployment, project) for deployment in deployments]
    views = _views(deployments, files, rules, codes_for)
    walk = _Walk(files, views, rules, analyse_all, project.done_with)
    walk.run()
    result = CodeResult(looked=walk.looked, views=views)
    for path in sorted(walk.results):
        if walk.counts(path):
            found = walk.results[path]
            result.findings[path] = by_deployment(found, walk.users[path])
            result.crashed |= found.crashed
            if not found.problem:
                (result.commented if found.commented else result.uncommented).add(path)
    for index, deployment in enumerate(deployments):
        mine = {path: facts for path, facts in walk.facts(sorted(walk.results)) if index in walk.users[path]}
        unread = any(result.problem for path, result in walk.results.items() if index in walk.users[path])
        if mine and files[index].roots and _surely_runs(deployment, deployments):
            result.code[index] = DeployedCode(deployment, mine, files[index].confidence, complete=not unread)
    return result


def by_deployment(found: FileResult, users: Sequence[int]) -> list[tuple[int, Finding]]:
    """A file's findings with the index of their deployment."""
    return [(users[index], finding) for index, finding in found.findings]


def _surely_runs(deployment: Deployment, deployments: Sequence[Deployment]) -> bool:
    """Whether the code is a deployment's own. In a repository of several environments, what lies in a DAGs folder that
    leads to none of them may be another's, with other requirements and another role.
    """
    return deployment.dags_folder is not None or len(deployments) == 1


def _views(
    deployments: Sequence[Deployment],
    files: Sequence[CodeFiles],
    rules: Rules,
    codes_for: Callable[[int], frozenset[str]],
) -> list[View]:
    """What each deployment's files are checked for. Where nothing links files to one of several deployments, nothing is
    judged by its settings, nor by a version of Airflow that only some of these run.
    """
    versions = {deployment.target.airflow for deployment in deployments}
    of_versions = {check.code for check in rules.checks if check.needs_version}
    views = []
    for index, deployment in enumerate(deployments):
        own = _surely_runs(deployment, deployments)
        versioned = own or len(versions) == 1
        views.append(
            View(
                deployment.label,
                # Not where the version is written, which moves with every line above it.
                replace(deployment.target, origin=None) if versioned else Target(),
                deployment.environment if own else None,
                files[index].confidence,
                codes_for(index) if versioned else codes_for(index) - of_versions,
                deployment.dags_folder,
            )
        )
    return views


class _Walk:
    def __init__(
        self,
        files: Sequence[CodeFiles],
        views: Sequence[View],
        rules: Rules,
        analyse_all: Analyse,
        done_with: Callable[[SourceFile], None],
    ) -> None:
        self.done_with = done_with
        self.rules = rules
        self.views = views
        self.analyse_all = analyse_all
        self.results: dict[str, FileResult] = {}
        self._counts: dict[str, bool] = {}
        self.users: dict[str, list[int]] = {}
        self.called: dict[str, set[str]] = {}
        self.looked: dict[str, Looked] = {}
        self._checks: dict[str, tuple[tuple[frozenset[str], bool], ...]] = {}
        self._sources: dict[str, tuple[SourceFile, str]] = {}
        self._reached: set[str] = set()
        self._lazily: set[str] = set()
        self._files_of: dict[tuple[str, str], tuple[str, str] | None] = {}
        self._ignored = frozenset.intersection(*(each.ignored for each in files)) if files else frozenset()
        for index, each in enumerate(files):
            for place, group in (("dags", each.dags), ("plugins", each.plugins)):
                for path, file in group.items():
                    self._sources.setdefault(path, (file, place))
                    self.users.setdefault(path, []).append(index)
        self._modules = _modules(self._sources)
        self._bases_of = _bases_of(self._modules, _bases(root for each in files for root in each.roots))

    def run(self) -> None:
        """Looks at the files that make DAGs, then at all others that Airflow imports by itself and at what is imported
        from these, round by round: what is called of a file is best known before it is looked at.
        """
        # What a file's own checks see of it is known to hang on its bytes alone; who else asks for these is noted.
        opened = {path: file.opened for path, (file, _) in self._sources.items()}
        own, making = set(), set()
        for path, (file, place) in self._sources.items():
            if place == "plugins" or (path not in self._ignored and is_imported(file)):
                own.add(path)
                if makes_dags(file):
                    making.add(path)
            self.done_with(file)
        self._reached |= own
        self._rounds(own, making or own)
        different: dict[Looked, Looked] = {}
        for path, (file, _) in self._sources.items():
            file.close(opened=opened[path])
            look = self._look(path, own, making)
            self.looked[path] = different.setdefault(look, look)

    def _look(self, path: str, own: Collection[str], making: Collection[str]) -> Looked:
        counts = path in self.results and self.counts(path)
        place, users = self._sources[path][1], tuple(self.users[path])
        return Looked(place, users, path in own, path in making, counts, self._checks.get(path, ()))

    def _rounds(self, own: set[str], wanted: set[str]) -> None:
        for _ in range(_MOST_ROUNDS):
            if not wanted:
                return
            tasks = [self._task(path) for path in sorted(wanted)]
            for task, result in zip(tasks, self.analyse_all(tasks, self.rules), strict=True):
                task.file.problem = result.problem or task.file.problem
                self._note(task.file.path, result)
                self._checks[task.file.path] = (*self._checks.get(task.file.path, ()), (task.called, task.imported))
                self.done_with(task.file)
                if result.facts and result.facts.work:
                    dags.remember(task.file, result.facts.work)
            wanted = self._next(sorted(wanted)) | (own - self.results.keys())

    def _note(self, path: str, result: FileResult) -> None:
        self.results[path] = result
        imports = result.facts.imports if result.facts else ()
        self._counts[path] = not any(one.dotted.startswith(_ELSEWHERE) for one in imports)

    def _task(self, path: str) -> FileTask:
        file, place = self._sources[path]
        views = tuple(self.views[index] for index in self.users[path])
        lazily = place == "dags" and path in self._lazily and path not in self._reached
        # Whichever process checks it: a run counts the files that it read.
        if not file.was_read:
            with suppress(UnreadableFileError):
                len(file.data)
            self.done_with(file)
        called = frozenset(self.called[path]) if path in self.called else _NOTHING
        return FileTask(file, place, views, called, imported=not lazily)

    def _next(self, paths: Iterable[str]) -> set[str]:
        """The files that these import and nobody looked at yet, or not with all that is called of them."""
        again: set[str] = set()
        for path, facts in self.facts(paths):
            for one in facts.imports:
                found = self._file_of(one.dotted, path)
                if found is None or found[0] == path:
                    continue
                target = found[0]
                known = target in self._reached or (target in self._lazily and not one.at_import)
                (self._reached if one.at_import else self._lazily).add(target)
                if target not in self.results or (not known and target in self._lazily and one.at_import):
                    again.add(target)
            for dotted in facts.called:
                found = self._file_of(dotted, path)
                if found is not None and found[1] and found[1] not in self.called.setdefault(found[0], set()):
                    self.called[found[0]].add(found[1])
                    again.add(found[0])
        return again

    def counts(self, path: str) -> bool:
        """Whether a file is code that MWAA runs, not one for Glue or the CDK that merely lies there."""
        return self._counts[path]

    def facts(self, paths: Iterable[str]) -> Iterator[tuple[str, FileFacts]]:
        """The facts of those files that count, by path."""
        found = ((path, self.results[path].facts) for path in paths)
        return ((path, facts) for path, facts in found if facts is not None and self.counts(path))

    def _file_of(self, dotted: str, importer: str) -> tuple[str, str] | None:
        """The file of the code that an imported dotted name leads to, with the rest of the name."""
        folder = dirname(importer) if dotted.startswith(".") else ""
        asked = dotted, folder
        if asked not in self._files_of:
            self._files_of[asked] = self._searched(dotted, folder)
        return self._files_of[asked]

    def _searched(self, dotted: str, folder: str) -> tuple[str, str] | None:
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        parts = name.split(".") if name else []
        for _ in range(level - 1):
            folder = dirname(folder)
        first = name.partition(".")[0]
        for base in (_as_prefix(folder),) if level else self._bases_of.get(first, ()):
            for count in range(len(parts), -1 if level else 0, -1):
                path = self._modules.get((base + "/".join(parts[:count])).rstrip("/"))
                if path is not None:
                    return path, ".".join(parts[count:])
        return None


def _modules(paths: Iterable[str]) -> dict[str, str]:
    """The file of each module, by its path without the suffix. A package goes before a file of its name."""
    paths = [path for path in paths if path.endswith(".py")]
    modules = {path.removesuffix(".py"): path for path in paths}
    return modules | {dirname(path): path for path in paths if path.endswith("/__init__.py")}


def _bases(roots: Iterable[str]) -> tuple[str, ...]:
    """What paths start with that are imported by their full name: the folders, and those around them."""
    return tuple(dict.fromkeys(_as_prefix(base) for root in roots for base in (root, dirname(root))))


def _bases_of(modules: Iterable[str], bases: Sequence[str]) -> dict[str, list[str]]:
    """The bases that have something of a name, by the first part of the name: most names lead to no file of these."""
    found: dict[str, list[str]] = {}
    for base in bases:
        for first in {module.removeprefix(base).partition("/")[0] for module in modules if module.startswith(base)}:
            found.setdefault(first, []).append(base)
    return found


def _as_prefix(folder: str) -> str:
    return f"{normpath(folder)}/" if folder else ""


def is_imported(file: SourceFile) -> bool:
    """Whether Airflow imports a file for its DAGs."""
    try:
        return dags.is_imported(file.data)
    except UnreadableFileError:
        return False


def makes_dags(file: SourceFile) -> bool:
    """Whether a file is worth a look before any other."""
    try:
        return bool(_MAKES_DAGS.search(file.data) or _MAKES_DAGS.search(file.data.lower()))
    except UnreadableFileError:
        return False
