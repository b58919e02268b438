"""Resources written in ways that Terraform would refuse, or too many of them: something comes of it, in time."""

from __future__ import annotations

import time

import pytest

from mwaalint.model.related import related_of
from tests.terraform_projects import read
from tests.test_terraform_related import ENVIRONMENT

NETWORK = """
  network_configuration {
    security_group_ids = [aws_security_group.etl.id]
    subnet_ids         = [aws_subnet.one.id]
  }
  kms_key = aws_kms_key.etl.arn
}
variable "x" {}
"""
PLAIN = ENVIRONMENT.rstrip("}\n") + NETWORK
ODD = [
    "null",
    "true",
    "-1",
    "0.5",
    '""',
    '"x"',
    "[]",
    "[null]",
    "[[1], {}]",
    "{}",
    '{ a = null, self = "x", cidr_block = [] }',
    "[{ a = 1 }, null, var.x]",
    "var.x",
    "var.x.y[0]",
    'var.x ? "a" : null',
    'var.x ? "a" : 5',
    "for",
    "<<EOT\n{\nEOT\n",
    "jsonencode([1])",
    "jsonencode({ Statement = 5 })",
    'jsonencode({ Statement = [1, { Principal = 5, Condition = "x", Action = { a = 1 } }] })',
]
RESOURCES = {
    "aws_s3_bucket.dags": "bucket versioning lifecycle_rule server_side_encryption_configuration count for_each",
    "aws_s3_bucket_versioning.it": "bucket versioning_configuration count",
    "aws_s3_bucket_public_access_block.it": "bucket block_public_acls restrict_public_buckets for_each",
    "aws_s3_bucket_lifecycle_configuration.it": "bucket rule",
    "aws_s3_bucket_server_side_encryption_configuration.it": "bucket rule",
    "aws_subnet.one": "vpc_id availability_zone map_public_ip_on_launch count for_each",
    "aws_route_table.it": "vpc_id route",
    "aws_route.it": "route_table_id destination_cidr_block gateway_id",
    "aws_route_table_association.it": "route_table_id subnet_id",
    "aws_vpc_endpoint.it": "vpc_id service_name private_dns_enabled",
    "aws_security_group.etl": "vpc_id ingress egress",
    "aws_security_group_rule.it": "security_group_id type from_port protocol self cidr_blocks",
    "aws_vpc_security_group_ingress_rule.it": "security_group_id ip_protocol to_port referenced_security_group_id",
    "aws_cloudwatch_log_group.it": "name retention_in_days for_each",
    "aws_kms_key.etl": "policy multi_region",
    "aws_iam_role.etl": "name assume_role_policy inline_policy managed_policy_arns count",
    "aws_iam_role_policy.it": "role policy",
    "aws_iam_policy_attachment.it": "roles policy_arn",
}


@pytest.mark.parametrize("resource", RESOURCES)
def test_an_argument_of_any_kind_comes_to_something(resource: str) -> None:
    kind, name = resource.split(".")
    for argument in RESOURCES[resource].split():
        for odd in ODD:
            needed = "" if argument in ("bucket", "role", "security_group_id") else OWNERS
            body = f"  {argument} = {odd}\n  {argument} {{\n    {argument} = {odd}\n  }}\n{needed}"
            declared = read({"main.tf": f'{PLAIN}\nresource "{kind}" "{name}" {{\n{body}}}\n'})
            (environment,) = declared.environments
            assert related_of(environment, declared) is not None


OWNERS = '  bucket = "x"\n  role = "etl"\n  security_group_id = aws_security_group.etl.id\n'


@pytest.mark.parametrize("nested", ["statement", "principals", "condition", 'dynamic "statement"', "content"])
def test_a_policy_document_of_any_kind_comes_to_something(nested: str) -> None:
    for odd in ODD:
        members = "".join(f"    {name} = {odd}\n" for name in ("for_each", "type", "test", "variable", "values", "sid"))
        block = f'data "aws_iam_policy_document" "it" {{\n  statement {{\n  {nested} {{\n{members}  }}\n  }}\n}}\n'
        role = 'resource "aws_iam_role" "etl" {\n  assume_role_policy = data.aws_iam_policy_document.it.json\n}\n'
        declared = read({"main.tf": PLAIN + block + role})
        found = related_of(declared.environments[0], declared).role
        assert found is not None
        assert found.trust is not None


def test_documents_that_include_each_other_end() -> None:
    blocks = "".join(
        f'data "aws_iam_policy_document" "{one}" {{\n'
        f"  source_policy_documents = [data.aws_iam_policy_document.{other}.json]\n}}\n"
        for one, other in (("a", "b"), ("b", "a"))
    )
    role = 'resource "aws_iam_role" "etl" {\n  assume_role_policy = data.aws_iam_policy_document.a.json\n}\n'
    declared = read({"main.tf": PLAIN + blocks + role})
    found = related_of(declared.environments[0], declared).role
    assert found is not None
    assert found.trust is not None
    assert not found.trust.complete


def test_documents_that_double_each_other_end() -> None:
    blocks = 'data "aws_iam_policy_document" "d0" {\n  statement {\n    actions = ["s3:*"]\n  }\n}\n'
    for number in range(1, 40):
        before = f"data.aws_iam_policy_document.d{number - 1}.json"
        blocks += (
            f'data "aws_iam_policy_document" "d{number}" {{\n  source_policy_documents = [{before}, {before}]\n}}\n'
        )
    role = 'resource "aws_iam_role" "etl" {\n  assume_role_policy = data.aws_iam_policy_document.d39.json\n}\n'
    started = time.monotonic()
    declared = read({"main.tf": PLAIN + blocks + role})
    assert related_of(declared.environments[0], declared).role is not None
    assert time.monotonic() - started < 20


def test_texts_that_double_each_other_end() -> None:
    doubled = "".join(f'  t{n} = "${{local.t{n - 1}}}${{local.t{n - 1}}}"\n' for n in range(1, 50))
    local = f"locals {{\n  t0 = var.x\n{doubled}}}\n"
    role = 'resource "aws_iam_role" "etl" {\n  assume_role_policy = local.t49\n}\n'
    started = time.monotonic()
    assert read({"main.tf": PLAIN + local + role}).environments
    assert time.monotonic() - started < 20


def test_thousands_of_resources_are_read_in_time() -> None:
    block = """
resource "aws_s3_bucket" "bN" {
  bucket = "bN"
}
resource "aws_s3_bucket_versioning" "bN" {
  bucket = aws_s3_bucket.bN.id
}
resource "aws_security_group_rule" "bN" {
  security_group_id = aws_security_group.etl.id
  type              = "egress"
}
"""
    started = time.monotonic()
    declared = read({"main.tf": PLAIN + "".join(block.replace("N", str(n)) for n in range(1_000))})
    (resources,) = declared.resources.values()
    assert len(resources.buckets) == 1_000
    assert time.monotonic() - started < 60
