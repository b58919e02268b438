"""What a run saw of the project's files, and whether it would see the same today.

A run asks for files one after another, and each answer decides what it asks for next. So it goes the same way as long
as the list of files and the answers are the same, and only these are compared: a file that nobody read may change. A
file whose stamp is the same as then need not even be read, as git does it with its index.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.source import CHANGED, LOOKS, SourceFile, UnreadableFileError, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mwaalint.discover import Project

_IN_VAIN = "unreadable: "
# The coarsest clock of a file system that there is ticks every two seconds.
_TICK = 2_000_000_000
_LETTERS = {True: "1", False: "0", None: "-"}


class FileSeen(NamedTuple):
    """What a run saw of one file: digests of the whole and of its start, "" where it did not ask for that.

    ``stamp`` is "" where it says nothing about the content. ``lent`` is the stamp of a file that somebody opened by
    himself. ``holds`` has an answer to each of the run's questions: "1", "0", or "-" where it was not asked. ``opened``
    tells that more hangs on the file than these answers and what its own checks find.
    """

    path: str
    whole: str
    start: str
    lent: str
    stamp: str
    holds: str
    opened: bool


class Seen(NamedTuple):
    """What a run saw: of files, which questions it asked about the words in them, and which other paths there were."""

    files: tuple[FileSeen, ...]
    questions: tuple[tuple[str, ...], ...]
    paths: tuple[tuple[str, bool], ...]


def seen(project: Project, began: int) -> Seen | None:
    """What the run over the project, which began at that time, saw; None when a file changed while it went on."""
    files = [file for file in project.files.values() if _was_asked_for(file)]
    if any(file.problem == CHANGED for file in files):
        return None
    questions = list(dict.fromkeys(words for file in files for words in file.answers))
    rows = tuple(_row(file, questions, began) for file in files)
    if any(not row.whole and file.problem for row, file in zip(rows, files, strict=True)):
        return None
    written = tuple(tuple(word.decode("latin-1") for word in words) for words in questions)
    return Seen(rows, written, tuple(project.asked.items()))


class Compared(NamedTuple):
    """What a run saw, with the stamps of today, and the files of which it would see something else."""

    seen: Seen
    changed: tuple[FileSeen, ...]


def compared(before: Seen, project: Project, began: int) -> Compared | None:
    """What is different today; None when a run would ask for other files. Reads files without the project noticing, for
    which nothing was read yet.
    """
    if any(row.path not in project.files for row in before.files):
        return None
    try:
        if any((project.root / path).exists() is not there for path, there in before.paths):
            return None
    except OSError:
        return None
    rows = [(row, _today(row, project.files[row.path], began)) for row in before.files]
    for row, today in rows:
        if today is not None:
            project.files[row.path].known = "" if row.whole.startswith(_IN_VAIN) else row.whole
    same = tuple(row if today is None else today for row, today in rows)
    return Compared(before._replace(files=same), tuple(row for row, today in rows if today is None))


def again(row: FileSeen, file: SourceFile, questions: Iterable[tuple[str, ...]], began: int) -> FileSeen | None:
    """What a run sees of a changed file; None where something else than its own checks hangs on that."""
    if row.opened or row.start or row.lent:
        return None
    try:
        for words, letter in zip(questions, row.holds, strict=True):
            asked = [word.encode("latin-1") for word in words]
            if letter != _LETTERS[None] and letter != _LETTERS[_answer(file, asked)]:
                return None
        return row._replace(whole=file.digest, stamp=_trusted(file.stamp, began))
    # The others are for data that somebody made up.
    except (UnreadableFileError, ValueError, LookupError):
        return None


def _answer(file: SourceFile, words: Sequence[bytes]) -> bool:
    if words[0] != LOOKS:
        return file.holds(*words)
    from mwaalint.model.layout import LIKE

    name = words[1].decode()
    return file.looks(name, LIKE[name])


def now() -> int:
    """The time as stamps have it."""
    return time.time_ns()


def _was_asked_for(file: SourceFile) -> bool:
    return bool(file.was_read or file.problem or file.start_seen or file.lent)


def _row(file: SourceFile, questions: Sequence[tuple[bytes, ...]], began: int) -> FileSeen:
    # By what the run was given, and not by what lies there now.
    whole = file.digest if file.was_read else _in_vain(file) if file.problem else ""
    start = file.start_seen if file.start_seen != whole else ""
    lent = _stamp(file) if file.lent else ""
    answers = "".join(_LETTERS[file.answers.get(words)] for words in questions)
    stamp = "" if whole.startswith(_IN_VAIN) else _trusted(file.stamp, began)
    return FileSeen(file.path, whole, start, lent, stamp, answers, file.opened)


def _trusted(stamp: str, began: int) -> str:
    """The stamp, if no later change of the file can leave it as it is: what was written while the clock showed the same
    as when it was read looks the same. On Windows the times do not tell when a file was last changed.
    """
    parts = stamp.split(" ")
    if os.name == "nt" or len(parts) != 4:
        return ""
    return stamp if max(int(parts[1]), int(parts[2])) < began - _TICK else ""


def _today(row: FileSeen, file: SourceFile, began: int) -> FileSeen | None:
    """The row as a run would see it today; None when that is something else."""
    stamp = _stamp(file)
    if row.stamp and row.stamp == stamp and row.lent in ("", stamp):
        return row
    if row.lent not in ("", stamp) or _is_other(row.whole, _whole, file) or _is_other(row.start, _start, file):
        return None
    return row._replace(stamp="" if row.whole.startswith(_IN_VAIN) else _trusted(stamp, began))


def _is_other(answer: str, ask: Callable[[SourceFile], str], file: SourceFile) -> bool:
    return answer != "" and answer != ask(file)


def another(file: SourceFile) -> SourceFile:
    """The same file, of which nothing was read yet."""
    return SourceFile(file.path, file.where)


def _whole(file: SourceFile) -> str:
    """What reading a file gives now: a digest, or why there is none."""
    try:
        return another(file).digest
    except UnreadableFileError as error:
        return f"{_IN_VAIN}{error}"


def _in_vain(file: SourceFile) -> str:
    """Why a file could not be read; "" when it can be by now."""
    answer = _whole(file)
    return answer if answer.startswith(_IN_VAIN) else ""


def _start(file: SourceFile) -> str:
    other = another(file)
    other.start()
    return other.start_seen


def _stamp(file: SourceFile) -> str:
    try:
        return stamp_of(os.stat(file.where))  # noqa: PTH116 - thousands of files, and a Path takes longer
    except OSError as error:
        return f"error {error.errno}"
