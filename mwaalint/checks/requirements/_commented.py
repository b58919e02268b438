"""Tells the comments that make MWAA leave its constraints out on purpose from those that do it by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks.requirements._constraints import has_active_constraint
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.checks._api import Context
    from mwaalint.model.install import Detection, InstallPlan

_COMMENTED_OPTION = regex(r"\s*#+\s*(?:-c|--constraint) +(?P<value>\"[^\"]+\"|'[^']+'|\S+)(?P<rest>.*)")
_COMMENT = regex(r"\s*#")
_VIA = regex(r"\s*#\s*via\b")


def lines_that_switch_off(plan: InstallPlan, ctx: Context) -> Sequence[Detection]:
    """The lines for whose sake MWAA adds no constraints, when the file gives pip none instead."""
    airflow = ctx.deployment.target.airflow
    forces = airflow is None or ctx.catalog.forces_constraints(airflow)
    if not forces or has_active_constraint(plan) or plan.offline or not plan.requirements:
        return ()
    return plan.detection


def commented_constraints(plan: InstallPlan, lines: Sequence[Detection]) -> list[Detection]:
    """Those of the lines that are a constraint line with a ``#`` before it."""
    annotations = _annotations(plan)
    return [line for line in lines if line.line not in annotations and _is_commented_option(line.text)]


def _is_commented_option(text: str) -> bool:
    match = _COMMENTED_OPTION.fullmatch(text)
    if match is None:
        return False
    value = match["value"].strip("\"'")
    return not match["rest"].strip() or "/" in value or value.endswith(".txt")


def _annotations(plan: InstallPlan) -> set[int]:
    """The lines below a comment that says ``# via``: a lock tool names there what asked for a package."""
    found: set[int] = set()
    below = False
    for number, line in enumerate(plan.document.physical_lines, start=1):
        below = bool(_COMMENT.match(line)) and (below or bool(_VIA.match(line)))
        if below:
            found.add(number)
    return found
