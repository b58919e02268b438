"""One file of the project: its bytes, its text, and the way between byte offsets, characters and lines."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from bisect import bisect_right
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NewType

from mwaalint.cached import cached_property

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Sequence

MAX_BYTES = 2 * 1024 * 1024
# Bytes that the end of a line may start with, and the end of the file.
_AT_THE_END = (b"\r", b"\n", b"")
# What stands before the name of a question that is not about words.
LOOKS = b"?"
# Why a file cannot be had again that was read before, and how many are kept that were.
CHANGED = "the file changed while it was checked"
_MOST_AGAIN = 100
# From which size on, and after how many, lines are looked up in a table; the codecs in which one byte ends a line.
_LARGE, _MANY = 64 * 1024, 50
_BYTES_OF_ASCII = ("utf-8", "latin-1")
# Byte offsets are kept for every so many characters: a line may be as long as the file.
_STRIDE = 1024

# The longest mark first: the UTF-32 LE mark starts with the UTF-16 LE one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def digest(data: bytes) -> str:
    """A name for bytes: other bytes have another."""
    return hashlib.sha256(data).hexdigest()


def stamp_of(status: os.stat_result) -> str:
    """What changes when a file does: another inode, size or time. Nobody sets the time of the last change of a file's
    inode to what it was, as archives and ``touch`` do with the time of its content.
    """
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


class Span(NamedTuple):
    """A half-open range of byte offsets in a file. Lines and columns exist only where a report is written."""

    start: int
    end: int


# One end of a span, where a span of its own would take too much room.
Offset = NewType("Offset", int)


class Position(NamedTuple):
    """A place as people name it: line and column, both from 1, the column in Unicode code points."""

    line: int
    column: int


class UnreadableFileError(Exception):
    """A file that cannot be analyzed; the text says why, as a sentence for the user."""


class SourceFile:
    """A file of the project, read when first asked for.

    ``path`` is relative to the project's root, with forward slashes on every platform. ``problem`` says why the file
    could not be used, once somebody asked for it in vain. ``start_seen`` is a digest of what ``start`` gave, "" before
    anybody asked for it; ``lent`` says that somebody opened the file by himself, ``opened`` that somebody had the
    bytes. ``answers`` are those of ``holds``, which opens nothing; ``stamp`` is what ``stamp_of`` gave just before the
    file was read; ``known`` is the digest that an earlier run noted, if it is known to be the same.
    """

    # There may be ten thousand: what is made of the bytes alone takes a dictionary, and only as long as it is there.
    __slots__ = (
        *("path", "where", "problem", "start_seen", "lent", "opened", "answers", "stamp", "known"),
        *("_content", "_digest", "_left", "_shelf", "__dict__", "__weakref__"),
    )

    def __init__(self, path: str, where: Path | str, content: bytes | None = None) -> None:
        self.path = path
        self.where = where
        self.problem = ""
        self.start_seen = ""
        self.lent = False
        self.opened = False
        self.answers: dict[tuple[bytes, ...], bool] = {}
        self.stamp = ""
        self.known = ""
        self._content = content
        self._digest = ""
        self._left = False
        self._shelf: deque[SourceFile] | None = None

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"

    @cached_property
    def absolute(self) -> Path:
        """Where the file lies on the disk."""
        return Path(self.where)

    @cached_property
    def data(self) -> bytes:
        """The bytes of the file. Raises UnreadableFileError."""
        self.opened = True
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        if not self._left:
            return self._read()
        with suppress(UnreadableFileError):
            data = self._read()
            if digest(data) == self._digest:
                self._shelve()
                return data
        # Two states of one file must not meet in one result.
        raise self._unreadable(CHANGED)

    def _shelve(self) -> None:
        if self._shelf is not None:
            self._shelf.append(self)
            if len(self._shelf) > _MOST_AGAIN:
                self._shelf.popleft().rest()

    def _read(self) -> bytes:
        if self._content is not None:
            return self._content
        try:
            status = os.stat(self.where)  # noqa: PTH116 - a Path a file would take as long as reading it
            self.stamp = self.stamp or stamp_of(status)
            # Reading a pipe waits for ever, and a device never ends.
            if not stat.S_ISREG(status.st_mode):
                raise self._unreadable("it is not a regular file")
            if status.st_size > MAX_BYTES:
                raise self._unreadable(
                    f"the file has {status.st_size:,} bytes; files over {MAX_BYTES:,} bytes are not analyzed"
                )
            with open(self.where, "rb", buffering=0) as opened:  # noqa: PTH123 - as above
                return opened.readall()
        except OSError as error:
            raise self._unreadable(f"the file cannot be read: {error.strerror or error}") from error

    def start(self) -> bytes | None:
        """The start of the file (2 MiB are one), of which nothing is kept in memory; None when it cannot be read."""
        start = self._start()
        self.start_seen = "unreadable" if start is None else digest(start)
        return start

    def _start(self) -> bytes | None:
        if self._content is not None:
            return self._content[:MAX_BYTES]
        try:
            status = self.absolute.stat()
            self.stamp = self.stamp or stamp_of(status)
            if not stat.S_ISREG(status.st_mode):
                return b""
            with self.absolute.open("rb") as opened:
                return opened.read(MAX_BYTES)
        except OSError:
            return None

    def lend(self) -> Path:
        """Where it lies, for who reads a part of it by himself."""
        self.lent = True
        return self.absolute

    def holds(self, *words: bytes) -> bool:
        """Whether the bytes hold all of these words; the answer is noted. Raises UnreadableFileError."""
        self.answers[words] = all(word in self._bytes for word in words)
        return self.answers[words]

    def looks(self, name: str, like: Callable[[bytes], bool]) -> bool:
        """Whether the bytes are like something, of which there is a name; the answer is noted. Raises
        UnreadableFileError.
        """
        self.answers[LOOKS, name.encode()] = like(self._bytes)
        return self.answers[LOOKS, name.encode()]

    @property
    def digest(self) -> str:
        """The digest of the bytes, for which nobody opens them. Raises UnreadableFileError."""
        self._digest = self._digest or digest(self._bytes)
        return self._digest

    @property
    def was_read(self) -> bool:
        """Whether somebody has had a look at the bytes."""
        return "_bytes" in self.__dict__ or self._left

    def close(self, *, opened: bool = False) -> None:
        """Lets go of all but the bytes, so that who asks for the file from now on is noted."""
        self.opened = opened
        for name in _MADE_OF_DATA:
            if name != "_bytes":
                self.__dict__.pop(name, None)

    def leave(self, shelf: deque[SourceFile]) -> None:
        """Lets go of what was read. It is read again when somebody asks for it, and cannot be read any more when it is
        something else by then. Of the files with one ``shelf``, few are kept that were read again.
        """
        if self.was_read and self.digest:
            self._left, self._shelf = True, shelf
        self.rest()

    def rest(self) -> None:
        """Lets go of all that can be had again, where somebody left the file before."""
        if self._left:
            self.__dict__.clear()

    def _unreadable(self, problem: str) -> UnreadableFileError:
        self.problem = problem
        return UnreadableFileError(problem)

    @cached_property
    def encoding(self) -> str:
        """The codec of the text after its byte order mark: by the mark, else UTF-8, else Latin-1."""
        for mark, name in _BYTE_ORDER_MARKS:
            if self.data.startswith(mark):
                return name
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return "latin-1"
        return "utf-8"

    @cached_property
    def mark(self) -> bytes:
        """The byte order mark the file starts with, or nothing."""
        return next((mark for mark, _ in _BYTE_ORDER_MARKS if self.data.startswith(mark)), b"")

    @cached_property
    def text(self) -> str:
        """The decoded text without its byte order mark, newlines as they are. Raises UnreadableFileError."""
        if b"\0" in self.data and not self.encoding.startswith(("utf-16", "utf-32")):
            raise self._unreadable("the file is binary: it holds a NUL byte")
        try:
            return self.data[len(self.mark) :].decode(self.encoding)
        except UnicodeDecodeError as error:
            raise self._unreadable(f"the file starts with a {self.encoding} mark but is not {self.encoding}") from error

    @cached_property
    def newline(self) -> str:
        """The newline the file uses most, ``\\n`` when it has none."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf > self.text.count("\n") - crlf else "\n"

    @cached_property
    def line_starts(self) -> list[int]:
        """The character offset at which each line of the text starts."""
        return _starts(self.text.split("\n"), 0)

    @cached_property
    def _byte_line_starts(self) -> list[int]:
        if self._one_byte_a_character and not self.mark:
            return self.line_starts
        if self.encoding == "utf-8":
            return _starts(self.data[len(self.mark) :].split(b"\n"), len(self.mark))
        return [self.byte_offset(start) for start in self.line_starts]

    @cached_property
    def _byte_steps(self) -> list[int]:
        steps, offset = [], len(self.mark)
        for start in range(0, len(self.text) + 1, _STRIDE):
            steps.append(offset)
            offset += len(self.text[start : start + _STRIDE].encode(self.encoding))
        return steps

    @cached_property
    def _one_byte_a_character(self) -> bool:
        return self.encoding == "latin-1" or (self.encoding == "utf-8" and self.text.isascii())

    def byte_offset(self, character: int) -> int:
        """The byte offset in the file of a character offset in the text."""
        if self._one_byte_a_character:
            return character + len(self.mark)
        step = character // _STRIDE
        return self._byte_steps[step] + len(self.text[step * _STRIDE : character].encode(self.encoding))

    def span(self, start: int, end: int) -> Span:
        """The byte span of a range of characters of the text."""
        return Span(self.byte_offset(start), self.byte_offset(end))

    def line_span(self, line: int) -> Span:
        """The byte span of a line (from 1) without its newline."""
        start = self.line_starts[line - 1]
        return self.span(start, start + len(self.line_text(line)))

    def line_text(self, line: int) -> str:
        """A line (from 1) without its newline."""
        if line in self._looked_up:
            first = self._looked_up[line]
            last = self.data.find(b"\n", first)
            return self.data[first : last if last >= 0 else None].decode(self.encoding).rstrip("\r\n")
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def position(self, offset: int) -> Position:
        """Line and column of a byte offset; an offset past the end is the end."""
        line, start = self._line_at(offset)
        if self._one_byte_a_character and self.data[offset : offset + 1] not in _AT_THE_END:
            return Position(line, max(offset - start, 0) + 1)
        column = len(self.data[start:offset].decode(self.encoding, "ignore"))
        return Position(line, min(column, len(self.line_text(line))) + 1)

    def _line_at(self, offset: int) -> tuple[int, int]:
        """The number of a line, and the byte offset of its start. In a small file of which few are asked for, lines are
        counted: to make a table of all takes longer.
        """
        many = len(self.text) > _LARGE or len(self._looked_up) > _MANY
        if many or self.encoding not in _BYTES_OF_ASCII:
            line = max(bisect_right(self._byte_line_starts, offset), 1)
            return line, self._byte_line_starts[line - 1]
        end = self.data.rfind(b"\n", 0, max(offset, 0)) + 1
        line, start = self.data.count(b"\n", 0, end) + 1, max(end, len(self.mark))
        self._looked_up[line] = start
        return line, start

    @cached_property
    def _looked_up(self) -> dict[int, int]:
        return {}

    def slice(self, span: Span) -> str:
        """The text at a byte span."""
        return self.data[span.start : span.end].decode(self.encoding, "replace")


def _starts(lines: Sequence[str] | Sequence[bytes], first: int) -> list[int]:
    return list(accumulate([len(line) + 1 for line in lines[:-1]], initial=first))


_MADE_OF_DATA = [
    name for name, made in vars(SourceFile).items() if isinstance(made, cached_property) and name != "absolute"
]
