"""Which files the project has, and what each may be: a git-aware walk, a role by name, a look inside where the name is
not enough.
"""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint import git
from mwaalint.cached import cached_property
from mwaalint.patterns import regex
from mwaalint.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Folders of tools, never of authors, for trees that git does not describe.
TOOL_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".terraform",
        ".tox",
        ".nox",
        ".venv",
        "venv",
        "node_modules",
        "__pycache__",
        "cdk.out",
        ".aws-sam",
    }
)


class Role(Enum):
    """What a file may be. The value is also the name of the module that reads it."""

    TERRAFORM = "terraform"
    TERRAFORM_PLAN = "terraform_plan"
    CLOUDFORMATION = "cloudformation"
    REQUIREMENTS = "requirements"
    PYTHON = "python"
    DBT = "dbt"
    ENVIRONMENT_JSON = "environment_json"
    PULUMI_YAML = "pulumi_yaml"
    SHELL = "shell"
    DEPLOY = "deploy"
    LOCAL_RUNNER = "local_runner"


_ROLE_BY_NAME = (
    (Role.TERRAFORM, regex(r"\.(tf|tf\.json|tfvars|hcl)$")),
    (Role.PYTHON, regex(r"\.py$")),
    (Role.DBT, regex(r"(^|/)dbt_project\.ya?ml$")),
    (Role.REQUIREMENTS, regex(r"(^|/)[^/]*requirements[^/]*\.txt$|(^|/)requirements/[^/]+\.txt$", re.IGNORECASE)),
    (Role.SHELL, regex(r"\.(sh|bash)$")),
    (
        Role.DEPLOY,
        regex(
            r"(^|/)(\.github/(workflows|actions)/.+\.ya?ml|\.gitlab-ci\.ya?ml|\.gitlab/.+\.ya?ml|[^/]*(build|deploy)spec[^/]*\.ya?ml"
            r"|bitbucket-pipelines\.ya?ml|[^/]*azure-pipelines[^/]*\.ya?ml|\.circleci/config\.ya?ml|Makefile|[^/]+\.mk|Jenkinsfile"
            r"|justfile|Taskfile\.ya?ml|[^/]+\.(sh|bash))$"
        ),
    ),
)
# What only MWAA's API calls so. One of them alone may be anything's key.
ENVIRONMENT_KEYS = (
    b'"AirflowConfigurationOptions"',
    b'"AirflowVersion"',
    b'"DagS3Path"',
    b'"EnvironmentClass"',
    b'"RequirementsS3Path"',
    b'"SourceBucketArn"',
    b'"WebserverAccessMode"',
)
# Which files to look into, for which texts, and how many of these there must be.
_ROLE_BY_CONTENT = (
    (Role.CLOUDFORMATION, regex(r"\.(ya?ml|json|template)$"), (b"AWS::MWAA::Environment",), 1),
    (Role.ENVIRONMENT_JSON, regex(r"\.json$"), ENVIRONMENT_KEYS, 2),
    (Role.TERRAFORM_PLAN, regex(r"(?<!\.tf)\.json$"), (b'"aws_mwaa_environment"', b'"format_version"'), 2),
    (Role.PULUMI_YAML, regex(r"(^|/)(Pulumi|Main)\.ya?ml$"), (b"mwaa:Environment", b"mwaa/environment:"), 1),
    (
        Role.LOCAL_RUNNER,
        regex(r"(^|/)(([^/]*[-._])?compose[^/]*\.ya?ml|Dockerfile[^/]*|[^/]+\.Dockerfile)$"),
        (b"mwaa-local", b"amazon-mwaa-docker-images", b"local-runner", b"MWAA__"),
        1,
    ),
)


class Skipped(NamedTuple):
    """Something on the way that was not read, and why, in words."""

    path: str
    reason: str


_MOST_KEPT = 2_000


@dataclass(frozen=True)
class Project:
    """The files of one repository (or one folder of it).

    ``skipped`` are files and folders that were left out, ``notes`` what is to be said of the listing as a whole.
    ``asked`` are the answers that ``exists`` gave.
    """

    root: Path
    files: dict[str, SourceFile]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    asked: dict[str, bool] = field(default_factory=dict)
    _shelf: deque[SourceFile] = field(default_factory=deque, repr=False)

    @cached_property
    def _by_role(self) -> dict[Role, list[SourceFile]]:
        return roles(self.files.values())

    def exists(self, path: str) -> bool:
        """Whether a file lies there on the disk, be it part of the project or not."""
        self.asked[path] = (self.root / path).exists()
        return self.asked[path]

    def done_with(self, file: SourceFile) -> None:
        """Says that nobody needs the content of a file soon: of many files only a few are kept in memory."""
        if len(self.files) > _MOST_KEPT:
            file.leave(self._shelf)

    def with_role(self, role: Role) -> Sequence[SourceFile]:
        """The files that may be of this kind, in path order."""
        return self._by_role.get(role, ())

    def get(self, path: str) -> SourceFile | None:
        """A file by its path relative to the root."""
        return self.files.get(path)

    def below(self, folder: str) -> Iterator[SourceFile]:
        """The files in a folder and its subfolders; "" is the whole project."""
        prefix = f"{folder}/" if folder else ""
        return (file for path, file in self.files.items() if path.startswith(prefix))

    def has_folder(self, folder: str) -> bool:
        """Whether any file lies below the folder."""
        return next(self.below(folder), None) is not None


