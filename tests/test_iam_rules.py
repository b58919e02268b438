"""The rules on execution roles, beyond the examples of their pages, through every dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from tests.iam_dialects import ACCOUNT, DIALECTS, GIVEN, REGION, Statement
from tests.test_environment_rules import TODAY, found, write

if TYPE_CHECKING:
    from pathlib import Path

BUCKET = ("arn:aws:s3:::etl-dags", "arn:aws:s3:::etl-dags/*")
METRICS = Statement(["airflow:PublishMetrics"], [f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/etl"])
S3 = Statement(["s3:GetObject*", "s3:GetBucket*", "s3:List*"], BUCKET)
BLOCK = Statement(["s3:GetAccountPublicAccessBlock"], ["*"])
LOGS = Statement(
    [
        "logs:CreateLogStream",
        "logs:CreateLogGroup",
        "logs:PutLogEvents",
        "logs:GetLogEvents",
        "logs:GetLogRecord",
        "logs:GetLogGroupFields",
        "logs:GetQueryResults",
        "logs:DescribeLogStreams",
    ],
    [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:airflow-etl-*"],
)
GROUPS = Statement(["logs:DescribeLogGroups"], ["*"])
DATA = Statement(["cloudwatch:PutMetricData"], ["*"])
QUEUE = Statement(
    [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ],
    [f"arn:aws:sqs:{REGION}:*:airflow-celery-*"],
)
KEY = Statement(
    ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:Encrypt"],
    not_resources=[f"arn:aws:kms:*:{ACCOUNT}:key/*"],
    conditions={"StringLike": {"kms:ViaService": [f"sqs.{REGION}.amazonaws.com"]}},
)
DOCUMENTED = (METRICS, Statement(["s3:ListAllMyBuckets"], BUCKET, "Deny"), S3, BLOCK, LOGS, GROUPS, DATA, QUEUE, KEY)
CODES = tuple(f"MW30{number}" for number in range(1, 10))


def all_of(folder: Path, files: dict[str, str]) -> list[str]:
    """What all rules on roles find."""
    write(folder, files)
    result = api.check(folder, Config(select=CODES), today=TODAY)
    assert not result.crashed
    return [f"{each.code} {each.message}" for each in result.findings]


# ---- what AWS documents ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.10.3", "3.0.6"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_said_of_the_documented_role(dialect: str, version: str, tmp_path: Path) -> None:
    assert all_of(tmp_path, DIALECTS[dialect](DOCUMENTED, airflow_version=version)) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_said_of_the_documented_role_for_a_key_of_ones_own(dialect: str, tmp_path: Path) -> None:
    own = KEY._replace(resources=[f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"], not_resources=())
    statements = [*DOCUMENTED[:-1], own]
    assert all_of(tmp_path, DIALECTS[dialect](statements, kms_key="1234")) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_said_where_a_part_of_every_resource_is_not_told(dialect: str, tmp_path: Path) -> None:
    unsure = [each._replace(resources=[GIVEN] if each.resources else ()) for each in DOCUMENTED]
    assert all_of(tmp_path, DIALECTS[dialect](unsure)) == []


def mw305(folder: Path, dialect: str, *statements: Statement, managed: tuple[str, ...] = ()) -> list[str]:
    return [line.partition(" ")[2] for line in found(folder, "MW305", DIALECTS[dialect](statements, managed=managed))]


# ---- MW306: the key of the queue -------------------------------------------------------------------------------------


OTHERS = [each for each in DOCUMENTED if each not in (QUEUE, KEY)]
IN_IRELAND = QUEUE._replace(resources=["arn:aws:sqs:eu-west-1:*:airflow-celery-*"])


def through(*services: str, test: str = "StringEquals", resource: str = "*") -> Statement:
    return KEY._replace(resources=[resource], not_resources=(), conditions={test: {"kms:ViaService": list(services)}})


@pytest.mark.parametrize("dialect", ["jsonencode", "policy document"])
@pytest.mark.parametrize(
    ("key", "reported"),
    [
        (through("sqs.us-west-2.amazonaws.com"), True),
        (through("s3.us-west-2.amazonaws.com", "sqs.us-west-2.amazonaws.com", test="StringLike"), True),
        (through("sqs.eu-west-1.amazonaws.com"), False),
        (through("sqs.us-west-2.amazonaws.com", "sqs.eu-west-1.amazonaws.com"), False),
        (through("sqs.*.amazonaws.com"), False),
        (through(f"sqs.{GIVEN}.amazonaws.com"), False),
        (through("s3.us-west-2.amazonaws.com"), False),
        (through("sqs.us-west-2.amazonaws.com", test="StringNotEquals"), False),
    ],
)
def test_the_key_through_the_queues_of_another_region(
    key: Statement, reported: bool, dialect: str, tmp_path: Path
) -> None:
    lines = found(tmp_path, "MW306", DIALECTS[dialect]([*OTHERS, IN_IRELAND, key]))
    assert ["SQS in us-west-2, but its queue is in eu-west-1" in line for line in lines] == [True] * reported


def test_another_statement_may_allow_the_key_in_the_right_region(tmp_path: Path) -> None:
    wrong = through("sqs.us-west-2.amazonaws.com")
    assert not found(tmp_path, "MW306", DIALECTS["jsonencode"]([*OTHERS, IN_IRELAND, KEY, wrong]))


# ---- MW305: too broad -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_role_that_may_do_everything(dialect: str, tmp_path: Path) -> None:
    (message,) = mw305(tmp_path, dialect, *DOCUMENTED, Statement(["*"], ["*"]))
    assert "may do everything in the account" in message


@pytest.mark.parametrize("dialect", DIALECTS)
def test_all_of_a_service_on_all_of_a_type(dialect: str, tmp_path: Path) -> None:
    (message,) = mw305(tmp_path, dialect, Statement(["ecs:*"], [f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/*"]))
    assert "may perform all of ecs:* on arn:aws:ecs:...:...:task/*" in message


@pytest.mark.parametrize(
    ("statement", "written"),
    [
        (Statement(["ecs:ListTasks", "ecs:*"], ["x", "*"]), '"ecs:*"'),
        (Statement(["glue:GetJob", "glue:StartJobRun"], ["x", "*"]), '"*"'),
    ],
)
def test_the_action_or_the_resource_that_is_too_broad_is_shown(
    statement: Statement, written: str, tmp_path: Path
) -> None:
    write(tmp_path, DIALECTS["policy document"]([statement]))
    (finding,) = api.check(tmp_path, Config(select=("MW305",)), today=TODAY).findings
    exact = finding.related[0]
    assert exact.note == "what is too broad"
    text = (tmp_path / exact.path).read_bytes()
    assert text[exact.span.start : exact.span.end].decode() == written
    assert written in text[finding.primary.span.start : finding.primary.span.end].decode()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_managed_policy_for_administrators(dialect: str, tmp_path: Path) -> None:
    (message,) = mw305(tmp_path, dialect, managed=("arn:aws:iam::aws:policy/AdministratorAccess",))
    assert "has AdministratorAccess" in message


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (Statement(["glue:StartJobRun", "glue:GetJob"], ["*"]), "is allowed glue:StartJobRun on *"),
        (Statement(["s3:Get*"], ["arn:aws:s3:::*"]), "is allowed s3:Get* on arn:aws:s3:::*"),
        (Statement(["S3:PutObject"], ["x", "*"]), "is allowed S3:PutObject on *"),
        (
            Statement(
                ["sqs:SendMessage", "sns:Publish", "lambda:InvokeFunction", "glue:StartJobRun", "sts:AssumeRole"], "*"
            ),
            "sqs:SendMessage, sns:Publish, lambda:InvokeFunction, glue:StartJobRun and 1 more",
        ),
        (Statement(["logs:PutLogEvents"], ["arn:aws:logs:*"]), "is allowed logs:PutLogEvents on arn:aws:logs:*"),
    ],
)
def test_grave_actions_on_all_there_is(statement: Statement, words: str, tmp_path: Path) -> None:
    (message,) = mw305(tmp_path, "jsonencode", statement)
    assert words in message


@pytest.mark.parametrize("dialect", ["jsonencode", "cloudformation", "cdk python"])
@pytest.mark.parametrize(
    "statement",
    [
        Statement(["s3:*"], ["*"], "Deny"),
        Statement(["s3:*"], BUCKET),
        Statement(["s3:*"], [f"arn:aws:s3:::{GIVEN}/*"]),
        Statement(["s3:*"], [GIVEN]),
        Statement([GIVEN], ["*"]),
        Statement(["s3:ListAllMyBuckets", "ec2:Describe*", "ecs:RegisterTaskDefinition"], ["*"]),
        Statement(["secretsmanager:GetSecretValue"], ["*"]),
        Statement(["kms:*"], ["*"], conditions={"StringLike": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}}),
    ],
)
def test_what_is_not_too_broad(dialect: str, statement: Statement, tmp_path: Path) -> None:
    assert mw305(tmp_path, dialect, statement) == []


# ---- a key of one's own, declared beside the role --------------------------------------------------------------------

ROOT = '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"'
ROLE = "aws_iam_role.etl.arn"


def with_own_key(key: Statement, trusted: str) -> dict[str, str]:
    """The documented role, but for its statement on keys, and a key whose policy trusts somebody."""
    ((path, text),) = DIALECTS["jsonencode"]((*DOCUMENTED[:-1], key), kms_key="${aws_kms_key.own.arn}").items()
    policy = f"""
