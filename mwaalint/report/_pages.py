"""What reports take from a rule's page. A code without a page is no reason to fail: these say less then."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.rulebook import PageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.rulebook import Rule, Rulebook

REPOSITORY = "https://github.com/mwaalint/mwaalint"

_FENCE = regex(r" {0,3}(`{3,}|~{3,})")
_ITEM = regex(r"\n(?:[-*]|\d+\.) ")
_LINK = regex(r"!?\[([^\]]*)\]\([^)\s]*\)")
_SENTENCE_END = regex(r"(?<!e\.g\.)(?<!i\.e\.)(?<=[.!?])\s+(?=[^a-z])")


def rule_of(rulebook: Rulebook, code: str) -> Rule | None:
    """The rule of a code, None when there is no readable page."""
    try:
        return rulebook.rule(code)
    except (KeyError, PageError, OSError, UnicodeDecodeError):
        return None


def page_address(rule: Rule) -> str:
    """Where the page can be read on the web."""
    from urllib.parse import quote

    return f"{REPOSITORY}/blob/main/rules/{quote(rule.family)}/{quote(rule.path.name)}"


def section(rule: Rule, heading: str) -> str:
    """The Markdown below a second-level heading, "" when the page has no such heading."""
    return _section(rule.body, heading)


@lru_cache
def _section(body: str, heading: str) -> str:
    return "\n".join(_section_lines(body, f"## {heading}")).strip()


def _section_lines(body: str, heading: str) -> Iterator[str]:
    inside, fence = False, ""
    for line in body.splitlines():
        if match := _FENCE.match(line):
            fence = _fence_after(fence, match[1], line)
        elif not fence and line.startswith(("# ", "## ")):
            inside = line.rstrip() == heading
            continue
        if inside:
            yield line


def _fence_after(fence: str, marks: str, line: str) -> str:
    """The fence that is open after a line of fence marks; a closing line has at least as many marks and no words."""
    if not fence:
        return marks
    closes = marks.startswith(fence) and line.strip() == marks
    return "" if closes else fence


def first_sentence(rule: Rule, heading: str) -> str:
    """The first sentence of a section as plain text, "" when there is no such section or it starts with no prose."""
    return _first_sentence(rule.body, heading)


@lru_cache
def _first_sentence(body: str, heading: str) -> str:
    paragraph = _section(body, heading).split("\n\n", 1)[0]
    if _FENCE.match(paragraph) or paragraph.startswith("#"):
        return ""
    first_item = next(filter(str.strip, _ITEM.split(f"\n{paragraph}")), "")
    return _ended(_SENTENCE_END.split(_plain(first_item), maxsplit=1)[0])


def first_paragraph(rule: Rule, heading: str) -> str:
    """The first paragraph of a section in one line, without links, and without a last sentence that leads to a list."""
    text = _plain(section(rule, heading).split("\n\n", 1)[0])
    *before, last = _SENTENCE_END.split(text)
    return " ".join(before) if before and last.endswith(":") else _ended(text)


def _plain(text: str) -> str:
    return " ".join(_LINK.sub(r"\1", text).split())


def _ended(sentence: str) -> str:
    # What the colon announces, an example mostly, is not shown with it.
    return f"{sentence[:-1]}." if sentence.endswith(":") else sentence
