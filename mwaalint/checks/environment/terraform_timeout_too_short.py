"""MW242: Terraform gives up on the creation of an environment before the provider would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Edit, Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the provider waits when the configuration does not say, since its release of September 2021.
_DEFAULT_MINUTES = 120
_DURATION = regex(r"(?:(?P<hours>\d{1,6})h)?(?:(?P<minutes>\d{1,6})m)?(?:(?P<seconds>\d{1,6})s)?")


@check("MW242", on=Environment)
def terraform_timeout_too_short(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a ``create`` below the provider's own."""
    value = environment.timeouts.get("create")
    text = value.value if isinstance(value, Known) and isinstance(value.value, str) else ""
    minutes = _minutes(text)
    if isinstance(value, Known) and minutes is not None and minutes < _DEFAULT_MINUTES:
        yield ctx.report(
            value.origin, fix=_fix(value, text, ctx), subject="create", create=text, default=_DEFAULT_MINUTES
        )


def _minutes(text: str) -> float | None:
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 60 + minutes + seconds / 60


def _fix(value: Known, text: str, ctx: Context) -> Fix | None:
    file = ctx.project.get(value.origin.path)
    written = file.slice(value.origin.span) if file is not None else ""
    if file is None or written != f'"{text}"':
        return None
    old, new = (each.encode(file.encoding) for each in (written, f'"{_DEFAULT_MINUTES}m"'))
    return Fix(f"Wait {_DEFAULT_MINUTES} minutes", Safety.SAFE, (Edit(file.path, value.origin.span, new, old),))
