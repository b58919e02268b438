"""The same bucket, network, key, role and logs in every dialect are the same to a rule that reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import discover
from mwaalint.model.declared import declarations
from mwaalint.model.related import comes_before, related_of
from mwaalint.model.resources import leads_to
from tests.test_cloudformation import plain

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment
    from mwaalint.model.related import Related
    from mwaalint.model.resources import Bucket, Policy, Role
    from mwaalint.model.values import Value

FIXTURES = Path(__file__).parent / "fixtures" / "same_related"
DIALECTS = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())

BUCKET = "the bucket"


def read(dialect: str) -> tuple[Environment, Related]:
    declared = declarations(discover(FIXTURES / dialect))
    assert declared.problems == ()
    (environment,) = declared.environments
    return environment, related_of(environment, declared)


def the_bucket(dialect: str) -> Bucket:
    bucket = read(dialect)[1].bucket
    assert bucket is not None
    return bucket


def the_role(dialect: str) -> Role:
    role = read(dialect)[1].role
    assert role is not None
    return role


def statements(policy: Policy, bucket: Bucket) -> list[dict[str, object]]:
    def named(value: Value) -> object:
        return BUCKET if leads_to(value, bucket.address, bucket.name) else plain(value)

    return [
        {
            "effect": plain(each.effect),
            "actions": [plain(action) for action in each.actions],
            "resources": [named(resource) for resource in each.resources],
            "principals": [(kind, [plain(name) for name in names]) for kind, names in each.principals],
            "conditions": plain(each.conditions),
        }
        for each in policy.statements
    ]


def test_the_common_dialects_are_compared() -> None:
    assert {"cdk_python", "cdk_typescript", "cloudformation", "terraform"} <= set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_bucket_is_the_same(dialect: str) -> None:
    bucket = the_bucket(dialect)
    assert plain(bucket.versioning) is True
    assert plain(bucket.public_access_block) == {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    (rule,) = bucket.lifecycle_rules
    assert (plain(rule.enabled), plain(rule.prefix), plain(rule.expiration_days)) == (True, "logs/", 30)
    assert (rule.narrowed, bucket.complete) == (False, True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_security_group_reaches_itself(dialect: str) -> None:
    (group,) = read(dialect)[1].security_groups
    assert group is not None
    assert sorted((rule.direction, plain(rule.protocol), rule.itself) for rule in group.rules) == [
        ("egress", "-1", False),
        ("ingress", "-1", True),
    ]
    assert group.complete


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_trust_of_the_role_is_the_same(dialect: str) -> None:
    trust = the_role(dialect).trust
    assert trust is not None
    (statement,) = statements(trust, the_bucket(dialect))
    assert statement == {
        "effect": "Allow",
        "actions": ["sts:AssumeRole"],
        "resources": [],
        "principals": [("Service", ["airflow.amazonaws.com", "airflow-env.amazonaws.com"])],
        "conditions": None,
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_rights_of_the_role_are_the_same(dialect: str) -> None:
    role = the_role(dialect)
    (policy,) = role.policies
    allow, deny = statements(policy, the_bucket(dialect))
    assert allow == {
        "effect": "Allow",
        "actions": ["s3:GetObject*", "s3:List*"],
        "resources": [BUCKET, BUCKET],
        "principals": [],
        "conditions": None,
    }
    assert (deny["effect"], deny["actions"], deny["resources"]) == ("Deny", ["s3:ListAllMyBuckets"], ["*"])
    assert deny["conditions"] in (
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
    )
    assert [plain(each) for each in role.managed] == ["arn:aws:iam::aws:policy/CloudWatchFullAccess"]
    assert role.complete


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_makes_the_environment_wait_for_the_policy(dialect: str) -> None:
    environment, related = read(dialect)
    assert related.role is not None
    (attachment,) = related.role.attachments
    assert environment.depends_on is not None
    assert related.role.address in environment.depends_on
    assert not comes_before(environment, attachment)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_key_lets_the_logs_use_it(dialect: str) -> None:
    key = read(dialect)[1].key
    assert key is not None
    assert key.policy is not None
    _, logs = statements(key.policy, the_bucket(dialect))
    assert (logs["actions"], logs["principals"]) == (
        ["kms:Encrypt*"],
        [("Service", ["logs.eu-west-1.amazonaws.com"])],
    )
    assert key.complete


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_log_group_is_the_same(dialect: str) -> None:
    (group,) = read(dialect)[1].log_groups
    assert (plain(group.name), plain(group.retention_in_days)) == ("airflow-etl-Task", 7)
