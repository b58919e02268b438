"""A rule's page for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.rulebook import appendix, readable

if TYPE_CHECKING:
    from mwaalint.rulebook import Rule

_FIXES = {"none": "no automatic fix", "safe": "fixed by --fix", "unsafe": "fixed by --fix --unsafe-fixes"}


def explained(rule: Rule) -> str:
    """The page with a line of facts under the title and the sources at the end."""
    title, _, rest = rule.body.partition("\n")
    facts = f"{rule.severity}, {rule.confidence} confidence, {_FIXES[rule.fix]}, since {rule.since}"
    return readable("\n\n".join(filter(None, (title, facts, rest.strip(), appendix(rule)))))
