"""What reports wrote of findings, kept from run to run: writing one takes longer than having it from a cache."""

from __future__ import annotations

import marshal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from mwaalint.findings import WHOLE_FILE
from mwaalint.patterns import regex
from mwaalint.report._terminal import visible
from mwaalint.source import CHANGED, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mwaalint.findings import Finding, Location
    from mwaalint.source import SourceFile

# To keep fewer takes longer than to write them again.
FEW = 50
# Nothing else that acts on a terminal is in a report: colours, and links.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\n"
_PAINT = regex(r"\x1b\[[\d;]*m|\x1b\]8;;(?:(?:https|file)://[!-~]*)?\x1b\\")


class Keeper(Protocol):
    """Where something is kept under a name of 32 letters, as JSON; a cache is one."""

    def get(self, key: str) -> object | None:
        """What was put there."""

    def put(self, key: str, value: object) -> None:
        """Keeps a value."""


def written(
    findings: Sequence[Finding],
    write: Callable[[Finding], str],
    sources: Mapping[str, SourceFile],
    keeper: Keeper | None,
    style: object,
) -> Iterator[str]:
    """What ``write`` gives for each of the findings. It hangs on the finding, on the bytes of the files where that has
    its places, and on ``style``.
    """
    if keeper is None or len(findings) < FEW:
        yield from map(write, findings)
        return
    known, used = _texts(keeper.get(_named(style))), {}
    for finding in findings:
        name = _named(_shown(finding, sources))
        text = known.get(name)
        if text is None:
            text = write(finding)
            # Once more, by the bytes that were quoted: the file may have changed since it was compared.
            name = _named(_shown(finding, sources))
        used[name] = text
        yield text
    if not used.keys() <= known.keys():
        keeper.put(_named(style), used)


def _texts(data: object) -> dict[str, str]:
    """What was kept, unless somebody put something into it that would act on a terminal."""
    if not isinstance(data, dict) or not all(isinstance(text, str) for text in data.values()):
        return {}
    text = "".join(data.values())
    plain = _PAINT.sub("", text) if "\x1b" in text else text
    # Of a megabyte hardly anything is not ASCII, and only that is looked at letter by letter.
    others = plain.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass")
    return data if visible(others) == others else {}


def _named(value: Any) -> str:
    # The second format, as in later ones the same value may be written in several ways.
    return blake2b(marshal.dumps(value, 2), digest_size=16).hexdigest()


def _shown(finding: Finding, sources: Mapping[str, SourceFile]) -> tuple[object, ...]:
    """All that a report may say of a finding, in words and numbers."""
    silenced = finding.suppression
    return (
        *(finding.code, finding.name, finding.message, int(finding.severity), int(finding.confidence)),
        *(finding.environments, finding.subject, [(fix.title, fix.safety.value) for fix in finding.fixes]),
        (silenced.kind, silenced.reason) if silenced else None,
        [
            (place.path, *place.span, place.symbol, place.note, _content(place, sources))
            for place in (finding.primary, *finding.related)
        ],
    )


def _content(place: Location, sources: Mapping[str, SourceFile]) -> str:
    source = sources.get(place.path)
    if source is None or place.span == WHOLE_FILE:
        return ""
    try:
        name = source.digest if source.was_read else source.known or source.digest
    except UnreadableFileError:
        return "unreadable"
    return CHANGED if source.problem == CHANGED else name
