"""What earlier runs over a project found, by key, in one file that can be deleted at any time.

The file is text, an entry a line: its key, how long ago it was used, a checksum, and JSON. JSON and no pickle, because
the file may lie in somebody else's folder; lines, so that an entry is only decoded when it is asked for; a checksum, so
that what was damaged is no entry. The first line names what all results depend on (``world``), and a file from another
world holds nothing. Whoever writes last wins, and what is lost is found again.
"""

from __future__ import annotations

import contextlib
import json
import stat
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
# Settings may differ from run to run, a hook's from a person's; what nobody asked for in so many writes is dropped.
MOST_AGE = 3
MOST_DAYS = 90
_FORMAT = b"mwaalint-cache-1 "
_KEY, _SUM = 32, 16
_NAME = regex(r"[0-9a-f]{32}")


class _Line(NamedTuple):
    age: int
    checksum: bytes
    content: bytes


class Cache:
    """The entries of one project. Nothing is read before the first is asked for, nothing written before ``save``."""

    def __init__(self, path: Path, world: str) -> None:
        self.path = path
        self.problem = ""
        self._world = world
        self._header = _FORMAT + world.encode()
        self._lines: dict[bytes, _Line] = {}
        self._rest = _read(path, self._header)
        self._used: dict[bytes, _Line] = {}
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
        name = key.encode()
        line = self._used.get(name) or self._found(name)
        if line is None or line.checksum != _checksum(name, line.content):
            return None
        self._used[name] = line
        try:
            decoded: object = json.loads(line.content)
        except (ValueError, RecursionError):
            return None
        return decoded

    def put(self, key: str, value: object) -> None:
        """Keeps a value that JSON has words for; one that it cannot write is not kept."""
        try:
            content = json.dumps(value, separators=(",", ":")).encode("ascii")
        except (ValueError, TypeError, RecursionError):
            return
        name = key.encode()
        self._used[name] = _Line(0, _checksum(name, content), content)
        self._changed = True

    def save(self) -> None:
        """Writes the file if there is something new; ``problem`` says why that was not possible."""
        if not self._changed:
            return
        self._lines.update(self._rest)
        # What was put last, the run as a whole, is what the next run asks for first: it need not read on.
        lines = [self._header, *(_written(name, line._replace(age=0)) for name, line in reversed(self._used.items()))]
        lines += [
            _written(name, line._replace(age=line.age + self._older))
            for name, line in self._lines.items()
            if name not in self._used and line.age + self._older <= MOST_AGE
        ]
        from mwaalint import atomic

        try:
            _make(self.path.parent)
            temporary = atomic.beside(self.path, b"\n".join([*lines, b""]))
            try:
                # In the place of a link, never through it: the folder may be somebody else's.
                temporary.replace(self.path)
            finally:
                temporary.unlink(missing_ok=True)
            _drop_forgotten(self.path)
        except OSError as error:
            self.problem = f"{self.path.parent}: {error.strerror or error}"
        self._changed = False

    def _found(self, wanted: bytes) -> _Line | None:
        """The line of a key. Reads on only as far as to that."""
        if wanted in self._lines:
            return self._lines[wanted]
        for name, line in self._rest:
            self._lines[name] = line
            if name == wanted:
                return line
        return None


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


def _checksum(name: bytes, content: bytes) -> bytes:
    return blake2b(content, digest_size=_SUM // 2, key=name).hexdigest().encode()


def _written(name: bytes, line: _Line) -> bytes:
    return b"%s %d %s %s" % (name, line.age, line.checksum, line.content)


def _read(path: Path, header: bytes) -> Iterator[tuple[bytes, _Line]]:
    """The entries of a file in its order, none for one that cannot be read or is of another world."""
    try:
        status = path.stat()
        if status.st_size > MOST_BYTES or not stat.S_ISREG(status.st_mode):
            return
        with path.open("rb") as opened:
            # Another world's file may be large, and nothing in it is of use.
            if opened.readline(len(header) + 1) != header + b"\n":
                return
            for line in opened:
                parts = line.rstrip(b"\n").split(b" ", 3)
                if [len(part) for part in parts[:3]] == [_KEY, 1, _SUM] and parts[1].isdigit() and len(parts) == 4:
                    yield parts[0], _Line(int(parts[1]), parts[2], parts[3])
    except OSError:
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
