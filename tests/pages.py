"""Reads the examples of the rule pages: each ``###`` heading is one small project with what is expected of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = Path(__file__).parent.parent / "rules"

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=ticks)[ \t]*$", re.M | re.S)
_EXPECT = re.compile(r"[ \t]*(?:#|//)[ \t]*expect:[ \t]*(?P<wanted>(?:MW\d{3}(?:[ \t]+\"[^\"\n]*\")?[ \t,]*)+)")
_WANTED = re.compile(r"(?P<code>MW\d{3})(?:[ \t]+\"(?P<fragment>[^\"\n]*)\")?")
_PLACE = re.compile(r"^(?P<path>\S+):(?P<line>\d+)[ \t]+(?P<code>MW\d{3})(?:[ \t]+\"(?P<fragment>[^\"\n]*)\")?$")


@dataclass(frozen=True)
class Expectation:
    """A finding that an example promises: where, which rule, and words of its message."""

    path: str
    line: int
    code: str
    fragment: str = ""


@dataclass
class Example:
    """One heading: its files, what is expected, and the files after the fix when the page shows them.

    ``before`` are the files that the example's change had otherwise; with any, the example is run against that state.
    """

    page: Path
    title: str
    files: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    expected: list[Expectation] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    encodings: dict[str, str] = field(default_factory=dict)
    crlf: set[str] = field(default_factory=set)
    diff: str | None = None

    def content(self, path: str) -> bytes:
        """The bytes of a file."""
        text = self.files[path]
        return (text.replace("\n", "\r\n") if path in self.crlf else text).encode(self.encodings[path])

    @property
    def code(self) -> str:
        return self.page.name[:5]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


def examples(page: Path) -> list[Example]:
    """The examples of a page, in order."""
    return list(_examples(page))


def _examples(page: Path) -> Iterator[Example]:
    body = page.read_text(encoding="utf-8").partition("\n## Examples")[2]
    # "## " inside a fence is text of the example, so the section ends at the first heading outside of one.
    masked = _FENCE.sub(lambda match: re.sub(r"[^\n]", "x", match[0]), body)
    end = re.search(r"^## ", masked, re.M)
    body = body[: end.start()] if end else body
    masked = masked[: len(body)]
    starts = [match.start() for match in re.finditer(r"^### ", masked, re.M)]
    for start, stop in pairwise([*starts, len(body)]):
        yield _example(page, body[start:stop])


def _example(page: Path, text: str) -> Example:
    title, _, rest = text.partition("\n")
    example = Example(page, title.removeprefix("### ").strip())
    for match in _FENCE.finditer(rest):
        language, attributes = _info(match["info"])
        example.allowed |= set(filter(None, attributes.get("allow", "").split(",")))
        if "file" in attributes:
            _add_file(example, attributes["file"], match["text"])
            example.encodings[attributes["file"]] = attributes.get("encoding", "utf-8")
            example.crlf |= {attributes["file"]} if attributes.get("newline") == "crlf" else set()
        elif "before" in attributes:
            example.before[attributes["before"]] = match["text"]
        elif language == "expect":
            _add_places(example, match["text"])
        elif language == "diff":
            example.diff = (example.diff or "") + match["text"]
    return example


def _info(info: str) -> tuple[str, dict[str, str]]:
    words = info.split()
    language = words[0] if words and "=" not in words[0] else ""
    return language, dict(word.split("=", 1) for word in words if "=" in word)


def _add_file(example: Example, path: str, text: str) -> None:
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        match = _EXPECT.search(line)
        if match is None:
            lines.append(line)
            continue
        for wanted in _WANTED.finditer(match["wanted"]):
            example.expected.append(Expectation(path, number, wanted["code"], wanted["fragment"] or ""))
        lines.append(line[: match.start()])
    example.files[path] = "\n".join(lines)


def _add_places(example: Example, text: str) -> None:
    for line in filter(str.strip, text.splitlines()):
        match = _PLACE.match(line.strip())
        assert match, f"{example}: an expect fence has lines like 'env.json:4 MW301 \"fragment\"', not {line!r}"
        example.expected.append(Expectation(match["path"], int(match["line"]), match["code"], match["fragment"] or ""))


def all_pages() -> list[Path]:
    """Every page of the repository, in order of code."""
    return sorted(RULES.glob("*/*.md"), key=lambda page: page.name)


def all_examples() -> list[Example]:
    """Every example of every page."""
    return [example for page in all_pages() for example in examples(page)]
