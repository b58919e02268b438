"""What GitHub's code scanning takes of a SARIF log, and what is left out of a larger one.

https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/file-too-large
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

# A log with more results is refused; of one with fewer, so many are shown.
RESULTS = 25_000
SHOWN = 5_000
# So many locations of a result are shown, its own included.
LOCATIONS = 100
# The size of the compressed log, with room for what follows the results.
BYTES = 9_500_000


def ordered(result: RunResult) -> Sequence[Finding]:
    """What there is to write: findings, then suppressed ones, as the run has them.

    Where GitHub will not show all of them the worst come first: it says that it picks these, and was seen to take what
    comes first (https://github.com/github/docs/issues/38085).
    """
    everything = (result.findings, result.suppressed)
    if sum(map(len, everything)) <= SHOWN:
        return [finding for group in everything for finding in group]
    return [finding for group in everything for finding in sorted(group, key=lambda one: -one.severity)]


class Allowance:
    """Lets results through as long as code scanning takes them, and counts.

    The size is measured by a faster compression than an upload uses, so it is rather too large than too small.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.written = 0
        self._compressor = zlib.compressobj(level=1)
        self._size = 0

    def counting(self, chunks: Iterable[str]) -> Iterator[str]:
        """The pieces of the log, unchanged."""
        for chunk in chunks:
            self._size += len(self._compressor.compress(chunk.encode()))
            yield chunk

    def letting(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings, up to the limits."""
        for finding in findings:
            if self.written == RESULTS or self._size >= BYTES:
                return
            self.written += 1
            yield finding

    def remarks(self) -> Iterator[tuple[str, str]]:
        """What to say of the results that are left out or will not be shown: a word for it, and a sentence."""
        if self.written < self.total:
            most = f"{RESULTS:,} results" if self.written == RESULTS else "10 MB, compressed"
            kept = f"The SARIF log holds {self.written:,} of {self.total:,} results, the worst of them"
            yield "results-left-out", f"{kept}: GitHub's code scanning takes no more than {most}."
        if self.written > SHOWN:
            shown = f"GitHub's code scanning shows {SHOWN:,} of the {self.written:,} results in the SARIF log"
            yield "results-not-shown", f"{shown}; the worst come first in it."
