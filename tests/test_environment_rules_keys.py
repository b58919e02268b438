"""MW225 over keys: which principals are CloudWatch Logs, which texts are an alias, which keys differ."""

from __future__ import annotations

import pytest

from mwaalint.checks.environment.kms_key_mismatch import _alias, _allows_logs, _differ
from mwaalint.findings import Location
from mwaalint.model.adapters._policy_documents import from_json, policy
from mwaalint.model.values import ABSENT, Known, Unresolved, Value

HERE = Location("stack.yaml")


def allows(*statements: dict[str, object]) -> bool:
    return _allows_logs(policy(from_json({"Statement": list(statements)}, HERE), HERE))


def statement(principal: object, effect: str = "Allow") -> dict[str, object]:
    return {"Effect": effect, "Principal": principal, "Action": "kms:*", "Resource": "*"}


ROOT = statement({"AWS": "arn:aws:iam::111122223333:root"})


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"Service": "logs.eu-west-1.amazonaws.com"},
        {"Service": ["s3.amazonaws.com", "logs.amazonaws.com"]},
        {"AWS": "arn:aws:iam::111122223333:root", "Service": "logs.eu-west-1.amazonaws.com.cn"},
    ],
)
def test_logs_may_use_a_key_that_names_them_or_everybody(principal: object) -> None:
    assert allows(ROOT, statement(principal))


@pytest.mark.parametrize(
    "principal",
    [{"Service": "airflow.amazonaws.com"}, {"AWS": ["arn:aws:iam::111122223333:role/logs"]}],
)
def test_nobody_else_is_logs(principal: object) -> None:
    assert not allows(ROOT, statement(principal))
    assert not allows(ROOT, statement({"Service": "logs.eu-west-1.amazonaws.com"}, "Deny"))


@pytest.mark.parametrize(
    ("kind", "expression", "may_be"),
    [
        ("Service", 'f"{service}.amazonaws.com"', True),
        ("AWS", "!Sub arn:aws:iam::${AWS::AccountId}:root", False),
        ("AWS", '"logs.${var.region}.amazonaws.com"', True),
        ("", "principals()", True),
    ],
)
def test_a_principal_that_is_not_known(kind: str, expression: str, may_be: bool) -> None:
    unknown = Unresolved(expression, "it is only known when it is deployed", HERE)
    principal: Value = Known({kind: unknown}, HERE) if kind else unknown
    written = {"Effect": Known("Allow", HERE), "Principal": principal}
    document = Known({"Statement": Known((Known(written, HERE),), HERE)}, HERE)
    assert _allows_logs(policy(document, HERE)) is may_be


def test_kms_own_policy_does_not_name_logs() -> None:
    assert not _allows_logs(None)


@pytest.mark.parametrize(
    ("value", "alias"),
    [
        (Known("alias/airflow", HERE), "alias/airflow"),
        (
            Known("arn:aws:kms:eu-west-1:111122223333:alias/airflow", HERE),
            "arn:aws:kms:eu-west-1:111122223333:alias/airflow",
        ),
        (Known("arn:aws:kms:eu-west-1:111122223333:key/1", HERE), ""),
        (Unresolved("aws_kms_alias.a.arn", "", HERE), "aws_kms_alias.a.arn"),
        (Unresolved("data.aws_kms_alias.a[0].arn", "", HERE), "data.aws_kms_alias.a[0].arn"),
        (Unresolved("aws_kms_alias.a.target_key_arn", "", HERE), ""),
        (Unresolved("var.alias", "", HERE), ""),
        (ABSENT, ""),
    ],
)
def test_what_is_an_alias(value: Value, alias: str) -> None:
    assert _alias(value) == alias


def test_only_keys_that_are_both_known_differ() -> None:
    one, other = (Unresolved(f"aws_kms_key.{name}.arn", "", HERE, f"aws_kms_key.{name}") for name in ("a", "b"))
    assert _differ(one, other)
    assert not _differ(one, one)
    assert not _differ(one, Unresolved("var.key", "", HERE))
    assert not _differ(one, ABSENT)
    assert not _differ(one, Known("arn:aws:kms:eu-west-1:111122223333:key/1", HERE))
    keys = [Known(f"arn:aws:kms:eu-west-1:111122223333:key/{name}", HERE) for name in ("1", "2")]
    assert _differ(*keys)
    assert not _differ(keys[0], Known("1", HERE))
