"""A requirements or constraints file: what pip reads in it, line by line, and where each part of it stands."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

    from mwaalint.documents._logical_lines import LogicalLine
    from mwaalint.documents._pip_options import ParsedOption
    from mwaalint.source import SourceFile, Span

# Beyond these the parsers that pip uses take quadratic time; real lines stay far below (options are not counted).
MAX_REQUIREMENT = 8_192
MAX_LINE = 262_144
MAX_BRACKETS = 16

_PER_REQUIREMENT = frozenset({"--hash", "--config-settings", "--global-option", "--install-option"})
_VARIABLE = regex(r"\$\{[A-Z0-9_]+\}")
_NAME = regex(r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_EGG = regex(r"[#&]egg=" + _NAME.pattern)
_NAMED = regex(r"[A-Za-z0-9._-]+\s*(?:\[[^\]]*\]\s*)?")


@record
class Option:
    """An option of the file or of one requirement.

    ``name`` is its long name ("--constraint"), ``spelling`` the exact text up to its value ("-c ", "--constraint=").
    ``value`` has no quotes and keeps ``${VARIABLE}``; ``value_span`` leaves the quotes out. Both are None for a flag.
    """

    file: SourceFile
    line: int
    span: Span
    name: str
    spelling: str
    value: str | None = None
    value_span: Span | None = None

    def location(self) -> Location:
        """The whole option; the symbol is its name and value."""
        return Location(self.file.path, self.span, f"{self.name} {self.value}" if self.value is not None else self.name)


@record
class Requirement:
    """One thing to install.

    ``text`` is what stands at ``span``: from the first to the last visible character of the line, continuations and
    options included, a trailing comment not. ``name`` is PEP 503 normalised, None for a URL or path that tells none; a
    wheel's file name gives name and version. ``url`` is the URL or path of "name @ url", a bare URL or a path, ``vcs``
    the program ("git", "hg", "svn", "bzr") that fetches it, ``options`` those of this requirement alone, as ``--hash``.
    """

    file: SourceFile
    line: int
    span: Span
    text: str
    name: str | None
    specifier: SpecifierSet
    name_span: Span | None = None
    extras: frozenset[str] = frozenset()
    specifier_span: Span | None = None
    marker: Marker | None = None
    url: str | None = None
    vcs: str | None = None
    editable: bool = False
    is_path: bool = False
    options: tuple[Option, ...] = ()

    @property
    def hashes(self) -> tuple[str, ...]:
        """The values of its ``--hash`` options, "sha256:…"."""
        return tuple(option.value for option in self.options if option.name == "--hash" and option.value)

    @property
    def pin(self) -> str | None:
        """The version of a single ``==`` or ``===`` without a wildcard, else None."""
        specifiers = list(self.specifier)
        if len(specifiers) != 1 or specifiers[0].operator not in ("==", "===") or specifiers[0].version.endswith(".*"):
            return None
        return specifiers[0].version

    def location(self) -> Location:
        """The whole requirement; the symbol is its name."""
        return Location(self.file.path, self.span, self.name or self.text)


@record
class Comment:
    """A comment from its ``#`` on; ``whole_line`` when nothing else stands on its line."""

    file: SourceFile
    line: int
    span: Span
    text: str
    whole_line: bool


@record
class InvalidLine:
    """A line that pip refuses, and with it the whole file; ``reason`` says why in a sentence."""

    file: SourceFile
    line: int
    span: Span
    text: str
    reason: str

    def location(self) -> Location:
        return Location(self.file.path, self.span, self.text)


@record
class RequirementsFile:
    """A file as pip reads it. ``physical_lines`` are the lines that MWAA's own scan looks at, without their ends.

    ``unresolved`` are lines that make sense, or not, only once pip has replaced the ``${VARIABLE}`` in them. Options
    that pip ignores (any but ``--hash`` and its like after a requirement, all but the first ``-r`` or ``-c`` of a line)
    are left out.
    """

    file: SourceFile
    requirements: tuple[Requirement, ...]
    options: tuple[Option, ...]
    comments: tuple[Comment, ...]
    invalid: tuple[InvalidLine, ...]
    unresolved: tuple[InvalidLine, ...]
    physical_lines: tuple[str, ...]

    def options_named(self, name: str) -> tuple[Option, ...]:
        """The options of a long name, in order."""
        return tuple(option for option in self.options if option.name == name)


def read_requirements(file: SourceFile) -> RequirementsFile:
    """Reads a file; a line that pip refuses becomes an InvalidLine. Raises UnreadableFileError for what is no text."""
    from mwaalint.documents._logical_lines import CommentText, logical_lines

    parts: list[Requirement | Option | Comment | InvalidLine] = []
    for line in logical_lines(file.text):
        if isinstance(line, CommentText):
            start, end = line.range
            parts.append(
                Comment(file, line_of(file, start), file.span(start, end), file.text[start:end], line.whole_line)
            )
        else:
            parts += _read_line(file, line)
    invalid = [part for part in parts if isinstance(part, InvalidLine)]
    return RequirementsFile(
        file=file,
        requirements=tuple(part for part in parts if isinstance(part, Requirement)),
        options=tuple(part for part in parts if isinstance(part, Option)),
        comments=tuple(part for part in parts if isinstance(part, Comment)),
        invalid=tuple(part for part in invalid if not _VARIABLE.search(part.text)),
        unresolved=tuple(part for part in invalid if _VARIABLE.search(part.text)),
        physical_lines=tuple(file.text.splitlines()),
    )


