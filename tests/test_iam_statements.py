"""The rules on what an execution role must be allowed, through every dialect: one statement of the documented ones is
left out or changed at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.rulebook import shipped
from tests.iam_dialects import ACCOUNT, DIALECTS, GIVEN, REGION, TRUST, Statement
from tests.test_environment_rules import checked, found, places, related
from tests.test_iam_rules import (
    BLOCK,
    DATA,
    DOCUMENTED,
    GROUPS,
    KEY,
    LOGS,
    METRICS,
    QUEUE,
    ROOT,
    S3,
    all_of,
    with_own_key,
)

if TYPE_CHECKING:
    from pathlib import Path

GRAVE = {
    "MW301": ("error", "high", "none"),
    "MW302": ("error", "high", "none"),
    "MW303": ("error", "high", "none"),
    "MW304": ("error", "high", "none"),
    "MW305": ("warning", "high", "none"),
    "MW306": ("error", "high", "none"),
    "MW307": ("error", "high", "none"),
    "MW308": ("note", "medium", "none"),
    "MW309": ("warning", "high", "none"),
}
MANAGED = "arn:aws:iam::aws:policy/"
BACKEND = {
    "secrets.backend": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
    "secrets.backend_kwargs": '{"connections_prefix": "airflow/connections", "variables_prefix": null}',
}
READING = Statement(
    ["secretsmanager:GetSecretValue"], [f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:airflow/connections/*"]
)


def test_how_grave_each_rule_is() -> None:
    rules = [shipped().rule(code) for code in GRAVE]
    assert {rule.code: (str(rule.severity), str(rule.confidence), rule.fix) for rule in rules} == GRAVE


def changed(old: Statement, *new: Statement) -> list[Statement]:
    """The documented statements with others in the place of one."""
    return [each for one in DOCUMENTED for each in (new if one is old else (one,))]


def without(statement: Statement, *actions: str) -> Statement:
    return statement._replace(actions=[each for each in statement.actions if each not in actions])


WRONG = [
    ("MW301", changed(LOGS), "is not allowed logs:CreateLogStream"),
    ("MW301", changed(LOGS, without(LOGS, "logs:GetLogEvents")), "is not allowed logs:GetLogEvents on"),
    ("MW301", changed(LOGS, without(LOGS, "logs:GetQueryResults")), "which AWS documents for reading logs"),
    ("MW301", changed(LOGS, LOGS._replace(resources=["arn:aws:logs:*:*:log-group:airflow-etl"])), "are airflow-etl-*"),
    ("MW301", changed(LOGS, LOGS._replace(resources=["arn:aws:logs:*:*:log-group:airflow-x-*"])), "are airflow-etl-*"),
    ("MW301", changed(GROUPS), "is not allowed logs:DescribeLogGroups on *"),
    ("MW303", changed(S3, S3._replace(actions=["s3:GetObject", "s3:List*"])), "MWAA rejects a bucket"),
    ("MW303", changed(BLOCK), "not allowed s3:GetAccountPublicAccessBlock on *"),
    ("MW303", changed(BLOCK, BLOCK._replace(resources=["arn:aws:s3:::etl-dags"])), "s3:GetAccountPublicAccessBlock"),
    ("MW306", changed(KEY), "kms:Decrypt, kms:DescribeKey, kms:GenerateDataKey and kms:Encrypt"),
    (
        "MW306",
        changed(KEY, without(KEY, "kms:Encrypt")),
        "kms:Encrypt on AWS's own key, which encrypts the environment's queue: AWS",
    ),
    (
        "MW306",
        changed(KEY, without(KEY, "kms:Encrypt", "kms:Decrypt")),
        "kms:Decrypt and kms:Encrypt on AWS's own key, which",
    ),
    (
        "MW306",
        changed(KEY, KEY._replace(resources=KEY.not_resources, not_resources=())),
        "may use keys of one account only",
    ),
    ("MW307", changed(QUEUE), "is not allowed sqs:ChangeMessageVisibility"),
    ("MW307", changed(QUEUE, without(QUEUE, "sqs:SendMessage")), "is not allowed sqs:SendMessage on"),
    ("MW307", changed(QUEUE, without(QUEUE, "sqs:DeleteMessage")), "tasks may stay queued or be handed out twice"),
    (
        "MW307",
        changed(QUEUE, QUEUE._replace(resources=[f"arn:aws:sqs:{REGION}:{ACCOUNT}:airflow-celery-*"])),
        "MWAA's queue is in an account of AWS's own",
    ),
    ("MW309", changed(METRICS), "is not allowed airflow:PublishMetrics"),
    (
        "MW309",
        changed(METRICS, METRICS._replace(resources=["arn:aws:airflow:*:*:environment/old"])),
        "environment is etl",
    ),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("code", "statements", "words"), WRONG)
def test_a_statement_that_is_missing_or_wrong(
    dialect: str, code: str, statements: list[Statement], words: str, tmp_path: Path
) -> None:
    (message,) = all_of(tmp_path, DIALECTS[dialect](statements))
    assert message.startswith(code)
    assert words in message


def test_keys_of_the_own_account_without_a_condition_are_too_few_as_well(tmp_path: Path) -> None:
    keys = Statement(KEY.actions, [f"arn:aws:kms:*:{ACCOUNT}:key/*"])
    found = all_of(tmp_path / "all", DIALECTS["jsonencode"](changed(KEY, keys)))
    assert [each.split(" ", 1)[0] for each in found] == ["MW305", "MW306"]
    assert "may use keys of one account only" in found[1]
    one = Statement(KEY.actions, [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"])
    (message,) = all_of(tmp_path / "one", DIALECTS["jsonencode"](changed(KEY, one)))
    assert "is not allowed kms:Decrypt, kms:DescribeKey" in message


@pytest.mark.parametrize(
    ("code", "statements", "expected"),
    [
        ("MW306", changed(KEY, without(KEY, "kms:Encrypt", "kms:DescribeKey")), "note medium"),
        ("MW306", changed(KEY, without(KEY, "kms:GenerateDataKey*")), "error high"),
        ("MW306", changed(KEY, without(KEY, "kms:Decrypt")), "error high"),
        ("MW307", changed(QUEUE, without(QUEUE, "sqs:DeleteMessage", "sqs:GetQueueUrl")), "warning medium"),
        ("MW307", changed(QUEUE, without(QUEUE, "sqs:ReceiveMessage")), "error high"),
    ],
)
def test_only_what_a_message_needs_surely_keeps_tasks_queued(
    code: str, statements: list[Statement], expected: str, tmp_path: Path
) -> None:
    result = checked(tmp_path, code, DIALECTS["jsonencode"](statements))
    (finding,) = [each for each in result.findings if each.code == code]
    assert f"{finding.severity} {finding.confidence}" == expected
    assert ("tasks stay queued" in finding.message) == (expected == "error high")


def test_the_queue_needs_no_encrypt_on_a_key_of_ones_own_either(tmp_path: Path) -> None:
    key = without(KEY, "kms:Encrypt")._replace(resources=["${aws_kms_key.own.arn}"], not_resources=())
    (message,) = all_of(tmp_path, with_own_key(key, ROOT))
    assert message.endswith("AWS documents that execution roles need it, though SQS itself works without")


RIGHT = [
    changed(LOGS, LOGS._replace(actions=["logs:*"], resources=["arn:aws:logs:*:*:log-group:airflow-*"])),
    changed(LOGS, LOGS._replace(resources=[f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:airflow-{GIVEN}-*"])),
    changed(LOGS, LOGS._replace(resources=[f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:airflow-etl:*"])),
    changed(LOGS, LOGS._replace(resources=[f"arn:aws-cn:logs:{REGION}:{ACCOUNT}:log-group:airflow-etl-*:*"])),
    changed(GROUPS, GROUPS._replace(resources=[f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"])),
    changed(S3, S3._replace(actions=["s3:*"])),
    changed(S3, S3._replace(resources=[GIVEN])),
    changed(KEY, KEY._replace(resources=["*"], not_resources=())),
    changed(KEY, KEY._replace(resources=["arn:aws:kms:*:*:key/*"], not_resources=())),
    changed(KEY, KEY._replace(resources=[f"arn:aws:kms:*:{GIVEN}:key/*"], not_resources=())),
    changed(QUEUE, QUEUE._replace(resources=[f"arn:aws:sqs:{REGION}:{GIVEN}:airflow-celery-*"])),
    changed(QUEUE, QUEUE, Statement(["sqs:*"], [f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"])),
    changed(METRICS, METRICS._replace(resources=["arn:aws:airflow:*:*:environment/et*"])),
    changed(METRICS, METRICS._replace(resources=[f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/{GIVEN}"])),
    changed(METRICS, METRICS, METRICS._replace(resources=["arn:aws:airflow:*:*:environment/old"])),
    changed(DATA),
]


@pytest.mark.parametrize("dialect", ["policy document", "cloudformation", "cdk python", "cdk typescript"])
@pytest.mark.parametrize("statements", RIGHT)
def test_a_statement_that_is_right_or_may_be(dialect: str, statements: list[Statement], tmp_path: Path) -> None:
    assert all_of(tmp_path, DIALECTS[dialect](statements)) == []


# ---- what else may grant it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("policy", ["service-role/AWSUnheardOfPolicy", "AmazonS3FullAccess"])
def test_a_managed_policy_may_grant_what_is_missing(dialect: str, policy: str, tmp_path: Path) -> None:
    assert all_of(tmp_path, DIALECTS[dialect](changed(BLOCK), managed=[MANAGED + policy])) == []


def test_a_managed_policy_of_another_service_does_not(tmp_path: Path) -> None:
    (message,) = all_of(tmp_path, DIALECTS["cloudformation"](changed(BLOCK), managed=[MANAGED + "AmazonSQSFullAccess"]))
    assert message.startswith("MW303")


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        ("CloudWatchFullAccess", ["MW303", "MW307"]),
        ("CloudWatchLogsFullAccess", ["MW303", "MW307"]),
        ("AmazonSNSFullAccess", ["MW303", "MW307"]),
        ("AmazonAthenaFullAccess", ["MW307"]),
    ],
)
def test_what_the_policies_of_single_services_do_not_give(policy: str, codes: list[str], tmp_path: Path) -> None:
    statements = [each for each in changed(QUEUE) if each is not BLOCK]
    messages = all_of(tmp_path, DIALECTS["cloudformation"](statements, managed=[MANAGED + policy]))
    assert sorted(message[:5] for message in messages if not message.startswith("MW305")) == codes


def test_a_policy_from_elsewhere_may_grant_what_is_missing(tmp_path: Path) -> None:
    for arn in ("arn:aws:iam::111122223333:policy/etl", GIVEN):
        assert all_of(tmp_path, DIALECTS["cloudformation"](changed(QUEUE), managed=[arn])) == []


def test_what_is_wrong_is_wrong_whatever_else_the_role_has(tmp_path: Path) -> None:
    wrong = METRICS._replace(resources=["arn:aws:airflow:*:*:environment/old"])
    files = DIALECTS["jsonencode"](changed(METRICS, wrong), managed=["arn:aws:iam::111122223333:policy/etl"])
    (message,) = found(tmp_path, "MW309", files)
    assert "environment/old" in message


def test_nothing_is_said_of_a_name_that_is_not_known(tmp_path: Path) -> None:
    files = DIALECTS["cloudformation"](
        changed(METRICS, METRICS._replace(resources=["arn:aws:airflow:*:*:environment/x"]))
    )
    files["template.json"] = files["template.json"].replace('"Name": "etl"', '"Name": {"Ref": "Given"}')
    assert all_of(tmp_path, files) == []


def test_what_is_missing_is_reported_at_the_role_and_what_is_wrong_at_the_statement(tmp_path: Path) -> None:
    files = DIALECTS["jsonencode"](changed(METRICS))
    assert places(tmp_path, "MW309", files) == ["main.tf:10"]
    assert related(tmp_path, "MW309", files) == [("main.tf:8", "the environment runs as it")]
    wrong = METRICS._replace(resources=["arn:aws:airflow:*:*:environment/old"])
    files = DIALECTS["policy document"](changed(METRICS, wrong))
    assert places(tmp_path, "MW309", files) == ["policy.tf:2"]


# ---- Airflow 3 and the triggerer ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("version", "fires"), [("2.10.3", False), ("3.0.6", True)])
def test_the_triggerers_logs_are_found_by_their_stream(dialect: str, version: str, fires: bool, tmp_path: Path) -> None:
    earlier = without(LOGS, "logs:DescribeLogStreams")
    messages = all_of(tmp_path, DIALECTS[dialect](changed(LOGS, earlier), airflow_version=version))
    assert ["shows no triggerer logs" in each for each in messages] == [True] * fires


# ---- MW302: secrets -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("statement", "fires"),
    [
        (None, True),
        (READING, False),
        (READING._replace(actions=["secretsmanager:Get*"], resources=["*"]), False),
        (READING._replace(actions=["secretsmanager:ListSecrets"]), True),
        (READING._replace(resources=["arn:aws:secretsmanager:*:*:secret:etl/*"]), True),
        (READING._replace(resources=[f"arn:aws:secretsmanager:*:*:secret:{GIVEN}/*"]), False),
        (READING._replace(resources=[GIVEN]), False),
    ],
)
def test_reading_below_the_prefix(dialect: str, statement: Statement | None, fires: bool, tmp_path: Path) -> None:
    statements = [*DOCUMENTED, *([statement] if statement else [])]
    files = DIALECTS[dialect](statements, airflow_configuration_options=BACKEND)
    messages = found(tmp_path, "MW302", files)
    assert ["secretsmanager:GetSecretValue below airflow/connections" in each for each in messages] == [True] * fires


@pytest.mark.parametrize(
    "arguments",
    [
        '{"connections_prefix": "x", "role_arn": "arn:aws:iam::111122223333:role/secrets"}',
        '{"connections_prefix": null, "variables_prefix": null}',
        "no JSON",
    ],
)
def test_backends_that_ask_as_another_or_not_at_all(arguments: str, tmp_path: Path) -> None:
    options = {**BACKEND, "secrets.backend_kwargs": arguments}
    files = DIALECTS["cloudformation"](DOCUMENTED, airflow_configuration_options=options)
    assert found(tmp_path, "MW302", files) == []


def test_the_parameter_store_has_an_action_of_its_own(tmp_path: Path) -> None:
    options = {
        "secrets.backend": "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend",
        "secrets.backend_kwargs": '{"connections_prefix": "/airflow/connections", "variables_prefix": null}',
    }
    reading = Statement(["ssm:GetParameter"], ["arn:aws:ssm:*:*:parameter/airflow/*"])
    files = DIALECTS["cloudformation"]([*DOCUMENTED, reading], airflow_configuration_options=options)
    assert found(tmp_path, "MW302", files) == []
    files = DIALECTS["cloudformation"]([*DOCUMENTED, READING], airflow_configuration_options=options)
    (message,) = found(tmp_path, "MW302", files)
    assert "ssm:GetParameter below /airflow/connections" in message


# ---- MW304: trust ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("trust", "words"),
    [
        (TRUST[:1], "does not include airflow-env.amazonaws.com: MWAA cannot assume"),
        (TRUST[1:], "does not include airflow.amazonaws.com, which AWS documents"),
        (("ecs-tasks.amazonaws.com", "glue.amazonaws.com"), "airflow-env.amazonaws.com and airflow.amazonaws.com"),
        ((*TRUST, "lambda.amazonaws.com"), "lambda.amazonaws.com may assume"),
    ],
)
def test_who_may_assume_the_role(dialect: str, trust: tuple[str, ...], words: str, tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW304", DIALECTS[dialect](DOCUMENTED, trust=trust))
    assert words in message


@pytest.mark.parametrize("dialect", ["jsonencode", "cloudformation"])
def test_a_principal_that_is_not_known_may_be_the_one(dialect: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW304", DIALECTS[dialect](DOCUMENTED, trust=[GIVEN])) == []
    assert found(tmp_path, "MW304", DIALECTS[dialect](DOCUMENTED, trust=[*TRUST, "ecs-tasks.amazonaws.com"])) == []
