"""Statements of policies that are text of JSON stand where they are written, in whatever text."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.findings import Location
from mwaalint.model.adapters._policy_documents import policy
from mwaalint.model.adapters._policy_texts import placed
from mwaalint.model.resources import Role
from mwaalint.model.values import Known
from mwaalint.source import SourceFile, Span
from tests.test_environment_rules import checked

if TYPE_CHECKING:
    from mwaalint.model.resources import Policy

SIDS = st.text(st.sampled_from('ab{}[]"\\$é \n'), max_size=8)
HEREDOC = """
resource "aws_mwaa_environment" "etl" {
  name               = "etl"
  airflow_version    = "2.10.3"
  execution_role_arn = aws_iam_role.etl.arn
}

resource "aws_iam_role" "etl" {
  assume_role_policy = var.trust
}

resource "aws_iam_role_policy" "etl" {
  role   = aws_iam_role.etl.id
  policy = POLICY
}

variable "trust" {}
variable "names" {}
"""
DOCUMENT = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "${var.names["metrics"]}",
      "Effect": "Allow",
      "Action": "cloudwatch:PutMetricData",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": ["glue:GetJob", "glue:StartJobRun"],
      "Resource": "*"
    }
  ]
}
"""


def read(text: str, before: str = "", path: str = "policy.json") -> Policy:
    """A policy that is a part of a file, behind other text."""
    data = f"{before}{text}\n".encode("utf-8", "surrogatepass")
    span = Span(len(before.encode()), len(data))
    place = Location(path, span)
    role = Role("role", place)._replace(policies=(policy(Known(text, place), place),))
    return placed(role, {"policy.json": SourceFile("policy.json", Path("policy.json"), data)}).policies[0]


def written(found: Policy, text: str, before: str = "") -> list[str]:
    data = f"{before}{text}\n".encode("utf-8", "surrogatepass")
    return [data[each.location.span.start : each.location.span.end].decode() for each in found.statements]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SIDS, max_size=4), st.sampled_from([None, 2]), st.sampled_from(["", "policy = <<EOT\n", "é"]))
def test_each_statement_stands_where_it_is_written(sids: list[str], indent: int | None, before: str) -> None:
    statements = [{"Sid": sid.replace("${", ""), "Action": ["s3:*"], "Condition": {"a": {"b": []}}} for sid in sids]
    text = json.dumps({"Version": "1", "Statement": statements}, indent=indent)
    found = read(text, before)
    assert [json.loads(each) for each in written(found, text, before)] == statements


def test_one_statement_without_a_list() -> None:
    text = '{"Statement": {"Action": "s3:*", "Resource": ["*"]}}'
    assert written(read(text), text) == ['{"Action": "s3:*", "Resource": ["*"]}']


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement" : [], "Id": "x"}',
        '{"Id": {"Statement": [1]}, "Statement": [{"Action": "s3:*"}]}',
        '{"Statement": [{"Action": "s3:*"}], "Statement": [{"Sid": "a"}, {"Sid": "b"}]}',
    ],
)
def test_where_the_text_is_not_understood_the_policy_keeps_its_place(text: str) -> None:
    found = read(text)
    assert {each.location for each in found.statements} <= {found.location}


def test_what_is_no_statement_is_passed_over() -> None:
    text = '{"Id": "\\"Statement\\": [", "Statement": ["x", {"Action": "s3:*"}]}'
    assert written(read(text), text) == ['{"Action": "s3:*"}']


@pytest.mark.parametrize("end", ["", "${{", '"}]}'])
def test_a_text_of_thousands_of_quotes_is_searched_once(end: str) -> None:
    data = ('{"Statement": [{"Sid": "' + '\\"' * 90_000 + end).encode()
    place = Location("a.json", Span(0, len(data)))
    one = policy(Known('{"Statement": [{"Action": "s3:*"}]}', place), place)
    started = time.process_time()
    placed(Role("role", place)._replace(policies=(one,)), {"a.json": SourceFile("a.json", Path("a.json"), data)})
    assert time.process_time() - started < 5


def test_a_file_that_is_not_of_the_project() -> None:
    text = '{"Statement": [{"Action": "s3:*"}]}'
    found = read(text, path="elsewhere.json")
    assert [each.location for each in found.statements] == [found.location]


@pytest.mark.parametrize("dialect", ["heredoc", "indented heredoc", "template"])
def test_a_finding_covers_its_own_statement_only(dialect: str, tmp_path: Path) -> None:
    indented = "".join(f"      {line}\n" for line in DOCUMENT.splitlines())
    policies = {
        "heredoc": f"<<EOT\n{DOCUMENT}EOT",
        "indented heredoc": f"<<-EOT\n{indented}    EOT",
        "template": 'templatefile("${path.module}/policy.json", { names = var.names })',
    }
    files = {"main.tf": HEREDOC.replace("POLICY", policies[dialect])}
    if dialect == "template":
        files["policy.json"] = DOCUMENT.replace("var.names", "names")
    result = checked(tmp_path, "MW305", files)
    (finding,) = result.findings
    place = finding.primary
    assert place.path == ("policy.json" if dialect == "template" else "main.tf")
    covered = result.sources[place.path].data[place.span.start : place.span.end].decode()
    assert json.loads(covered)["Action"] == ["glue:GetJob", "glue:StartJobRun"]
    assert [each.note for each in finding.related] == ["the environment runs as this role"]
