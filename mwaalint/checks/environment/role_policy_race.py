"""MW209: an environment that may be made before its role has its policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._related import short
from mwaalint.checks.environment._values import line_after
from mwaalint.findings import Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.related import comes_before
from mwaalint.model.values import Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.resources import Role

_ENVIRONMENT = regex(r"(?P<module>.*?)aws_mwaa_environment\..*", re.DOTALL)
_RESOURCE = regex(r"(?P<resource>aws_iam_\w+\.[\w-]+)(?:\[.*\])?", re.DOTALL)
_WRITTEN = regex(r"^\s*depends_on\s*=", re.MULTILINE)


@check("MW209", on=Environment)
def role_policy_race(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a role that has all its policies from resources of which none is waited for.

    Where one is, somebody chose which; a policy inside of the role is there with it.
    """
    role = ctx.deployment.related.role
    if role is None or environment.depends_on is None or not role.attachments:
        return
    if any(comes_before(environment, each) for each in role.attachments) or _has_its_own(role):
        return
    if _names(role, environment.symbol):
        return
    yield ctx.report(
        environment.declared.get("execution_role_arn", environment.location),
        related=[role.location.noted("the role")],
        fix=_fix(environment, role.attachments, ctx),
        attachments=_listed([short(each) for each in role.attachments]),
    )


def _has_its_own(role: Role) -> bool:
    """Whether it has more policies than are attached to it: these come with the role."""
    return len(role.policies) + len(role.managed) > len(role.attachments)


def _names(role: Role, environment: str) -> bool:
    """Whether a policy of the role names the environment: then the environment has to come first."""
    statements = [statement for policy in role.policies for statement in policy.statements]
    named = [each for statement in statements for each in (*statement.resources, *statement.not_resources)]
    return any(isinstance(each, Unresolved) and each.resource == environment for each in named)


def _listed(attachments: Sequence[str]) -> str:
    *first, last = attachments[:3]
    if len(attachments) > len(first) + 1:
        return f"{', '.join((*first, last))} and {len(attachments) - 3} more"
    return f"{', '.join(first)} and {last}" if first else last


def _fix(environment: Environment, attachments: Sequence[str], ctx: Context) -> Fix | None:
    """``depends_on`` after the role, where environment and policies stand in one module of Terraform."""
    place = environment.declared.get("execution_role_arn")
    file = ctx.project.get(place.path) if place else None
    module = _ENVIRONMENT.fullmatch(environment.symbol)
    if place is None or file is None or module is None or not file.path.endswith(".tf"):
        return None
    found = [_RESOURCE.fullmatch(each.removeprefix(module["module"])) for each in attachments]
    names = dict.fromkeys(match["resource"] for match in found if match)
    # Whether it is the environment's own is not known here, so one anywhere in the file is left to a person.
    if None in found or _WRITTEN.search(file.text):
        return None
    edit = line_after(place, f"depends_on = [{', '.join(names)}]", file)
    return Fix("Wait for the role's policies", Safety.SAFE, (edit,))
