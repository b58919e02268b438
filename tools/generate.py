"""Writes the parts of the documentation that follow from the code: the README's example output and its tables.

python tools/generate.py          # write
python tools/generate.py --check  # exit with 1 when something is not fresh
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

import yaml

from mwaalint import api, report, rulebook

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
COMPLAINTS = ROOT / "tools" / "complaints.yaml"
EXAMPLE = ROOT / "examples" / "etl"
# The output shows support dates, so it is made as of a fixed day.
EXAMPLE_DAY = date(2026, 11, 22)
_BLOCK = re.compile(r"(?P<open><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Writes the README, or with ``--check`` says whether it is fresh: 0 fresh, 1 not."""
    before = README.read_text(encoding="utf-8")
    after = regenerated(before)
    if "--check" not in arguments:
        README.write_text(after, encoding="utf-8")
        return 0
    if before != after:
        print("README.md is not fresh; run: python tools/generate.py", file=sys.stderr)
        return 1
    return 0


def regenerated(text: str) -> str:
    """The text with each generated block as it should be. Raises KeyError for a block nobody knows."""
    blocks = {"example": example_output, "complaints": complaints_table, "rules": rules_table}
    return _BLOCK.sub(lambda match: f"{match['open']}{blocks[match['name']]()}{match['close']}", text)


def example_output(width: int = 110) -> str:
    """What a reader sees after the first command of the README."""
    result = api.check(EXAMPLE, today=EXAMPLE_DAY)
    if result.crashed:
        raise RuntimeError(f"the example is not shown with a crash: {result.findings}")
    options = report.ReportOptions(width=width, base=EXAMPLE.relative_to(ROOT).as_posix())
    return f"```console\n$ mwaalint check examples/etl\n{''.join(report.load('text')(result, options))}```\n"


def complaints_table() -> str:
    """What hurts on MWAA, each with the rules whose pages say that they answer it. Raises ValueError for a complaint
    that neither a page nor a reason answers, and for a key that nobody complained under.
    """
    complaints = yaml.safe_load(COMPLAINTS.read_text(encoding="utf-8"))
    rules = rulebook.shipped().all()
    if unknown := {key for rule in rules for key in rule.answers} - set(complaints):
        raise ValueError(f"pages answer complaints that tools/complaints.yaml does not have: {sorted(unknown)}")
    lines = ["| what hurts | what mwaalint says before it does |", "|---|---|"]
    for key, complaint in complaints.items():
        answers = [_answer(rule) for rule in rules if key in rule.answers]
        if bool(answers) == ("unseen" in complaint):
            raise ValueError(f"{key} is answered by pages or unseen, one of the two")
        lines.append(f"| {complaint['hurts']} | {', '.join(answers) or complaint['unseen']} |")
    return "\n".join(lines) + "\n"


def _answer(rule: rulebook.Rule) -> str:
    return f"[{rule.code}]({rule.path.relative_to(ROOT).as_posix()}) {rule.name}"


def rules_table() -> str:
    """Every rule: its page, severity, fix and title."""
    lines = ["| rule | severity | fix | what it finds |", "|---|---|---|---|"]
    for rule in rulebook.shipped().all():
        page = rule.path.relative_to(ROOT).as_posix()
        fix = {"none": "", "safe": "yes", "unsafe": "unsafe"}[rule.fix]
        lines.append(f"| [{rule.code}]({page}) {rule.name} | {rule.severity} | {fix} | {rule.title} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
