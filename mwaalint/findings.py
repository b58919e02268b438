"""What a check reports: where, what, how sure, and what would repair it."""

from __future__ import annotations

import hashlib
from dataclasses import field, replace
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.rewrites import Rewrite

WHOLE_FILE = Span(0, 0)

# "https://user:secret@" and "https://ghp_…@"; "${SECRET}" is none.
_SECRET = regex(r"(?<=://)(?P<user>[^\s:/@]*:|(?=gh[opsu]_|github_pat_|glpat-))(?P<secret>[^\s/@$]{4,})(?=@)")

# Lines, columns and sizes in the reason why a file is not analyzed: they change with every edit of the file.
_NUMBER = regex(r"\d[\d,]*")


def without_secrets(text: str) -> str:
    """The text with the passwords and tokens of its URLs starred out, as long as before.

    Reports end up in the logs of build servers, which more people read than the repository.
    """
    if "@" not in text:
        return text
    return _SECRET.sub(lambda match: match["user"] + "*" * len(match["secret"]), text)


class Severity(IntEnum):
    """How bad it is. error: breaks, loses data or leaks; warning: wastes money or is likely to bite; note: advice."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Confidence(IntEnum):
    """How sure it is. high: the facts are known; medium: one inference stands between."""

    MEDIUM = 1
    HIGH = 2

    def __str__(self) -> str:
        return self.name.lower()


class Safety(Enum):
    """safe: keeps what the author meant; unsafe: changes behaviour and wants a look."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@record
class Location:
    """A place in a file of the project. ``symbol`` names it without lines: ``aws_mwaa_environment.etl.min_workers``."""

    path: str
    span: Span = WHOLE_FILE
    symbol: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if "@" in self.symbol:
            object.__setattr__(self, "symbol", without_secrets(self.symbol))

    def __reduce__(self) -> tuple[type[Location], tuple[str, Span, str, str]]:
        # Processes hand over tens of thousands, and dataclasses with slots take four times as long by themselves.
        return Location, (self.path, self.span, self.symbol, self.note)

    def noted(self, note: str) -> Location:
        """The same place with a few words on why it is shown (for related places)."""
        return replace(self, note=note)


@record
class Edit:
    """Replaces the bytes at ``span`` with ``text``; refuses to apply when they are not ``expected``."""

    path: str
    span: Span
    text: bytes
    expected: bytes


@record
class Fix:
    """Edits that belong together: all are applied, or none.

    ``rewrites`` are changes of Python code that nobody made edits of yet.
    """

    title: str
    safety: Safety
    edits: tuple[Edit, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()

    @property
    def changes(self) -> tuple[Edit | Rewrite, ...]:
        """All of it, in the order in which it was asked for."""
        return (*self.edits, *self.rewrites)


@record
class Suppression:
    """Why a finding is not counted: the comment or the setting that says so."""

    kind: str  # "inSource" or "external", SARIF's words
    reason: str = ""


@record
class Finding:
    """One thing found. Two findings are the same when code, place and message are."""

    code: str
    name: str
    message: str
    primary: Location
    severity: Severity
    confidence: Confidence = Confidence.HIGH
    related: tuple[Location, ...] = ()
    environments: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    args: Mapping[str, object] = field(default_factory=dict, compare=False, hash=False)
    subject: str = ""
    fingerprint: str = ""
    suppression: Suppression | None = None

    @property
    def edited(self) -> set[str]:
        """The files that its fixes change."""
        return {change.path for fix in self.fixes for change in fix.changes}

    @property
    def paths(self) -> set[str]:
        """The files that it speaks of, or wants to change."""
        return {self.primary.path, *(place.path for place in self.related), *self.edited}


def fingerprint(finding: Finding) -> str:
    """A name for the finding that survives moved lines and renamed files: what kind it is, never where."""
    parts = (finding.code, finding.primary.symbol, " ".join(finding.subject.split()))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def numbered(kind: str, ordinal: int) -> str:
    """The fingerprints of findings of one kind, in reading order."""
    return f"{kind}:{ordinal + 1}" if ordinal else kind


def kind_of(name: str) -> str:
    """The fingerprint without its ordinal: the rule, the symbol and what the finding is about."""
    return name.partition(":")[0]


def not_analysed(path: str, reason: str) -> Finding:
    """The MW001 finding for a file that was left out."""
    message, about = f"not analyzed: {reason}", _NUMBER.sub("", reason)
    return Finding("MW001", "not-analyzed", message, Location(path), Severity.WARNING, subject=about)


def check_crashed(what: str, error: Exception, where: Location) -> Finding:
    """The MW002 finding for a part of mwaalint that raised: its code, or words for it; the page has the message."""
    from pathlib import PurePath
    from traceback import extract_tb

    frames = extract_tb(error.__traceback__)
    args = {
        "rule": what,
        "error": without_secrets(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__),
        "place": f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place",
    }
    return Finding("MW002", "check-crashed", "", where, Severity.ERROR, args=args, subject=what)
