"""MW601: PIP_USER left set, so that virtual environments are filled past themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import without_line
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import StartupScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.startup import Step

_NAME = "PIP_USER"
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})


@check("MW601", on=StartupScript)
def startup_pip_user(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the assignment that is left at the end of the script."""
    steps = [step for step in script.own if _NAME in _names(step)]
    exported = any(step.exports for step in steps)
    setting = [step for step in steps if not _only_exports(step)]
    if not setting or not exported or setting[-1].values.get(_NAME, "").lower() not in _TRUE:
        return
    last = setting[-1]
    yield ctx.report(
        script.location(last.span, _NAME),
        related=[script.location(step.span).noted("is not needed either") for step in steps if step is not last],
        fix=_fix(script, steps),
        value=last.values[_NAME],
        subject=_NAME,
    )


def _only_exports(step: Step) -> bool:
    """Whether a step exports the variable as it is."""
    return step.exports and any(item.name == _NAME and item.value is None for item in step.assignments)


def _names(step: Step) -> set[str]:
    items = getattr(step.statement, "items", ())
    return {item.name for item in items}


def _fix(script: StartupScript, steps: list[Step]) -> Fix | None:
    """Deletes the lines, those before the virtual environment included."""
    edits = [without_line(script, step.span) for step in steps if _names(step) == {_NAME}]
    present = tuple(edit for edit in edits if edit)
    return Fix(f"Delete {_NAME}", Safety.SAFE, present) if len(present) == len(steps) else None