def discover(
    root: Path, exclude: Sequence[str] = (), overlay: Mapping[str, bytes] | None = None, base: str = ""
) -> Project:
    """Lists the files of a folder: what git tracks or would track there, else every file outside the tools' own
    folders.

    ``overlay`` holds bytes, by path, that stand for those on the disk. ``base`` is the way to the folder from where the
    patterns of ``exclude`` are written.
    """
    skipped: list[Skipped] = []
    notes: list[str] = []
    names = _listed_by_git(root, notes) if repository_of(root.resolve()) else None
    if names is None:
        names = _walked(root, skipped)
    files = {file.path: file for file in _followed(root, names, overlay or {}, skipped)}
    if exclude:
        files = {path: file for path, file in files.items() if not excluded(base + path, exclude)}
        skipped = [one for one in skipped if not excluded(base + one.path, exclude)]
    return Project(root, files, tuple(skipped), tuple(notes))


def excluded(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path, or a folder above it, matches a pattern (``*`` also crosses folders)."""
    candidates = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
    wanted = [pattern.removeprefix("./").rstrip("/") for pattern in patterns]
    return any(fnmatchcase(candidate, pattern) for pattern in wanted for candidate in candidates)


def repository_of(folder: Path) -> Path | None:
    """The nearest folder, from this one upwards, that is a git repository, a worktree of one or a submodule."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


def _listed_by_git(root: Path, notes: list[str]) -> dict[str, bool] | None:
    """Which files there are, and whether each is a link; None where git does not describe the folder. Submodules are
    part of the project.
    """
    names, problem = _ls_files(root)
    if problem:
        notes.append(f"git could not list the files ({problem}), so files that it ignores are read too")
        return None
    found: dict[str, bool] = {}
    for name in dict.fromkeys(names):
        try:
            mode = os.lstat(f"{root}/{name}").st_mode
        except OSError:
            continue  # git remembers a file that is gone
        found |= _of_submodule(root, name.rstrip("/"), notes) if stat.S_ISDIR(mode) else {name: stat.S_ISLNK(mode)}
    # An empty answer also comes from a folder that git ignores as a whole; who names it wants it read.
    return found or None


def _of_submodule(root: Path, name: str, notes: list[str]) -> dict[str, bool]:
    if not (root / name / ".git").exists():
        notes.append(f"{name} is a submodule that is not checked out, so its files are not read")
        return {}
    inner: list[str] = []
    listed = _listed_by_git(root / name, inner) or {}
    notes += [f"{name}: {note}" for note in inner]
    return {f"{name}/{path}": is_link for path, is_link in listed.items()}


def _ls_files(root: Path) -> tuple[list[str], str]:
    """The names git lists, or why it does not."""
    try:
        listed = git.ask(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except git.GitError as error:
        return [], str(error)
    return [os.fsdecode(name) for name in listed.split(b"\0") if name], ""


def _walked(root: Path, skipped: list[Skipped]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    folders, start = [""], str(root).rstrip("/")
    while folders:
        folder = folders.pop()
        try:
            # Which of them are folders and links, the folder itself tells.
            with os.scandir(f"{start}/{folder}") as entries:
                for entry in entries:
                    _sort(entry, folder + entry.name, found, folders)
        except OSError as error:
            path = printable(folder.rstrip("/")) or "."
            skipped.append(Skipped(path, f"the folder cannot be read: {error.strerror}"))
    return found


def _sort(entry: os.DirEntry[str], name: str, found: dict[str, bool], folders: list[str]) -> None:
    # A folder may also be linked by a junction of Windows, which Python tells since 3.12.
    is_link, is_tools = entry.is_symlink() or getattr(entry, "is_junction", bool)(), entry.name in TOOL_FOLDERS
    if not is_link and entry.is_dir():
        folders += [] if is_tools else [f"{name}/"]
    elif not (is_tools and Path(entry).is_dir()):
        found[name] = is_link


def _followed(
    root: Path, names: Mapping[str, bool], overlay: Mapping[str, bytes], skipped: list[Skipped]
) -> Iterator[SourceFile]:
    """The files of these names, of which it is known whether they are links; one that leads to a folder or out of the
    repository is not followed.
    """
    boundary, start = (repository_of(root) or root).resolve(), str(root).rstrip("/")
    for name in sorted(names):
        path, where = printable(name), f"{start}/{name}"
        if not names[name]:
            yield SourceFile(path, where, overlay.get(path))
        elif Path(where).is_dir():
            skipped.append(Skipped(path, "it is a link to a folder; linked folders are not followed"))
        elif Path(os.path.realpath(where)).is_relative_to(boundary):
            yield SourceFile(path, where, overlay.get(path))
        elif any(pattern.search(path) for _, pattern, *_ in (*_ROLE_BY_NAME, *_ROLE_BY_CONTENT)):
            skipped.append(Skipped(path, "it is a link out of the project; such links are not followed"))


def printable(name: str) -> str:
    """A name as reports can write it: bytes that are no UTF-8 are spelled out."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def roles(files: Iterable[SourceFile]) -> dict[Role, list[SourceFile]]:
    """The files by what each may be; looks into those whose name does not tell."""
    by_role: dict[Role, list[SourceFile]] = defaultdict(list)
    for file in files:
        if file.path.endswith(".py"):  # most files are, and these are nothing else
            by_role[Role.PYTHON].append(file)
            continue
        for role, pattern in _ROLE_BY_NAME:
            if pattern.search(file.path):
                by_role[role].append(file)
        probes = [(role, words, least) for role, pattern, words, least in _ROLE_BY_CONTENT if pattern.search(file.path)]
        start = file.start() if probes else b""
        for role, words, least in probes:
            if start is None:
                # Nobody can tell what it is; the reader of templates says that it cannot be read.
                by_role[Role.CLOUDFORMATION].append(file)
                break
            if sum(word in start for word in words) >= least:
                by_role[role].append(file)
    return dict(by_role)
