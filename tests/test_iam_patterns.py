"""Texts of policies: what their wildcards meet, what stands in their gaps, and which name everything."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.checks.iam._patterns import ACCOUNT, GAP, is_every, meets, shown, texts
from mwaalint.discover import discover
from mwaalint.findings import Location
from mwaalint.model.declared import declarations
from mwaalint.model.related import related_of
from mwaalint.model.values import ABSENT, Known, OneOf, Unresolved, Value
from tests.iam_dialects import DIALECTS, GIVEN, Statement
from tests.test_environment_rules import write

if TYPE_CHECKING:
    from pathlib import Path

HERE = Location("main.tf")


def known(text: object) -> Known:
    return Known(text, HERE)


def missing(expression: str, *parts: Value) -> Unresolved:
    return Unresolved(expression, "it is not told", HERE, parts=parts)


# ---- what meets what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("s3:GetObject*", "s3:GetObjectVersion", True),
        ("s3:GetObject*", "s3:PutObject", False),
        ("*", "anything", True),
        ("", "", True),
        ("", "*", True),
        ("a", "", False),
        ("log-group:airflow-etl", "log-group:airflow-etl-*", False),
        ("log-group:airflow-etl*", "log-group:airflow-etl-*", True),
        ("log-group:*-Task", "log-group:airflow-etl-*", True),
        ("environment/old", "environment/etl", False),
        (f"environment/{GAP}", "environment/etl", True),
        (f"environment/{GAP}-prod", "environment/etl", False),
        (f"arn:aws:sqs:{GAP}:{ACCOUNT}:x", "arn:*:sqs:*:*:x", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a?c", "a*", True),
    ],
)
def test_two_patterns_meet_where_one_text_matches_both(left: str, right: str, expected: bool) -> None:
    assert meets(left, right) == expected
    assert meets(right, left) == expected


def matches(pattern: str, text: str) -> bool:
    written = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(written, text) is not None


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_a_text_meets_a_pattern_when_it_matches(pattern: str, text: str) -> None:
    assert meets(pattern, text) == matches(pattern, text)


@given(st.text("ab*", max_size=5), st.text("ab*", max_size=5), st.text("ab", max_size=6))
def test_what_both_match_makes_them_meet(left: str, right: str, text: str) -> None:
    if matches(left, text) and matches(right, text):
        assert meets(left, right)


def test_many_stars_take_no_time() -> None:
    started = time.perf_counter()
    assert not meets("*a" * 500 + "b", "a" * 500)
    assert time.perf_counter() - started < 2


# ---- what names everything ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:logs:*",
        "arn:aws:logs:*:*:*",
        "arn:aws:ecs:eu-west-1:111122223333:task/*",
        f"arn:aws:ecs:{GAP}:{ACCOUNT}:task-definition/*",
        "arn:aws:logs:eu-west-1:111122223333:log-group:*",
        "arn:aws:logs:eu-west-1:111122223333:log-group:*:*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/*",
        "arn:aws:dynamodb:*:111122223333:*",
    ],
)
def test_all_of_a_service_or_a_type(resource: str) -> None:
    assert is_every(resource)


@pytest.mark.parametrize(
    "resource",
    [
        "",
        GAP,
        "arn:aws:s3:::dags/*",
        "arn:aws:s3:::/*",
        f"arn:aws:s3:::{GAP}/*",
        f"{GAP}/*",
        "arn:aws:sqs:eu-west-1:*:airflow-celery-*",
        "arn:aws:logs:eu-west-1:111122223333:log-group:airflow-etl-*",
        "arn:aws:secretsmanager:*:*:secret:airflow/*",
        f"arn:aws:glue:eu-west-1:111122223333:job/{GAP}",
        "arn:aws:iam::111122223333:role/etl",
        "bucket/*",
        "arn:aws",
    ],
)
def test_what_has_a_name(resource: str) -> None:
    assert not is_every(resource)


# ---- what a value may be --------------------------------------------------------------------------------------------


def test_a_text_and_the_arms_of_a_conditional() -> None:
    assert texts(known("s3:*")) == ("s3:*",)
    assert texts(OneOf((known("a"), known("b")), HERE)) == ("a", "b")


def test_what_is_not_known_is_a_gap() -> None:
    assert texts(missing("var.given")) == (GAP,)
    assert texts(ABSENT) == (GAP,)
    assert texts(known(True)) == (GAP,)


def test_a_gap_that_is_an_account_by_its_name() -> None:
    names = ("data.aws_caller_identity.me.account_id", "AWS::AccountId", "self.account", "var.aws_deploy_account_id")
    assert all(texts(missing(name)) == (ACCOUNT,) for name in names)
    others = ("var.accounting", "local.accounts", "var.region", "")
    assert all(texts(missing(name)) == (GAP,) for name in others)


def test_the_parts_of_a_text() -> None:
    inner = missing("local.name", missing("var.prefix"), known("-etl"))
    value = missing("…", known("arn:"), inner, known(7), OneOf((known("a"), known("b")), HERE))
    assert texts(value) == (f"arn:{GAP}-etl7{GAP}",)
    assert shown(value) == "arn:${var.prefix}-etl7${...}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_text_with_a_gap_is_the_same_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    resource = f"arn:aws:sqs:eu-west-1:{GIVEN}:airflow-celery-*"
    write(tmp_path, DIALECTS[dialect]([Statement(["sqs:SendMessage"], [resource])]))
    declared = declarations(discover(tmp_path))
    (environment,) = declared.environments
    role = related_of(environment, declared).role
    assert role is not None
    (policy,) = role.policies
    assert [texts(each) for each in policy.statements[0].resources] == [
        (f"arn:aws:sqs:eu-west-1:{GAP}:airflow-celery-*",)
    ]
