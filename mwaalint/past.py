"""The project as it was at a commit: the same files by the same rules, read from git and not from the disk."""

from __future__ import annotations

import os
import posixpath
import zlib
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.discover import Project, excluded, printable, repository_of
from mwaalint.git import GitError, Objects, ask
from mwaalint.source import MAX_BYTES, SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_LINK, _SUBMODULE = "120000", "160000"
_LONGEST_CHAIN = 8


class PastError(Exception):
    """A state of the project that cannot be had; the text says why."""


class _Blob(NamedTuple):
    """A file in a commit: its mode, its object, and the repository that has it."""

    mode: str
    name: str
    objects: Objects


class _StoredFile(SourceFile):
    """A file of a commit, read when first asked for. ``absolute`` is where it lies, or lay, on the disk."""

    __slots__ = ("_blob", "_packed")

    def __init__(self, path: str, absolute: Path, blob: _Blob) -> None:
        super().__init__(path, absolute)
        self._blob = blob
        self._packed = b""

    def leave(self, shelf: deque[SourceFile]) -> None:
        """Keeps what was read in a quarter of the room: other processes cannot ask the same git for it."""
        if self.was_read and not self._packed:
            self._packed = zlib.compress(self._bytes, 1)
        super().leave(shelf)

    def _read(self) -> bytes:
        if self._packed:
            return zlib.decompress(self._packed)
        if self.problem:
            # What could not be had from a commit never can, and several processes must not ask one git at once.
            raise UnreadableFileError(self.problem)
        try:
            content = self._blob.objects.read(self._blob.name, MAX_BYTES + 1)
        except GitError as error:
            raise self._unreadable(str(error)) from error
        if len(content) > MAX_BYTES:
            raise self._unreadable(f"files over {MAX_BYTES:,} bytes are not analyzed")
        return content

    def _start(self) -> bytes | None:
        try:
            return self.data if self.was_read else self._blob.objects.read(self._blob.name, MAX_BYTES)
        except (GitError, UnreadableFileError):
            return None


@contextmanager
def project_at(root: Path, ref: str, exclude: Sequence[str] = (), base: str = "") -> Iterator[Project]:
    """The files of a folder at a commit, for as long as the block runs. ``exclude`` and ``base`` are as for
    ``discover``.

    Raises PastError where there is no such commit.
    """
    commit, above = _commit(root, ref)
    with ExitStack() as stack:
        notes: list[str] = []
        try:
            tree = dict(_tree(_top(root, above), commit, "", stack, notes))
        except GitError as error:
            raise PastError(f"--base {ref}: git could not list the files of the commit: {error}") from error
        files: dict[str, SourceFile] = {}
        for name in sorted(name for name in tree if name.startswith(above)):
            path, blob = printable(name.removeprefix(above)), _followed(name, tree)
            if blob is not None and not excluded(base + path, exclude):
                files[path] = _StoredFile(path, root / name.removeprefix(above), blob)
        yield Project(root, files, (), tuple(notes))


def _commit(root: Path, ref: str) -> tuple[str, str]:
    """The commit's full name, and the way from the top of the repository down to the folder ("infra/")."""
    if ref.startswith("-") or not ref:
        raise PastError(f"--base: {ref!r} is not the name of a commit")
    if repository_of(root) is None:
        raise PastError(f"--base {ref}: {root} is not in a git repository, so it has no history")
    try:
        above = os.fsdecode(ask(root, "rev-parse", "--show-prefix").removesuffix(b"\n"))
    except GitError as error:
        raise PastError(f"--base {ref}: git failed: {error}") from error
    try:
        return ask(root, "rev-parse", "--verify", f"{ref}^{{commit}}").decode().strip(), above
    except GitError as error:
        raise PastError(f"--base {ref}: git does not know this commit{_if_shallow(root)}") from error


def _if_shallow(root: Path) -> str:
    try:
        shallow = ask(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except GitError:
        return ""
    return "; this clone is shallow, so fetch more of its history first (actions/checkout: fetch-depth)" * shallow


def _top(root: Path, above: str) -> Path:
    return root.parents[above.count("/") - 1] if above else root


def _tree(
    repository: Path, commit: str, prefix: str, stack: ExitStack, notes: list[str]
) -> Iterator[tuple[str, _Blob]]:
    """The files of a commit by path, those of its submodules included. Raises GitError."""
    objects = stack.enter_context(Objects(repository))
    for record in ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        about, _, path = record.partition(b"\t")
        mode, _, name = about.decode().split()
        way = prefix + os.fsdecode(path)
        if mode == _SUBMODULE:
            yield from _submodule(repository / os.fsdecode(path), name, f"{way}/", stack, notes)
        else:
            yield way, _Blob(mode, name, objects)


def _submodule(
    folder: Path, commit: str, prefix: str, stack: ExitStack, notes: list[str]
) -> Iterator[tuple[str, _Blob]]:
    if not (folder / ".git").exists():
        return  # what is not checked out is not read in the present either
    try:
        yield from list(_tree(folder, commit, prefix, stack, notes))
    except GitError:
        notes.append(f"the submodule {prefix.rstrip('/')} does not have the commit that it was at")


def _followed(name: str, tree: Mapping[str, _Blob]) -> _Blob | None:
    """The file behind a name; None for a link that leads to a folder or out of the repository."""
    for _ in range(_LONGEST_CHAIN):
        blob = tree.get(name)
        if blob is None or blob.mode != _LINK:
            return blob
        try:
            target = os.fsdecode(blob.objects.read(blob.name, 4096))
        except GitError:
            return None
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    return None
