"""MW204: mw1.micro with other numbers than the one of each that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import classes
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Location, Safety
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.values import Known

_ARGUMENTS = {
    "schedulers": "schedulers",
    "min_webservers": "web servers as the minimum",
    "max_webservers": "web servers as the maximum",
    "min_workers": "workers as the minimum",
    "max_workers": "workers as the maximum",
}


@check("MW204", on=Environment)
def micro_fixed_sizes(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each number other than one of an environment that is mw1.micro wherever it is made."""
    sizes = classes(environment, ctx.catalog)
    if not sizes or any(size.autoscaling for size, _ in sizes):
        return
    chosen = sizes[0][1].origin.noted("the class is chosen here")
    for argument, words in _ARGUMENTS.items():
        found = arms(environment.get(argument), int)
        if any(number == 1 for number, _ in found):
            continue
        for number, value in found:
            elsewhere = argument_elsewhere(environment, argument, value.origin, ctx.project)
            yield ctx.report(
                value.origin,
                related=[*elsewhere, chosen],
                fix=_one(value, elsewhere, ctx),
                subject=argument,
                size=sizes[0][0].name,
                number=number,
                words=words,
            )


def _one(value: Known, elsewhere: Sequence[Location], ctx: Context) -> Fix | None:
    """None where the number is a default or an input, which other environments may take as well."""
    edit = None if elsewhere else replacement(value, "1", ctx.project)
    return Fix("Set it to 1", Safety.SAFE, (edit,)) if edit else None