def line_of(file: SourceFile, character: int) -> int:
    """The line (from 1) that a character of the text stands on, by the file's own count of lines."""
    return bisect_right(file.line_starts, character)


def _read_line(file: SourceFile, line: LogicalLine) -> Iterator[Requirement | Option | InvalidLine]:
    from mwaalint.documents._pip_options import OptionError, parse_options, split_options

    content, options_start = split_options(line.text)
    oversized = _oversized(line.text, content)
    if oversized:
        yield _invalid(file, line, oversized)
        return
    try:
        parsed = parse_options(line.text, options_start)
    except OptionError as error:
        yield _invalid(file, line, str(error))
        return
    editable = next((option for option in parsed if option.name == "--editable"), None)
    if content or editable:
        yield _requirement(file, line, content, parsed, None if content else editable)
    else:
        yield from (_option(file, line, option) for option in _effective(parsed))


def _oversized(line: str, content: str) -> str | None:
    if len(line) > MAX_LINE:
        return f"the line has {len(line):,} characters; lines over {MAX_LINE:,} are not analyzed"
    if len(content) > MAX_REQUIREMENT:
        return f"the requirement has {len(content):,} characters; over {MAX_REQUIREMENT:,} are not analyzed"
    return "it has too many brackets" if content.count("[") > MAX_BRACKETS else None


def _effective(options: list[ParsedOption]) -> list[ParsedOption]:
    """pip includes the first file of a line, ``-r`` before ``-c``, and then looks at nothing else of it."""
    included = [option for option in options if option.name == "--requirement"]
    constrained = [option for option in options if option.name == "--constraint"]
    return (included or constrained)[:1] or options


def _option(file: SourceFile, line: LogicalLine, parsed: ParsedOption) -> Option:
    start, end = line.range(parsed.start, parsed.end)
    if parsed.value is None:
        return Option(file, line_of(file, start), file.span(start, end), parsed.name, file.text[start:end])
    spelling_end = line.place(parsed.spelling_end) if parsed.spelling_end < parsed.end else end
    value_span = _span(file, line, parsed.value_start, parsed.value_end) if parsed.value else file.span(end, end)
    return Option(
        file=file,
        line=line_of(file, start),
        span=file.span(start, end),
        name=parsed.name,
        spelling=file.text[start:spelling_end],
        value=parsed.value,
        value_span=value_span,
    )


def _requirement(
    file: SourceFile, line: LogicalLine, content: str, parsed: list[ParsedOption], editable: ParsedOption | None
) -> Requirement | InvalidLine:
    from packaging.utils import canonicalize_name

    from mwaalint.documents._pip_requirements import BuildError, build

    start, end = line.range(0, len(line.text))
    try:
        req = build(content, editable.value if editable else None)
    except BuildError as error:
        return _invalid(file, line, _reason(str(error)))
    at = partial(_span, file, line)
    name_span = _find_name(line.text, req.bare_link)
    return Requirement(
        file=file,
        line=line_of(file, start),
        span=file.span(start, end),
        text=file.text[start:end],
        name=canonicalize_name(req.name) if req.name else None,
        specifier=req.specifier,
        name_span=at(*name_span) if req.name and name_span else None,
        extras=req.extras,
        specifier_span=at(*_find_specifier(content)) if len(req.specifier) and not req.url else None,
        marker=req.marker,
        url=req.url,
        vcs=req.vcs,
        editable=editable is not None,
        is_path=req.is_path,
        options=tuple(_option(file, line, option) for option in parsed if option.name in _PER_REQUIREMENT),
    )


def _find_name(text: str, bare_link: bool) -> tuple[int, int] | None:
    """Where the name is written: at the start, or after ``#egg=`` of a URL; a wheel's file name is no such place."""
    found = _EGG.search(text) if bare_link else _NAME.match(text)
    return found.span("name") if found else None


def _find_specifier(content: str) -> tuple[int, int]:
    """Where the versions of ``name[extras] versions ; marker`` stand, without the parentheses they may have."""
    named = _NAMED.match(content)
    start = named.end() if named else 0
    end = start + len(content[start:].partition(";")[0].rstrip(" \t)"))
    opening = len(content[start:end]) - len(content[start:end].lstrip(" \t("))
    return start + opening, end


def _invalid(file: SourceFile, line: LogicalLine, reason: str) -> InvalidLine:
    start, end = line.range(0, len(line.text))
    return InvalidLine(file, line_of(file, start), file.span(start, end), file.text[start:end], reason)


def _reason(message: str) -> str:
    """The parser's message in a sentence, without the drawing that points at the place."""
    first = message.strip().partition("\n")[0].removeprefix("Invalid requirement:").strip(" :.")
    if first.startswith("= is not a valid operator"):
        return '"=" is no version operator; "==" was probably meant'
    return first[:1].lower() + first[1:] if first[1:2].islower() else first


def _span(file: SourceFile, line: LogicalLine, start: int, end: int) -> Span:
    return file.span(*line.range(start, end))
