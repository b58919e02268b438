"""MW240: an environment that becomes mw1.micro, or grows out of it, and keeps numbers that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._changes import change_of
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.environment import TERRAFORM_DEFAULT_CLASS, Environment
from mwaalint.model.values import is_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

# In the order in which AWS checks and people write them.
_NUMBERS = ("schedulers", "min_webservers", "max_webservers")
# A single worker is right for every class, several are not for mw1.micro.
_NUMBERS_OF_MICRO = (*_NUMBERS, "max_workers")


@check("MW240", on=Environment)
def class_change_micro(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the change of class where a number that must change with it is not set."""
    default = TERRAFORM_DEFAULT_CLASS if environment.dialect == "terraform" else None
    change = change_of("environment_class", ctx.deployment, default)
    if change is None:
        return
    sizes = [ctx.catalog.environment_class(name) for name in change[:2]]
    if None in sizes or len({size.autoscaling for size in sizes if size}) == 1:
        return
    shrinks = sizes[1] is not None and not sizes[1].autoscaling
    missing = [name for name in (_NUMBERS_OF_MICRO if shrinks else _NUMBERS) if not is_set(environment.get(name))]
    if missing:
        yield ctx.report(
            change.value.origin,
            related=argument_elsewhere(environment, "environment_class", change.value.origin, ctx.project),
            old=change.old,
            new=change.new,
            missing=", ".join(missing),
            are="are" if len(missing) > 1 else "is",
        )
