"""What earlier runs over a project found, by key, in one file that can be deleted at any time.

The file is text. Its first line names what all results depend on (``world``), and a file from another world holds
nothing. The second is the index: of each entry its key, how long ago it was used, how long it is, and a checksum, so
that what was damaged is no entry. Then comes an entry a line, of which only those are decoded that are asked for. All
of it is JSON and no pickle, because the file may lie in somebody else's folder. Whoever writes last wins, and what is
lost is found again.
"""

from __future__ import annotations

import contextlib
import json
import stat
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
# Settings may differ from run to run, a hook's from a person's; what nobody asked for in so many writes is dropped.
MOST_AGE = 3
MOST_DAYS = 90
_FORMAT = b"mwaalint-cache-2 "
_KEY, _SUM = 32, 16
_NAME = regex(r"[0-9a-f]{32}")


class _Entry(NamedTuple):
    age: int
    checksum: str
    content: bytes | memoryview


class Cache:
    """The entries of one project. Nothing is read before the first is asked for, nothing written before ``save``."""

    def __init__(self, path: Path, world: str) -> None:
        self.path = path
        self.problem = ""
        self._world = world
        self._kept: dict[str, _Entry] | None = None
        self._used: dict[str, _Entry] = {}
        self._changed = False
        self._older = 1

    def beside(self, what: str) -> Cache:
        """Another cache of the same project, in a file of its own."""
        return Cache(self.path.with_name(key_of(self.path.name, what)), self._world)

    def leave_rest(self) -> None:
        """Says that this run asks for a part of what it needs: the rest grows no older for that."""
        self._older = 0

    def get(self, key: str) -> object | None:
        """What was put under a key, as JSON gives it back; None for nothing, and for what is damaged."""
        entry = self._used.get(key) or self._all_kept().get(key)
        if entry is None or entry.checksum != _checksum(key, entry.content):
            return None
        self._used[key] = entry
        try:
            decoded: object = json.loads(bytes(entry.content))
        except (ValueError, RecursionError):
            return None
        return decoded

    def put(self, key: str, value: object) -> None:
        """Keeps a value that JSON has words for; one that it cannot write is not kept."""
        content = _written(value)
        if content is not None:
            self._used[key] = _Entry(0, _checksum(key, content), content)
            self._changed = True

    def save(self) -> None:
        """Writes the file if there is something new; ``problem`` says why that was not possible."""
        if not self._changed:
            return
        entries = {key: entry._replace(age=0) for key, entry in self._used.items()}
        for key, entry in self._all_kept().items():
            if key not in entries and entry.age + self._older <= MOST_AGE:
                entries[key] = entry._replace(age=entry.age + self._older)
        from mwaalint import atomic

        try:
            _make(self.path.parent)
            temporary = atomic.beside(self.path, _file(self._world, entries))
            try:
                # In the place of a link, never through it: the folder may be somebody else's.
                temporary.replace(self.path)
            finally:
                temporary.unlink(missing_ok=True)
            _drop_forgotten(self.path)
        except OSError as error:
            self.problem = f"{self.path.parent}: {error.strerror or error}"
        self._changed = False

    def _all_kept(self) -> dict[str, _Entry]:
        if self._kept is None:
            self._kept = dict(_read(self.path, self._world))
        return self._kept


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


def _checksum(key: str, content: bytes | memoryview) -> str:
    return blake2b(content, digest_size=_SUM // 2, key=key.encode()).hexdigest()


def _written(value: object) -> bytes | None:
    try:
        return json.dumps(value, separators=(",", ":")).encode("ascii")
    except (ValueError, TypeError, RecursionError):
        return None


def _file(world: str, entries: Mapping[str, _Entry]) -> bytes:
    index = [[key, entry.age, len(entry.content), entry.checksum] for key, entry in entries.items()]
    contents = (entry.content for entry in entries.values())
    return b"\n".join([_FORMAT + world.encode(), json.dumps(index).encode(), *contents, b""])


def _read(path: Path, world: str) -> Iterator[tuple[str, _Entry]]:
    """The entries of a file, none for one that cannot be read or is of another world."""
    header = _FORMAT + world.encode() + b"\n"
    try:
        status = path.stat()
        if status.st_size > MOST_BYTES or not stat.S_ISREG(status.st_mode):
            return
        with path.open("rb") as opened:
            # Another world's file may be large, and nothing in it is of use.
            if opened.readline(len(header)) != header:
                return
            index = json.loads(opened.readline())
            contents = memoryview(opened.read())
        for key, age, size, checksum in index:
            if (
                isinstance(key, str)
                and len(key) == _KEY
                and age in range(MOST_AGE + 1)
                and size in range(len(contents))
            ):
                yield key, _Entry(age, checksum, contents[:size])
                contents = contents[size + 1 :]
    except (OSError, ValueError, TypeError, RecursionError):
        return


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
