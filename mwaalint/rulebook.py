"""The rules' pages: what each rule is, its severity and messages, read lazily and by code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mwaalint import _front_matter
from mwaalint.cached import cached_property
from mwaalint.findings import Confidence, Severity
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_PAGE_NAME = regex(r"(?P<code>MW\d{3})-(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_FRONT_MATTER = regex(r"\A---\n(?P<yaml>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_FENCE_INFO = regex(r"^(?P<fence>`{3,})(?P<language>[\w-]*)(?: +\w+=\S+)+ *$", re.M)
_EXPECTATION = regex(r"[ \t]*(?P<comment>#|//)[ \t]*expect:(?P<wanted>[^\n]*)")
_CODE = regex(r"\bMW\d{3}\b(?=[^\"]*(?:\"[^\"]*\"[^\"]*)*$)")
_KEYS = frozenset({"severity", "confidence", "fix", "since", "tags", "answers", "messages", "options", "references"})


class PageError(Exception):
    """A page that does not keep the contract; the text names the page and what is wrong."""


class Message(NamedTuple):
    """A message template (``str.format`` fields) with the severity and confidence of the findings that use it."""

    template: str
    severity: Severity
    confidence: Confidence


class Option(NamedTuple):
    """A setting of one rule: its default, whose type it keeps, and a line that explains it."""

    default: object
    help: str


@record
class Rule:
    """One rule as its page states it. ``fix`` is none, safe or unsafe; ``body`` is Markdown from the title on;
    ``answers`` are the keys of the complaints about MWAA that it answers.
    """

    code: str
    name: str
    family: str
    title: str
    severity: Severity
    confidence: Confidence
    fix: str
    since: str
    tags: tuple[str, ...]
    messages: Mapping[str, Message]
    options: Mapping[str, Option]
    references: tuple[str, ...]
    body: str
    path: Path
    answers: tuple[str, ...] = ()


def _named_above(opening: str, path: str, when: str) -> str:
    return f"`{path}`{when}\n{opening}" if path else opening


def readable(body: str, named: Callable[[str, str, str], str] = _named_above) -> str:
    """A page for people: file names at their fences, and an arrow where an example promises a finding.

    ``named`` puts together a fence's opening (```` ```hcl ````), its file's path and " before the change"; the last two
    are "" where there is none.
    """
    body = _FENCE_INFO.sub(lambda match: named(match["fence"] + match["language"], *_file_of(match[0])), body)
    return _EXPECTATION.sub(lambda match: f"  {match['comment']} ← {', '.join(_CODE.findall(match['wanted']))}", body)


def _file_of(info: str) -> tuple[str, str]:
    file = re.search(r"\b(file|before)=(\S+)", info)
    return (file[2], " before the change" * (file[1] == "before")) if file else ("", "")


def appendix(rule: Rule) -> str:
    """What the front matter adds to the page: the rule's settings and its sources, as Markdown."""
    settings = [f"- `{name}` (default `{option.default!r}`): {option.help}" for name, option in rule.options.items()]
    sources = [f"- <{reference}>" for reference in rule.references]
    parts = [("## Settings", settings), ("## Sources", sources)]
    return "\n\n".join(f"{heading}\n\n" + "\n".join(lines) for heading, lines in parts if lines)


class Rulebook:
    """All pages below a folder; a page is read when its rule is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, Rule] = {}

    @cached_property
    def pages(self) -> dict[str, Path]:
        """The pages by code, in order of code. Reads folder listings only."""
        found: dict[str, Path] = {}
        for path in sorted(self.folder.glob("*/*.md"), key=lambda page: page.name):
            match = _PAGE_NAME.fullmatch(path.name)
            if match is None:
                raise PageError(f"{path}: a page is named MWnnn-lower-case-name.md")
            if match["code"] in found:
                raise PageError(f"{path}: {match['code']} already belongs to {found[match['code']]}")
            found[match["code"]] = path
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """The rules' names by code."""
        return {code: path.stem.partition("-")[2] for code, path in self.pages.items()}

    def code_of(self, code_or_name: str) -> str | None:
        """The code for a code or a name in any case, else None."""
        wanted = code_or_name.strip()
        if wanted.upper() in self.pages:
            return wanted.upper()
        return next((code for code, name in self.names.items() if name == wanted.lower()), None)

    def rule(self, code: str) -> Rule:
        """The rule of a code. Raises KeyError for no such rule, PageError for a page that breaks the contract."""
        if code not in self._loaded:
            self._loaded[code] = read_page(self.pages[code])
        return self._loaded[code]

    def know(self, rules: Iterable[Rule]) -> None:
        """Takes rules for read that somebody read before."""
        self._loaded.update({rule.code: rule for rule in rules})

    def all(self) -> list[Rule]:
        """Every rule, in order of code."""
        return [self.rule(code) for code in self.pages]


def shipped() -> Rulebook:
    """The pages that came with this installation: beside the package in a wheel, the repository's ``rules/`` in a
    checkout.
    """
    package = Path(__file__).parent
    installed = package / "_rules"
    return Rulebook(installed if installed.is_dir() else package.parent / "rules")


def read_page(path: Path) -> Rule:
    """Reads one page. Raises PageError."""
    match = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise PageError(f"{path}: the page starts with front matter between two lines of ---")
    data = _data(path, match["yaml"])
    code, _, name = path.stem.partition("-")
    severity = _severity(path, data.get("severity"))
    confidence = _confidence(path, data.get("confidence"))
    body = match["body"].strip() + "\n"
    first_line = body.split("\n", 1)[0]
    if not first_line.startswith(f"# {code} {name}"):
        raise PageError(f"{path}: the first line is '# {code} {name}: what it finds', as in the file's name")
    return Rule(
        code=code,
        name=name,
        family=path.parent.name,
        title=first_line.removeprefix(f"# {code} {name}").lstrip(": ").strip() or name,
        severity=severity,
        confidence=confidence,
        fix=str(data.get("fix", "none")),
        since=str(data.get("since", "")),
        tags=tuple(data.get("tags", ())),
        messages={key: _message(path, value, severity, confidence) for key, value in data.get("messages", {}).items()},
        options={key: Option(value["default"], value["help"]) for key, value in (data.get("options") or {}).items()},
        references=tuple(data.get("references", ())),
        body=body,
        path=path,
        answers=tuple(data.get("answers", ())),
    )


def _data(path: Path, text: str) -> dict[str, Any]:
    data = _front_matter.read(text)
    if data is None:
        import yaml

        data = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if not isinstance(data, dict):
        raise PageError(f"{path}: the front matter is a mapping")
    if unknown := set(data) - _KEYS:
        raise PageError(f"{path}: unknown keys in the front matter: {', '.join(sorted(unknown))}")
    return data


def _severity(path: Path, value: object) -> Severity:
    try:
        return Severity[str(value).upper()]
    except KeyError:
        raise PageError(f"{path}: severity is error, warning or note, not {value!r}") from None


def _confidence(path: Path, value: object) -> Confidence:
    try:
        return Confidence[str(value).upper()]
    except KeyError:
        raise PageError(f"{path}: confidence is high or medium, not {value!r}") from None


def _message(path: Path, value: object, severity: Severity, confidence: Confidence) -> Message:
    if isinstance(value, str):
        return Message(value, severity, confidence)
    if not isinstance(value, dict) or "text" not in value:
        raise PageError(f"{path}: a message is a text, or a mapping with text and its own severity or confidence")
    return Message(
        value["text"],
        _severity(path, value["severity"]) if "severity" in value else severity,
        _confidence(path, value["confidence"]) if "confidence" in value else confidence,
    )
