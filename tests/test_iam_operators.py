"""MW308: what operators need and the execution role may not do, beyond the examples of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.iam_dialects import DIALECTS, GIVEN, Statement
from tests.test_environment_rules import found
from tests.test_iam_rules import DOCUMENTED

if TYPE_CHECKING:
    from pathlib import Path

GLUE = "from airflow.providers.amazon.aws.operators.glue import GlueJobOperator\n"
START = Statement(["glue:StartJobRun"], ["arn:aws:glue:*:*:job/orders"])


def dag(*tasks: str, imports: str = GLUE) -> dict[str, str]:
    lines = "".join(f"    {task}\n" for task in tasks)
    return {"dags/etl.py": f'from airflow import DAG\n{imports}\nwith DAG("etl"):\n{lines}'}


TASK = 'GlueJobOperator(task_id="a")'


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ([], "needs glue:StartJobRun and glue:GetJobRun"),
        ([START], "needs glue:GetJobRun, but"),
        ([START._replace(actions=["glue:*"])], ""),
        ([START._replace(actions=[GIVEN])], ""),
        ([START, START._replace(actions=["glue:Get*"])], ""),
    ],
)
def test_what_the_role_may_not_do(dialect: str, statements: list[Statement], words: str, tmp_path: Path) -> None:
    messages = found(tmp_path, "MW308", {**DIALECTS[dialect]([*DOCUMENTED, *statements]), **dag(TASK, TASK)})
    assert [words in each for each in messages] == ([True] if words else [])


@pytest.mark.parametrize(
    ("task", "fires"),
    [
        ('GlueJobOperator(task_id="a", aws_conn_id="aws_default")', True),
        ('GlueJobOperator(task_id="a", aws_conn_id="other")', False),
        ('GlueJobOperator(task_id="a", aws_conn_id=given())', False),
        ('GlueJobOperator(task_id="a", wait_for_completion=False)', False),
        ('GlueJobOperator(task_id="a", wait_for_completion=given())', False),
        ('GlueJobOperator(task_id="a", wait_for_completion=True)', True),
    ],
)
def test_how_the_task_asks(task: str, fires: bool, tmp_path: Path) -> None:
    files = {**DIALECTS["cloudformation"]([*DOCUMENTED, START]), **dag(task)}
    assert bool(found(tmp_path, "MW308", files)) == fires


def test_an_operator_of_ones_own_with_the_same_name(tmp_path: Path) -> None:
    files = {**DIALECTS["jsonencode"](DOCUMENTED), **dag(TASK, imports="from ours import GlueJobOperator\n")}
    assert found(tmp_path, "MW308", files) == []


def test_a_secrets_backend_may_have_another_connection(tmp_path: Path) -> None:
    options = {"secrets.backend": "ours.Backend"}
    files = {**DIALECTS["jsonencode"](DOCUMENTED, airflow_configuration_options=options), **dag(TASK)}
    assert found(tmp_path, "MW308", files) == []


def test_a_policy_from_elsewhere_may_allow_it(tmp_path: Path) -> None:
    managed = ["arn:aws:iam::111122223333:policy/glue"]
    files = {**DIALECTS["cloudformation"](DOCUMENTED, managed=managed), **dag(TASK)}
    assert found(tmp_path, "MW308", files) == []