resource "aws_kms_key" "other" {{}}
resource "aws_kms_key" "own" {{
  policy = jsonencode({{
    Statement = [
      {{ Effect = "Allow", Action = "kms:*", Resource = "*", Principal = {{ AWS = {trusted} }} }},
      {{ Effect = "Allow", Action = "kms:*", Resource = "*", Principal = {{ Service = "logs.amazonaws.com" }} }},
    ]
  }})
}}
"""
    return {path: text + policy}


@pytest.mark.parametrize(
    ("key", "trusted", "expected"),
    [
        (KEY, ROOT, "NotResource leaves out the keys of this account"),
        (
            KEY._replace(not_resources=["arn:aws:kms:*:*:key/*"]),
            ROOT,
            "NotResource leaves out the keys of this account",
        ),
        (KEY._replace(not_resources=(), resources=["${aws_kms_key.other.arn}"]), ROOT, "is not allowed kms:Decrypt"),
        (KEY._replace(actions=["kms:Decrypt"], not_resources=(), resources=["*"]), ROOT, "is not allowed kms:Encrypt"),
    ],
)
def test_a_role_needs_the_key_of_its_environment(key: Statement, trusted: str, expected: str, tmp_path: Path) -> None:
    (finding,) = all_of(tmp_path, with_own_key(key, trusted))
    assert finding.startswith("MW306")
    assert expected in finding.replace("kms:DescribeKey, kms:GenerateDataKey and kms:Encrypt", "kms:Encrypt")


@pytest.mark.parametrize(
    ("key", "trusted"),
    [
        (KEY, ROLE),
        (KEY, f"[{ROOT}, {ROLE}]"),
        (KEY, '"*"'),
        (KEY, "var.given"),
        (KEY._replace(not_resources=(), resources=["${aws_kms_key.own.arn}"]), ROOT),
        (KEY._replace(not_resources=(), resources=["*"]), ROOT),
        (KEY._replace(not_resources=(), resources=[f"arn:aws:kms:*:{ACCOUNT}:key/*"]), ROOT),
        (KEY._replace(not_resources=(), resources=[GIVEN]), ROOT),
        (KEY._replace(not_resources=["arn:aws:kms:*:999999999999:alias/*"]), ROOT),
    ],
)
def test_a_role_that_may_use_the_key_in_some_way(key: Statement, trusted: str, tmp_path: Path) -> None:
    assert all_of(tmp_path, with_own_key(key, trusted)) == []


@pytest.mark.parametrize("resource", ["*", "arn:aws:logs:*:*:log-group:airflow-*"])
def test_logs_on_more_than_the_environments_groups_still_need_the_list_of_groups(resource: str, tmp_path: Path) -> None:
    logs = LOGS._replace(resources=[resource])
    statements = [logs if each is LOGS else each for each in DOCUMENTED if each is not GROUPS]
    found = [each for each in all_of(tmp_path, DIALECTS["jsonencode"](statements)) if each.startswith("MW301")]
    assert len(found) == 1
    assert "logs:DescribeLogGroups on *" in found[0]
