"""Policies in Terraform, however they are written, and the roles and keys that have them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_documents import content_of
from mwaalint.model.adapters.terraform_values import Pieces
from mwaalint.model.values import Known, Unresolved, Value
from tests.terraform_projects import plain
from tests.test_terraform_related import ENVIRONMENT, related, related_with

if TYPE_CHECKING:
    from mwaalint.model.resources import Policy, Role, Statement

ROLE = 'resource "aws_iam_role" "etl" {\n  name = "etl"\n}\n'
OUTSIDE = 'variable "outside" {}\n'


def role(*blocks: str) -> Role:
    found = related(ENVIRONMENT, OUTSIDE, *blocks).role
    assert found is not None
    return found


def policy(expression: str, *blocks: str) -> Policy:
    """The policy that an expression makes, as an inline policy of the role."""
    attached = f'resource "aws_iam_role_policy" "etl" {{\n  role = aws_iam_role.etl.id\n  policy = {expression}\n}}\n'
    (only,) = role(ROLE, attached, *blocks).policies
    return only


def statement(expression: str, *blocks: str) -> Statement:
    found = policy(expression, *blocks)
    assert found.complete
    (only,) = found.statements
    return only


def plains(values: tuple[Value, ...]) -> list[object]:
    return [plain(value) for value in values]


# ---- how a document is written --------------------------------------------------------------------------------------

WRITTEN = {
    "jsonencode": """jsonencode({
      Statement = [{ Effect = "Allow", Action = ["s3:List*", "s3:Get*"], Resource = "*" }]
    })""",
    "heredoc": """<<-EOT
      {"Statement": [{"Effect": "Allow", "Action": ["s3:List*", "s3:Get*"], "Resource": "*"}]}
      EOT
    """,
    "one statement": '"{\\"Statement\\": {\\"Effect\\": \\"Allow\\", \\"Action\\": [\\"s3:List*\\", \\"s3:Get*\\"], '
    '\\"Resource\\": \\"*\\"}}"',
    "data source": "data.aws_iam_policy_document.etl.json",
    "minified": "data.aws_iam_policy_document.etl.minified_json",
    "through a local value": "local.document",
}
DATA = """
data "aws_iam_policy_document" "etl" {
  statement {
    actions   = ["s3:List*", "s3:Get*"]
    resources = ["*"]
  }
}
locals {
  document = data.aws_iam_policy_document.etl.json
}
"""


@pytest.mark.parametrize("written", WRITTEN)
def test_a_policy_is_the_same_however_it_is_written(written: str) -> None:
    found = statement(WRITTEN[written], DATA)
    assert plains(found.actions) == ["s3:List*", "s3:Get*"]
    assert plains(found.resources) == ["*"]
    assert plain(found.effect) == "Allow"


def test_a_statement_of_a_data_source_stands_where_it_is_written() -> None:
    found = statement("data.aws_iam_policy_document.etl.json", DATA)
    assert found.location.symbol == "data.aws_iam_policy_document.etl.statement"


def test_a_policy_of_a_data_source_reaches_to_its_last_line() -> None:
    found = policy("data.aws_iam_policy_document.etl.json", DATA)
    (only,) = found.statements
    assert found.location.symbol == "data.aws_iam_policy_document.etl"
    assert found.location.span.start < only.location.span.start < only.location.span.end < found.location.span.end


def test_what_a_document_names_of_the_project_leads_there() -> None:
    bucket = 'resource "aws_s3_bucket" "dags" {}\n'
    for written in (
        'jsonencode({ Statement = [{ Action = "s3:*", Resource = ["${aws_s3_bucket.dags.arn}/*"] }] })',
        '<<EOT\n{"Statement": [{"Action": "s3:*", "Resource": ["${aws_s3_bucket.dags.arn}/*"]}]}\nEOT\n',
        '<<EOT\n{"Statement": [{"Action": "s3:*", "Resource": ${jsonencode(["${aws_s3_bucket.dags.arn}/*"])}}]}\nEOT\n',
    ):
        (resource,) = statement(written, bucket).resources
        assert isinstance(resource, Unresolved)
        assert resource.resource == "aws_s3_bucket.dags"


def test_text_with_a_gap_shows_what_stands_there() -> None:
    found = statement('<<EOT\n{"Statement": [{"Action": "s3:*", "Resource": "arn:aws:s3:::${var.outside}/x"}]}\nEOT\n')
    (resource,) = found.resources
    assert isinstance(resource, Unresolved)
    assert resource.expression == "arn:aws:s3:::${var.outside}/x"


def test_what_is_known_of_a_text_is_filled_in() -> None:
    known = 'locals {\n  name = "etl"\n  group = "airflow-${local.name}-*"\n}\n'
    resource = '"arn:aws:logs:${var.outside}:*:${local.group}"'
    written = f'jsonencode({{ Statement = [{{ Action = "logs:*", Resource = {resource} }}] }})'
    (value,) = statement(written, known).resources
    assert isinstance(value, Unresolved)
    assert value.expression == "arn:aws:logs:${var.outside}:*:airflow-etl-*"


@pytest.mark.parametrize(
    "expression",
    [
        "var.outside",
        'file("policy.json")',
        '"no JSON"',
        '"[]"',
        "jsonencode(var.outside)",
        'jsonencode({ Statement = concat([{ Action = "s3:*" }], var.outside) })',
        '<<EOT\n{"Statement": [${var.outside}]}\nEOT\n',
        "data.aws_iam_policy_document.dynamic.json",
        "data.aws_iam_policy_document.including.json",
        "data.aws_iam_policy.elsewhere.policy",
    ],
)
def test_a_document_that_is_not_known_whole_is_incomplete(expression: str) -> None:
    documents = """
        data "aws_iam_policy_document" "dynamic" {
          dynamic "statement" {
            for_each = var.outside
            content {
              actions = statement.value
            }
          }
        }
        data "aws_iam_policy_document" "including" {
          source_policy_documents = [var.outside]
        }
        data "aws_iam_policy" "elsewhere" {
          name = "elsewhere"
        }
        """
    assert not policy(expression, documents).complete


def test_statements_may_be_made_for_each_of_a_list() -> None:
    documents = """
        data "aws_iam_policy_document" "it" {
          dynamic "statement" {
            for_each = { dags = ["s3:Get*"], logs = ["s3:Put*"] }
            iterator = each_bucket
            content {
              sid       = each_bucket.key
              actions   = each_bucket.value
              resources = ["*"]
            }
          }
        }
        """
    found = policy("data.aws_iam_policy_document.it.json", documents)
    assert [(plain(each.sid), plains(each.actions)) for each in found.statements] == [
        ("dags", ["s3:Get*"]),
        ("logs", ["s3:Put*"]),
    ]


def test_documents_may_be_put_together() -> None:
    documents = """
        data "aws_iam_policy_document" "base" {
          statement {
            sid       = "Read"
            actions   = ["s3:Get*"]
            resources = ["*"]
          }
          statement {
            sid       = "Log"
            actions   = ["logs:*"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "it" {
          source_policy_documents   = [data.aws_iam_policy_document.base.json]
          override_policy_documents = [
            jsonencode({ Statement = { Sid = "Log", Effect = "Deny", Action = "logs:Delete*", Resource = "*" } }),
          ]
          statement {
            actions   = ["sqs:*"]
            resources = ["*"]
          }
        }
        """
    found = policy("data.aws_iam_policy_document.it.json", documents)
    assert found.complete
    assert [(plain(each.effect), plains(each.actions)) for each in found.statements] == [
        ("Allow", ["s3:Get*"]),
        ("Allow", ["sqs:*"]),
        ("Deny", ["logs:Delete*"]),
    ]


def test_principals_and_conditions_of_a_data_source() -> None:
    documents = """
        data "aws_iam_policy_document" "it" {
          statement {
            effect      = "Deny"
            not_actions = ["s3:*"]
            principals {
              type        = "Service"
              identifiers = ["airflow.amazonaws.com"]
            }
            principals {
              type        = "Service"
              identifiers = ["airflow-env.amazonaws.com"]
            }
            condition {
              test     = "StringLike"
              variable = "kms:ViaService"
              values   = ["sqs.*"]
            }
            condition {
              test     = "StringLike"
              variable = "kms:ViaService"
              values   = ["s3.*"]
            }
          }
        }
        """
    found = statement("data.aws_iam_policy_document.it.json", documents)
    assert plain(found.effect) == "Deny"
    assert plains(found.not_actions) == ["s3:*"]
    assert [(kind, plains(names)) for kind, names in found.principals] == [
        ("Service", ["airflow.amazonaws.com", "airflow-env.amazonaws.com"])
    ]
    assert plain(found.conditions) == {"StringLike": {"kms:ViaService": ["sqs.*", "s3.*"]}}


def test_a_condition_that_is_not_known_is_not_left_out() -> None:
    documents = """
        data "aws_iam_policy_document" "it" {
          statement {
            actions = ["s3:*"]
            condition {
              test     = "StringLike"
              variable = var.outside
              values   = ["sqs.*"]
            }
          }
        }
        """
    assert isinstance(statement("data.aws_iam_policy_document.it.json", documents).conditions, Unresolved)


# ---- gaps in JSON ---------------------------------------------------------------------------------------------------

HERE = Location("main.tf")
BRIEF = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = st.text('ab"\\ é☃{}[]:,', max_size=8)
PLAIN = st.none() | st.booleans() | st.integers(-1000, 1000) | TEXT
JSON = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(TEXT, st.lists(PLAIN, max_size=2), max_size=2)


@BRIEF
@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_json_without_gaps_is_what_it_says(data: dict[str, object]) -> None:
    found = content_of(Known(json.dumps(data), HERE))
    assert plain(found) == data


def test_a_zero_is_no_gap() -> None:
    found = content_of(Known('{"a": "\\u00000\\u0000\0001\000"}', HERE))
    assert plain(found) == {"a": "01"}


@BRIEF
@given(st.lists(st.text(max_size=12) | st.just(None), max_size=6))
def test_any_pieces_come_to_something(texts: list[str | None]) -> None:
    gap = Unresolved("var.x", "it is not known", HERE)
    parts: tuple[Value, ...] = tuple(gap if text is None else Known(text, HERE) for text in texts)
    found = content_of(Pieces("it", "it is not known", HERE, "", parts))
    assert not isinstance(found, Known) or isinstance(found.value, dict)


def test_a_gap_that_is_a_value_and_one_inside_of_a_string() -> None:
    gap = Unresolved("var.x", "it is not known", HERE)
    parts = (Known('{"a": ', HERE), gap, Known(', "b": "c\\"', HERE), gap, Known('"}', HERE))
    found = content_of(Pieces("it", "it is not known", HERE, "", parts))
    assert isinstance(found, Known)
    assert isinstance(found.value, dict)
    assert {name: value.expression for name, value in found.value.items()} == {"a": "var.x", "b": 'c"${var.x}'}


# ---- roles ----------------------------------------------------------------------------------------------------------


def test_a_role_has_its_trust_and_all_its_policies() -> None:
    found = role(
        """
        resource "aws_iam_role" "etl" {
          name                = "etl"
          managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
          assume_role_policy  = jsonencode({
            Statement = [{
              Effect    = "Allow"
              Action    = "sts:AssumeRole"
              Principal = { Service = ["airflow.amazonaws.com", "airflow-env.amazonaws.com"] }
            }]
          })
          inline_policy {
            name   = "inside"
            policy = jsonencode({ Statement = [{ Action = "inside:*", Resource = "*" }] })
          }
        }
        resource "aws_iam_role_policy" "beside" {
          role   = "etl"
          policy = jsonencode({ Statement = [{ Action = "beside:*", Resource = "*" }] })
        }
        resource "aws_iam_policy" "own" {
          name   = "own"
          policy = jsonencode({ Statement = [{ Action = "own:*", Resource = "*" }] })
        }
        resource "aws_iam_role_policy_attachment" "own" {
          role       = aws_iam_role.etl.name
          policy_arn = aws_iam_policy.own.arn
        }
        resource "aws_iam_policy_attachment" "several" {
          name       = "several"
          roles      = [aws_iam_role.etl.name]
          policy_arn = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
        }
        """
    )
    assert found.trust is not None
    assert plains(found.trust.statements[0].principals[0][1]) == ["airflow.amazonaws.com", "airflow-env.amazonaws.com"]
    assert [plain(each.statements[0].actions[0]) for each in found.policies] == ["inside:*", "beside:*", "own:*"]
    assert [each.address for each in found.policies] == ["", "aws_iam_role_policy.beside", "aws_iam_policy.own"]
    assert [str(plain(arn)).rpartition("/")[2] for arn in found.managed] == [
        "AmazonS3ReadOnlyAccess",
        "AmazonSQSFullAccess",
    ]
    assert found.attachments == (
        "aws_iam_role_policy.beside",
        "aws_iam_role_policy_attachment.own",
        "aws_iam_policy_attachment.several",
    )
    assert found.complete


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_iam_role_policy_attachment" "it" {\n  role = "etl"\n  policy_arn = var.outside\n}',
        'resource "aws_iam_role_policy_attachment" "it" {\n  role = var.outside\n  policy_arn = "arn:x"\n}',
        'resource "aws_iam_role_policy" "it" {\n  role = "etl"\n  policy = var.outside\n}',
        'resource "aws_iam_role_policy_attachment" "it" {\n  for_each = var.outside\n  role = "etl"\n}',
    ],
    ids=["policy unknown", "role unknown", "document unknown", "instances unknown"],
)
def test_a_role_that_may_be_given_more_is_incomplete(more: str) -> None:
    assert not role(ROLE, more).complete


def test_what_another_role_is_given_does_not_matter() -> None:
    other = ROLE.replace("etl", "lambda")
    found = role(ROLE, other, 'resource "aws_iam_role_policy" "it" {\n  role = "lambda"\n  policy = var.outside\n}')
    assert found.complete
    assert found.policies == ()


def test_a_role_of_a_module_is_found_with_a_policy_from_outside_of_it() -> None:
    call = 'module "iam" {\n  source = "./iam"\n}\n'
    attached = 'resource "aws_iam_role_policy" "etl" {\n  role = module.iam.name\n  policy = jsonencode({})\n}\n'
    outputs = 'output "arn" {\n  value = aws_iam_role.etl.arn\n}\noutput "name" {\n  value = aws_iam_role.etl.name\n}\n'
    block = ENVIRONMENT.replace("aws_iam_role.etl.arn", "module.iam.arn")
    found = related(block, call, attached, iam___main__tf=ROLE.replace('"etl"\n', "local.x\n") + outputs).role
    assert found is not None
    assert found.attachments == ("aws_iam_role_policy.etl",)


# ---- keys -----------------------------------------------------------------------------------------------------------

KEYED = ENVIRONMENT.replace("  name ", "  kms_key = aws_kms_key.etl.arn\n  name ")
SEPARATE = """
resource "aws_kms_key" "etl" {}
resource "aws_kms_key_policy" "etl" {
  key_id = OF
  policy = jsonencode({ Statement = [{ Action = "kms:*", Principal = "*", Resource = "*" }] })
}
"""
KEY_POLICY = 'jsonencode({ Statement = [{ Action = "kms:*", Principal = "*", Resource = "*" }] })'


@pytest.mark.parametrize(
    ("blocks", "statements", "complete"),
    [
        ('resource "aws_kms_key" "etl" {}', None, True),
        (f'resource "aws_kms_key" "etl" {{\n  policy = {KEY_POLICY}\n}}', 1, True),
        (SEPARATE.replace("OF", "aws_kms_key.etl.id"), 1, True),
        ('resource "aws_kms_key" "etl" {\n  policy = var.outside\n}', None, False),
        (SEPARATE.replace("OF", "var.outside"), None, False),
    ],
)
def test_a_key_has_the_policy_that_is_written(blocks: str, statements: int | None, complete: bool) -> None:
    found = related(KEYED, OUTSIDE, blocks).key
    assert found is not None
    assert (found.policy and len(found.policy.statements)) == statements
    assert found.complete is complete


def test_a_key_may_be_for_several_regions() -> None:
    found = related(KEYED, 'resource "aws_kms_key" "etl" {\n  multi_region = true\n}').key
    assert found is not None
    assert plain(found.multi_region) is True


# ---- templates ------------------------------------------------------------------------------------------------------

TEMPLATE = """\
{
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": ["${bucket}", "${bucket}/*", "arn:aws:s3:::${names.logs}"]},
    {"Effect": "Allow", "Action": ${jsonencode(actions)}, "Resource": "${elsewhere}"}
  ]
}
"""


def templated(values: str, template: str = TEMPLATE) -> Policy:
    attached = f"""
        resource "aws_s3_bucket" "dags" {{}}
        resource "aws_iam_role_policy" "etl" {{
          role   = aws_iam_role.etl.id
          policy = templatefile("${{path.module}}/policy.json", {values})
        }}
        """
    found = related_with({"policy.json": template}, ENVIRONMENT, OUTSIDE, ROLE, attached).role
    assert found is not None
    (only,) = found.policies
    return only


def test_a_template_is_filled_in() -> None:
    lists = 'names = { logs = "etl-logs" }, actions = ["sqs:*"]'
    found = templated(f"{{ bucket = aws_s3_bucket.dags.arn, {lists}, elsewhere = var.outside }}")
    assert found.complete
    first, second = found.statements
    assert [value.resource if isinstance(value, Unresolved) else plain(value) for value in first.resources] == [
        "aws_s3_bucket.dags",
        "aws_s3_bucket.dags",
        "arn:aws:s3:::etl-logs",
    ]
    assert plains(second.actions) == ["sqs:*"]
    assert found.location.path == "policy.json"


def test_what_a_template_is_not_given_is_a_gap() -> None:
    others = "${var.outside}${local.x}${data.x.y}${module.x.y}${path.x}"
    found = templated("{ actions = [] }", TEMPLATE.replace("${elsewhere}", others))
    assert found.complete
    assert all(isinstance(value, Unresolved) for each in found.statements for value in each.resources)


ITSELF = '${templatefile("policy.json", {})}' * 2


@pytest.mark.parametrize(
    ("values", "template"),
    [("var.outside", TEMPLATE), ("{}", "%{ for x in y }{%{ endfor }"), ("{}", "no JSON"), ("{}", ""), ("{}", ITSELF)],
)
def test_a_template_that_is_not_known_is_incomplete(values: str, template: str) -> None:
    assert not templated(values, template).complete
