"""A rule as SARIF describes it: what GitHub shows beside an alert, and how it sorts alerts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from mwaalint.findings import Confidence, Severity
from mwaalint.report._pages import first_sentence, page_address, rule_of, section
from mwaalint.rulebook import readable

if TYPE_CHECKING:
    from mwaalint.findings import Finding
    from mwaalint.rulebook import Rule, Rulebook

# GitHub shows no more tags of a rule than this, and no longer descriptions.
_TAGS = 10
_DESCRIPTION = 1024

_PRECISION = {Confidence.HIGH: "very-high", Confidence.MEDIUM: "high"}
_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
# GitHub's scale is CVSS's: above 7.0 is high, above 4.0 medium, below low.
_SECURITY_SEVERITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.5", Severity.NOTE: "3.0"}


def rule_object(rulebook: Rulebook, finding: Finding) -> dict[str, object]:
    """The reportingDescriptor for the rule of a finding; without a page, what the finding itself tells."""
    rule = rule_of(rulebook, finding.code)
    return _from_finding(finding) if rule is None else _from_page(rule)


def _markdown(rule: Rule) -> str:
    """The page, its links leading where they lead from the page itself."""
    address = page_address(rule)
    return re.sub(
        r"\]\((?!https?:|#)([^)\s]+)\)", lambda match: f"]({urljoin(address, match[1])})", readable(rule.body)
    )


def _from_page(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": _pascal(rule.name),
        "shortDescription": {"text": _sentence(rule.title)},
        "fullDescription": {"text": _sentence(first_sentence(rule, "What it finds") or rule.title)},
        "help": {"text": section(rule, "How to fix it") or _sentence(rule.title), "markdown": _markdown(rule)},
        "helpUri": page_address(rule),
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "tags": list(dict.fromkeys((rule.family, *rule.tags)))[:_TAGS],
            "precision": _PRECISION[rule.confidence],
            "problem.severity": _PROBLEM_SEVERITY[rule.severity],
            **({"security-severity": _SECURITY_SEVERITY[rule.severity]} if "security" in rule.tags else {}),
        },
    }


def _from_finding(finding: Finding) -> dict[str, object]:
    text = {"text": _sentence(finding.name.replace("-", " ") or finding.code)}
    return {
        "id": finding.code,
        "name": _pascal(finding.name) or finding.code,
        "shortDescription": text,
        "fullDescription": text,
        "help": text,
        "defaultConfiguration": {"level": str(finding.severity)},
        "properties": {
            "tags": [],
            "precision": _PRECISION[finding.confidence],
            "problem.severity": _PROBLEM_SEVERITY[finding.severity],
        },
    }


def _pascal(name: str) -> str:
    """``constraint-missing`` as SARIF wants names: ``ConstraintMissing``."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("-"))


def _sentence(text: str) -> str:
    """The text as a sentence that GitHub takes: not too long, closed by a full stop."""
    short = text if len(text) < _DESCRIPTION else text[: _DESCRIPTION - 4] + "..."
    return short if short.endswith((".", "!", "?")) else f"{short}."
