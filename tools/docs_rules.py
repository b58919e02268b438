"""The pages of the documentation site that come from the rules."""

from __future__ import annotations

import re
from html import escape
from string import Formatter
from typing import TYPE_CHECKING

from mwaalint.report._pages import page_address
from mwaalint.rulebook import appendix, readable, shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mwaalint.rulebook import Message, Rule

_NAMES = {"dags": "DAGs", "dbt": "dbt", "iam": "IAM", "local-runner": "Local runner", "tool": "mwaalint itself"}
_FIXES = {"none": "by hand", "safe": "`--fix`", "unsafe": "`--fix --unsafe-fixes`"}
_PROSE = re.compile(
    r"^(?P<fence>`{3,}).*?^(?P=fence)[ \t]*$|^#[^\n]*|`[^`\n]+`|\[[^\]\n]*\]\([^)\n]*\)|\bMW\d{3}\b", re.M | re.S
)
_CODE = re.compile(r"MW\d{3}")


def address(rule: Rule) -> str:
    """Where a rule's page lies on the site: as in the repository, so that the pages' own links hold."""
    return f"rules/{rule.family}/{rule.path.name}"


def families(rules: Iterable[Rule]) -> list[tuple[str, list[Rule]]]:
    """The rules of each family under its name for people, in order of code; those about mwaalint itself come last."""
    first: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.family == "tool", rule.code)):
        first.setdefault(rule.family, []).append(rule)
    return [(_family(family), members) for family, members in first.items()]


def _family(family: str) -> str:
    return _NAMES.get(family, family.capitalize())


def index(rules: Sequence[Rule]) -> str:
    """Every rule, a table a family."""
    parts = [
        "# Rules\n",
        f"{len(rules)} rules. `--select MW1` runs those whose code starts so; codes and names work alike.\n",
    ]
    for name, members in families(rules):
        parts += [f"## {name}\n", "| rule | severity | fix | what it finds |", "|---|---|---|---|"]
        parts += [_row(rule) for rule in members]
        parts.append("")
    return "\n".join(parts) + "\n"


def _row(rule: Rule) -> str:
    fix = {"none": "", "safe": "yes", "unsafe": "unsafe"}[rule.fix]
    link = f"[{rule.code}]({rule.family}/{rule.path.name})"
    return f"| {link} {rule.name} | {rule.severity} | {fix} | {rule.title} |"


def page(rule: Rule, airflow: str) -> str:
    """A rule's page: its facts, the text with its examples, settings and sources. ``airflow`` are the versions it is
    limited to, "" for none.
    """
    title, _, rest = rule.body.partition("\n")
    parts = [
        title,
        _facts(rule, airflow),
        _messages(rule.messages.values()),
        _linked(rest, rule),
        appendix(rule),
        _foot(rule),
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _facts(rule: Rule, airflow: str) -> str:
    name = _family(rule.family)
    cells = {
        "severity": f"**{rule.severity}**",
        "confidence": str(rule.confidence),
        "family": f"[{name}](../index.md#{name.lower().replace(' ', '-')})",
        "Airflow": airflow.replace(",", ", ") or "all versions",
        "fix": _FIXES[rule.fix],
        "tags": ", ".join(rule.tags),
        "since": rule.since,
    }
    return f"| {' | '.join(cells)} |\n|{'---|' * len(cells)}\n| {' | '.join(cells.values())} |"


def _messages(messages: Iterable[Message]) -> str:
    """The messages to look for, closed at first."""
    items = [f"<li><strong>{message.severity}</strong>: {_template(message.template)}</li>" for message in messages]
    listed = "".join(items)
    return f"<details><summary>The words of its messages</summary><ul>{listed}</ul></details>" if items else ""


def _template(template: str) -> str:
    """A message with its fields in italics and its code as code."""
    parts = []
    for text, field, _, _ in Formatter().parse(template):
        parts.append(escape(text))
        parts += [f"<em>{escape(field)}</em>"] if field is not None else []
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", "".join(parts))


def _linked(body: str, rule: Rule) -> str:
    """The text for the site: files named above their fences, and other rules' codes leading to their pages."""
    shown = readable(body, _titled)
    return _PROSE.sub(lambda match: _link(match[0], rule) if _CODE.fullmatch(match[0]) else match[0], shown)


def _link(code: str, rule: Rule) -> str:
    other = shipped().pages.get(code)
    return f"[{code}](../{other.parent.name}/{other.name})" if other and code != rule.code else code


def _titled(opening: str, path: str, when: str) -> str:
    return f'{opening} title="{path}{when}"' if path else opening


def _foot(rule: Rule) -> str:
    source = f"[{rule.path.name}]({page_address(rule)})"
    return f"`mwaalint explain {rule.code}` shows this page in a terminal. Its source: {source}."
