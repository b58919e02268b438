"""MW225: a key that MWAA does not take, that CloudWatch Logs may not use, or that is not the bucket's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, Unresolved, known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.resources import KmsKey, Policy, Statement
    from mwaalint.model.values import Value

_ARGUMENT = "kms_key"
_ALIAS = regex(r"(arn:[^:]*:kms:[^:]*:[^:]*:)?alias/.+")
_ALIAS_OF_TERRAFORM = regex(r"(data\.)?aws_kms_alias\.[\w-]+(\[[^\]]*\])?\.(arn|id|name)")
_LOGS = regex(r"\blogs\.")


@check("MW225", on=Environment)
def kms_key_mismatch(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports what is certain of a key that the environment names; one from elsewhere is only looked at by its name."""
    value = environment.kms_key
    alias = _alias(value)
    if alias:
        yield ctx.report(environment.where(_ARGUMENT), "alias", subject="alias", key=alias)
    key = ctx.deployment.related.key
    if key is not None:
        yield from _of_key(key, environment, ctx)
    yield from _of_bucket(value, environment, ctx)


def _alias(value: Value) -> str:
    """An alias, or the Terraform resource of one; "" for anything else."""
    text = known(value, str) or ""
    if _ALIAS.fullmatch(text):
        return text
    expression = value.expression.strip('"${} ') if isinstance(value, Unresolved) else ""
    return expression if _ALIAS_OF_TERRAFORM.fullmatch(expression) else ""


def _of_key(key: KmsKey, environment: Environment, ctx: Context) -> Iterator[Finding]:
    related = [environment.where(_ARGUMENT).noted("the environment uses it")]
    if known(key.multi_region, bool):
        yield ctx.report(key.location, "multi_region", related=related, subject="multi_region", key=key.address)
    if key.complete and not _allows_logs(key.policy):
        message = "closed" if key.policy is not None else "default"
        yield ctx.report(key.location, message, related=related, subject="policy", key=key.address)


def _allows_logs(policy: Policy | None) -> bool:
    """Whether CloudWatch Logs may use the key, or that cannot be told."""
    return any(_is_of_logs(each) for each in policy.statements) if policy is not None else False


def _is_of_logs(statement: Statement) -> bool:
    if known(statement.effect, str) == "Deny":
        return False
    return any(_may_be_logs(kind, each) for kind, names in statement.principals for each in names)


def _may_be_logs(kind: str, name: Value) -> bool:
    match kind, name:
        case "Service", Known(value=str() as text):
            return _LOGS.match(text) is not None
        case "AWS", Known(value=text):
            return text == "*"
        case "AWS", Unresolved(expression=expression):
            return _LOGS.search(expression) is not None
        case _:
            return True


def _of_bucket(value: Value, environment: Environment, ctx: Context) -> Iterator[Finding]:
    bucket = ctx.deployment.related.bucket
    if bucket is None or not bucket.complete or not _differ(value, bucket.kms_key):
        return
    yield ctx.report(
        environment.where(_ARGUMENT),
        "bucket",
        related=[bucket.location.noted("encrypted with the other key")],
        subject="bucket",
        bucket=known(bucket.name, str) or bucket.address,
        other=_called(bucket.kms_key),
        key=_called(value),
    )


def _differ(one: Value, other: Value) -> bool:
    """Whether two keys are certainly not the same: two resources, or two ARNs of keys."""
    match one, other:
        case Unresolved(resource=left), Unresolved(resource=right):
            return bool(left) and bool(right) and left != right
        case Known(value=str() as left), Known(value=str() as right):
            return all(":key/" in each for each in (left, right)) and left != right
        case _:
            return False


def _called(value: Value) -> str:
    return value.resource if isinstance(value, Unresolved) else known(value, str) or ""
