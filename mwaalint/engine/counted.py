"""Says how many files of a long run are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mwaalint.engine.code import FileResult, FileTask, Rules
    from mwaalint.engine.code_run import Analyse


class Counted:
    """Checks files as ``analyse_all`` does, and tells after each how many it were."""

    def __init__(self, analyse_all: Analyse, progress: Callable[[str], None]) -> None:
        self.analyse_all = analyse_all
        self.progress = progress
        self.done = 0

    def __call__(self, tasks: Sequence[FileTask], rules: Rules) -> Iterator[FileResult]:
        """What each file gave."""
        total = self.done + len(tasks)
        for result in self.analyse_all(tasks, rules):
            self.done += 1
            self.progress(f"checking DAGs and plugins, {self.done} of {total} files")
            yield result
