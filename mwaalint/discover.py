"""Which files the project has, and what each may be: a git-aware walk, a role by name, a look inside where the name is
not enough.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.source import MAX_BYTES, SourceFile

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
    CLOUDFORMATION = "cloudformation"
    REQUIREMENTS = "requirements"
    PYTHON = "python"
    DBT = "dbt"
    SHELL = "shell"
    DEPLOY = "deploy"


_ROLE_BY_NAME = (
    (Role.TERRAFORM, re.compile(r"\.(tf|tfvars)$")),
    (Role.PYTHON, re.compile(r"\.py$")),
    (Role.DBT, re.compile(r"(^|/)dbt_project\.ya?ml$")),
    (Role.REQUIREMENTS, re.compile(r"(^|/)[^/]*requirements[^/]*\.txt$|(^|/)requirements/[^/]+\.txt$", re.IGNORECASE)),
    (Role.SHELL, re.compile(r"\.(sh|bash)$")),
    (
        Role.DEPLOY,
        re.compile(
            r"(^|/)(\.github/(workflows|actions)/.+\.ya?ml|\.gitlab-ci\.ya?ml|\.gitlab/.+\.ya?ml|[^/]*buildspec[^/]*\.ya?ml"
            r"|bitbucket-pipelines\.ya?ml|[^/]*azure-pipelines[^/]*\.ya?ml|\.circleci/config\.ya?ml|Makefile|[^/]+\.mk|Jenkinsfile"
            r"|justfile|Taskfile\.ya?ml|[^/]+\.(sh|bash))$"
        ),
    ),
)
_ROLE_BY_CONTENT = ((Role.CLOUDFORMATION, re.compile(r"\.(ya?ml|json|template)$"), b"AWS::MWAA::Environment"),)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something on the way that was not read, and why, in words."""

    path: str
    reason: str


@dataclass(frozen=True)
class Project:
    """The files of one repository (or one folder of it)."""

    root: Path
    files: dict[str, SourceFile]
    skipped: tuple[Skipped, ...] = ()
    _by_role: dict[Role, list[SourceFile]] = field(default_factory=dict)

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


def discover(root: Path, exclude: Sequence[str] = (), overlay: Mapping[str, bytes] | None = None) -> Project:
    """Lists the files of a folder: what git tracks or would track there, else every file outside the tools' own
    folders.

    ``overlay`` holds bytes, by path, that stand for those on the disk.
    """
    overlay = overlay or {}
    skipped: list[Skipped] = []
    paths = _listed_by_git(root)
    if paths is None:
        paths = _walked(root, skipped)
    wanted = sorted(path for path in paths if not excluded(path, exclude))
    files = {path: SourceFile(path, root / path, overlay.get(path)) for path in wanted}
    for path in [path for path, file in files.items() if _is_linked_folder(file.absolute)]:
        skipped.append(Skipped(path, "it is a link to a folder; linked folders are not followed"))
        del files[path]
    return Project(root, files, tuple(skipped), _roles(files.values()))


def excluded(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path, or a folder above it, matches a pattern (``*`` also crosses folders)."""
    candidates = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
    return any(fnmatchcase(candidate, pattern.rstrip("/")) for pattern in patterns for candidate in candidates)


def _listed_by_git(root: Path) -> list[str] | None:
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        result = subprocess.run(command, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if result.returncode != 0:
        return None
    listed = [os.fsdecode(name) for name in result.stdout.split(b"\0") if name]
    present = [name for name in dict.fromkeys(listed) if os.path.lexists(root / name)]
    # An empty answer also comes from a folder that git ignores as a whole; who names it wants it read.
    return present or None


def _walked(root: Path, skipped: list[Skipped]) -> list[str]:
    found = []

    def unreadable(error: OSError) -> None:
        path = Path(error.filename).relative_to(root).as_posix()
        skipped.append(Skipped(path, f"the folder cannot be read: {error.strerror}"))

    for folder, names, files in os.walk(root, onerror=unreadable):
        here = Path(folder).relative_to(root).as_posix()
        prefix = "" if here == "." else f"{here}/"
        linked = [name for name in names if (Path(folder) / name).is_symlink()]
        skipped += [
            Skipped(prefix + name, "it is a link to a folder; linked folders are not followed") for name in linked
        ]
        names[:] = sorted(name for name in names if name not in TOOL_FOLDERS and name not in linked)
        found += [prefix + name for name in files]
    return found


def _is_linked_folder(path: Path) -> bool:
    return path.is_symlink() and path.is_dir()


def _roles(files: Iterable[SourceFile]) -> dict[Role, list[SourceFile]]:
    by_role: dict[Role, list[SourceFile]] = defaultdict(list)
    for file in files:
        for role, pattern in _ROLE_BY_NAME:
            if pattern.search(file.path):
                by_role[role].append(file)
        for role, pattern, content in _ROLE_BY_CONTENT:
            if pattern.search(file.path) and _holds(file, content):
                by_role[role].append(file)
    return dict(by_role)


def _holds(file: SourceFile, content: bytes) -> bool:
    try:
        if file.absolute.stat().st_size > MAX_BYTES:
            return False
        return content in file.absolute.read_bytes()
    except OSError:
        return False
