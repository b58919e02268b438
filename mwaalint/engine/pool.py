"""Checks many files at once, in processes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from mwaalint.engine.code import analyse
from mwaalint.engine.code_run import one_by_one, without_collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mwaalint.engine.code import FileResult, FileTask, Rules

# Below this many files the processes take longer to start than they save.
FEWEST_FILES = 50
_FILES_AT_ONCE = 16
# More cannot be waited for on Windows.
_MOST_PROCESSES = 61


class ProcessDiedError(Exception):
    """A process that checked files ended before it had told what they gave; the text says what to try."""


class Pooled:
    """Checks files in up to ``jobs`` processes; the results come in the order of the files, whatever their number."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def __call__(self, tasks: Sequence[FileTask], rules: Rules) -> Iterable[FileResult]:
        """What each file gave."""
        if self.jobs < 2 or len(tasks) < FEWEST_FILES:
            return one_by_one(tasks, rules)
        return self._spread(tasks, rules)

    def _spread(self, tasks: Sequence[FileTask], rules: Rules) -> Iterator[FileResult]:
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        # A forked process has the files and the rules already. Elsewhere they are handed over, once a process.
        context = get_context("fork" if sys.platform == "linux" else "spawn")
        processes = min(self.jobs, -(-len(tasks) // _FILES_AT_ONCE), _MOST_PROCESSES)
        try:
            with ProcessPoolExecutor(processes, context, _hand_over, (tasks, rules)) as pool:
                yield from pool.map(_analyse, range(len(tasks)), chunksize=_FILES_AT_ONCE)
        except BrokenProcessPool as error:
            why = "a process that checked files was ended, perhaps for the memory it took; try again with --jobs 1"
            raise ProcessDiedError(why) from error


_work: list[tuple[Sequence[FileTask], Rules]] = []


def _hand_over(tasks: Sequence[FileTask], rules: Rules) -> None:
    from threading import Thread

    Thread(target=_end_with_parent, daemon=True).start()
    _work[:] = [(tasks, rules)]


def _end_with_parent() -> None:
    """Waits for the process that started this one, which may be killed: else this one would wait for work forever."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _analyse(index: int) -> FileResult:
    tasks, rules = _work[0]
    with without_collector():
        result = analyse(tasks[index], rules)
    tasks[index].file.rest()
    return result
