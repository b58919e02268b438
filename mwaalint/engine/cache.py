"""What earlier runs over a project found, by key, in one file that can be deleted at any time.

The file is text. Its first line names what all results depend on (``world``), and a file from another world holds
nothing. The second is the index: of each entry its key, how long ago it was used, a checksum, so that what was
damaged is no entry, and where it is, so that only those are read that are asked for. Then comes an entry a line. All of
it is JSON and no pickle, because the file may lie in somebody else's folder. Whoever writes last wins, and what is lost
is found again.
"""

from __future__ import annotations

import contextlib
import json
import stat
import weakref
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
# Settings may differ from run to run, a hook's from a person's; what nobody asked for in so many writes is dropped.
MOST_AGE = 3
MOST_DAYS = 90
_FORMAT = b"mwaalint-cache-2 "
_KEY, _SUM = 32, 16
_NAME = regex(r"[0-9a-f]{32}")


class Cache:
    """The entries of one project. Nothing is read before the first is asked for, nothing written before ``save``."""

    def __init__(self, path: Path, world: str) -> None:
        self.path = path
        self.problem = ""
        self._world = world
        self._file: _File | None = None
        self._used: dict[str, bytes] = {}
        self._beside: dict[str, Cache] = {}
        self._changed = False
        self._older = 1

    def beside(self, what: str) -> Cache:
        """A part of it that is in a file of its own: what changes often is not to be written with all the rest."""
        if what not in self._beside:
            self._beside[what] = Cache(self.path.with_name(key_of(self.path.name, what)), self._world)
        return self._beside[what]

    def leave_rest(self) -> None:
        """Says that this run asks for a part of what it needs: the rest grows no older for that."""
        self._older = 0
        for other in self._beside.values():
            other.leave_rest()

    def get(self, key: str) -> object | None:
        """What was put under a key, as JSON gives it back; None for nothing, and for what is damaged."""
        content = self._used.get(key) or self._there().content(key)
        if content is None:
            return None
        self._used[key] = content
        try:
            decoded: object = json.loads(content)
        except (ValueError, RecursionError):
            return None
        return decoded

    def put(self, key: str, value: object) -> None:
        """Keeps a value that JSON has words for; one that it cannot write is not kept."""
        try:
            self._used[key] = json.dumps(value, separators=(",", ":")).encode("ascii")
        except (ValueError, TypeError, RecursionError):
            return
        self._changed = True

    def save(self) -> None:
        """Writes the files if there is something new; ``problem`` says why that was not possible."""
        for other in self._beside.values():
            other.save()
            self.problem = self.problem or other.problem
        if not self._changed:
            return
        from mwaalint import atomic

        data = self._written()
        self._there().close()
        self._file = None
        try:
            _make(self.path.parent)
            temporary = atomic.beside(self.path, data)
            try:
                # In the place of a link, never through it: the folder may be somebody else's.
                temporary.replace(self.path)
            finally:
                temporary.unlink(missing_ok=True)
            _drop_forgotten(self.path)
        except OSError as error:
            self.problem = f"{self.path.parent}: {error.strerror or error}"
        self._changed = False

    def _there(self) -> _File:
        if self._file is None:
            self._file = _File(self.path, self._world)
        return self._file

    def _written(self) -> bytes:
        entries = [_Entry(key, 0, _checksum(key, content), content) for key, content in self._used.items()]
        for entry in self._there().all():
            age = entry.age + self._older
            if entry.key not in self._used and age <= MOST_AGE:
                entries.append(entry._replace(age=age))
        return written(self._world, entries)


class _Entry(NamedTuple):
    key: str
    age: int
    checksum: str
    content: bytes | memoryview


def written(world: str, entries: Collection[_Entry]) -> bytes:
    """What is in the file for these entries."""
    starts = accumulate((len(entry.content) + 1 for entry in entries), initial=0)
    index = [[key, age, sum_, start, len(it)] for (key, age, sum_, it), start in zip(entries, starts, strict=False)]
    return b"\n".join([_header(world), json.dumps(index).encode(), *(entry.content for entry in entries), b""])


class _File:
    """What is in a file: nothing, when it cannot be read or is of another world."""

    def __init__(self, path: Path, world: str) -> None:
        self._opened: BinaryIO | None = None
        self._index: dict[str, list[Any]] = {}
        self._start = self._size = 0
        try:
            status = path.stat()
            if status.st_size > MOST_BYTES or not stat.S_ISREG(status.st_mode):
                return
            self._opened = path.open("rb")
            weakref.finalize(self, self._opened.close)
            # Another world's file may be large, and nothing in it is of use.
            if self._opened.readline(len(_header(world)) + 1) == _header(world) + b"\n":
                self._index = {row[0]: row for row in json.loads(self._opened.readline())}
                self._start = self._opened.tell()
                self._size = status.st_size - self._start
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            return

    def close(self) -> None:
        """Lets go of the file, which cannot be replaced before on Windows."""
        if self._opened is not None:
            self._opened.close()

    def content(self, key: str) -> bytes | None:
        """The JSON of an entry, if it is as it was written."""
        row = self._index.get(key)
        if row is None or not self._is_row(row):
            return None
        content = self._read(*row[3:])
        return content if row[2] == _checksum(key, content) else None

    def all(self) -> Iterator[_Entry]:
        """The entries, whether or not they are as they were written."""
        rows = list(filter(self._is_row, self._index.values()))
        # Somebody may have made up many entries of the same bytes: to write them all would fill the memory.
        if sum(size for *_, size in rows) > self._size:
            return
        everything = memoryview(self._read(0, self._size))
        for key, age, checksum, start, size in rows:
            yield _Entry(key, age, checksum, everything[start : start + size])

    def _is_row(self, row: Any) -> bool:
        """Data that somebody made up may be anything."""
        if type(row) is not list or list(map(type, row)) != [str, int, str, int, int]:
            return False
        key, age, _, start, size = row
        known = len(key) == _KEY and age in range(MOST_AGE + 1)
        return known and start in range(self._size) and size in range(self._size - start)

    def _read(self, start: int, size: int) -> bytes:
        if self._opened is None:
            return b""
        try:
            self._opened.seek(self._start + start)
            return self._opened.read(size)
        except OSError:
            return b""


def _drop_forgotten(written: Path) -> None:
    """Deletes the caches beside one, of projects that nobody checked for long: checkouts come and go."""
    oldest = written.stat().st_mtime - MOST_DAYS * 24 * 3600
    for other in written.parent.iterdir():
        with contextlib.suppress(OSError):
            state = other.lstat()
            if _NAME.fullmatch(other.name) and stat.S_ISREG(state.st_mode) and state.st_mtime < oldest:
                other.unlink()


def key_of(*parts: str | bytes) -> str:
    """One key for all parts; each ends where it ends, so that no two lists of parts look alike."""
    hashed = blake2b(digest_size=_KEY // 2)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        hashed.update(b"%d:" % len(data))
        hashed.update(data)
    return hashed.hexdigest()


def _header(world: str) -> bytes:
    return _FORMAT + world.encode()


def _checksum(key: str, content: bytes) -> str:
    return blake2b(content, digest_size=_SUM // 2, key=key.encode()).hexdigest()


def _make(folder: Path) -> None:
    """Makes the folder, and says in it what it is, to git and to programs that make backups."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        (folder / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")


_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# What mwaalint found before. It can be deleted at any time.
"""
