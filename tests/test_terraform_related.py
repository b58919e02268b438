"""Terraform's resources beside the environment: what references lead to, buckets, and what is made before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.model.related import Related, related_of
from mwaalint.model.values import Known, Unresolved
from tests.terraform_projects import environment, plain, read, value_of

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment
    from mwaalint.model.resources import Bucket

ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name               = "etl"
  source_bucket_arn  = aws_s3_bucket.dags.arn
  execution_role_arn = aws_iam_role.etl.arn
}
"""


def related(*blocks: str, **files: str) -> Related:
    """The resources of the only environment that main.tf (with these blocks) and other files declare."""
    return related_with({name.replace("___", "/").replace("__", "."): text for name, text in files.items()}, *blocks)


def related_with(files: dict[str, str], *blocks: str) -> Related:
    """The same with the other files by path."""
    declared = read({"main.tf": "\n".join(blocks), **files})
    assert declared.problems == ()
    (only,) = declared.environments
    return related_of(only, declared)


def bucket(*blocks: str, **files: str) -> Bucket:
    found = related(ENVIRONMENT, *blocks, **files).bucket
    assert found is not None
    return found


# ---- what references lead to ----------------------------------------------------------------------------------------

BUCKET = 'resource "aws_s3_bucket" "dags" {}\n'
THREE = 'resource "aws_s3_bucket" "dags" {\n  count = 3\n}\n'
EACH = 'resource "aws_s3_bucket" "dags" {\n  for_each = toset(["dev", "prod"])\n}\n'


@pytest.mark.parametrize(
    ("expression", "others", "address"),
    [
        ("aws_s3_bucket.dags.arn", BUCKET, "aws_s3_bucket.dags"),
        ("aws_s3_bucket.dags.website[0].endpoint", BUCKET, "aws_s3_bucket.dags"),
        ("aws_s3_bucket.dags[1].arn", THREE, "aws_s3_bucket.dags[1]"),
        ("(aws_s3_bucket.dags[*].arn)[2]", THREE, "aws_s3_bucket.dags[2]"),
        ("element(aws_s3_bucket.dags.*.id, 4)", THREE, "aws_s3_bucket.dags[1]"),
        ('aws_s3_bucket.dags["dev"].id', EACH, 'aws_s3_bucket.dags["dev"]'),
        ("values(aws_s3_bucket.dags)[1].id", EACH, 'aws_s3_bucket.dags["prod"]'),
        ("local.arn", BUCKET + "locals {\n  arn = aws_s3_bucket.dags.arn\n}\n", "aws_s3_bucket.dags"),
        ('"${aws_s3_bucket.dags.arn}/*"', BUCKET, "aws_s3_bucket.dags"),
        ('"arn:aws:s3:::${aws_s3_bucket.dags.id}"', BUCKET, "aws_s3_bucket.dags"),
        ('"arn:${var.partition}:s3:::${aws_s3_bucket.dags.id}/*"', BUCKET, "aws_s3_bucket.dags"),
        ('join("", aws_s3_bucket.dags[*].arn)', BUCKET.replace("{}", "{\n  count = 1\n}"), "aws_s3_bucket.dags[0]"),
        ("compact([aws_s3_bucket.dags.id, null])[0]", BUCKET, "aws_s3_bucket.dags"),
        ("flatten([[aws_s3_bucket.dags.id]])[0]", BUCKET, "aws_s3_bucket.dags"),
        ("try(aws_s3_bucket.dags.arn, null)", BUCKET, "aws_s3_bucket.dags"),
        ("aws_s3_bucket.dags.bucket", 'resource "aws_s3_bucket" "dags" {\n  bucket = var.x\n}\n', "aws_s3_bucket.dags"),
        (
            "aws_s3_bucket_versioning.dags.id",
            BUCKET + 'resource "aws_s3_bucket_versioning" "dags" {\n  bucket = aws_s3_bucket.dags.id\n}\n',
            "aws_s3_bucket.dags",
        ),
        (
            "aws_kms_alias.it.target_key_arn",
            'resource "aws_kms_key" "it" {}\nresource "aws_kms_alias" "it" {\n  target_key_id = aws_kms_key.it.id\n}\n',
            "aws_kms_key.it",
        ),
    ],
)
def test_a_value_known_after_apply_leads_to_its_resource(expression: str, others: str, address: str) -> None:
    value = value_of(expression, others)
    assert isinstance(value, Unresolved)
    assert value.resource == address


@pytest.mark.parametrize(
    ("expression", "others"),
    [
        ("data.aws_s3_bucket.dags.arn", 'data "aws_s3_bucket" "dags" {}\n'),
        ("data.terraform_remote_state.base.outputs.bucket", 'data "terraform_remote_state" "base" {}\n'),
        ("aws_s3_bucket.elsewhere.arn", BUCKET),
        ("var.arn", 'variable "arn" {}\n'),
        ('"${aws_s3_bucket.dags.id}-logs"', BUCKET),
        ('"logs-${aws_s3_bucket.dags.id}"', BUCKET),
        ('"${aws_s3_bucket.dags.id}/${aws_s3_bucket.dags.region}"', BUCKET),
        ("module.s3.arn", 'module "s3" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n}\n'),
        ("aws_s3_bucket.dags[7].arn", THREE),
        ('aws_s3_bucket.dags["dev"].id', 'resource "aws_s3_bucket" "dags" {\n  for_each = var.x\n}\n'),
    ],
)
def test_other_values_lead_to_none(expression: str, others: str) -> None:
    value = value_of(expression, others)
    assert isinstance(value, Unresolved)
    assert value.resource == ""


def test_the_address_has_the_modules_in_it() -> None:
    found = environment(
        {
            "main.tf": """\
                module "storage" {
                  source = "./storage"
                  count  = 1
                }
                module "mwaa" {
                  source = "./mwaa"
                  bucket = module.storage[0].arn
                }
                """,
            "storage/main.tf": BUCKET + 'output "arn" {\n  value = aws_s3_bucket.dags.arn\n}\n',
            "mwaa/main.tf": """\
                variable "bucket" {
                  type = string
                }
                resource "aws_mwaa_environment" "etl" {
                  name              = "etl"
                  source_bucket_arn = var.bucket
                }
                """,
        }
    )
    assert isinstance(found.source_bucket_arn, Unresolved)
    assert found.source_bucket_arn.resource == "module.storage.aws_s3_bucket.dags"


# ---- buckets --------------------------------------------------------------------------------------------------------


def test_a_bucket_takes_what_separate_resources_say_of_it() -> None:
    found = bucket(
        """
        resource "aws_s3_bucket" "dags" {
          bucket = "etl-dags"
        }
        resource "aws_s3_bucket_versioning" "dags" {
          bucket = aws_s3_bucket.dags.id
          versioning_configuration {
            status = "Enabled"
          }
        }
        resource "aws_s3_bucket_public_access_block" "dags" {
          bucket             = "etl-dags"
          block_public_acls  = true
          ignore_public_acls = "true"
        }
        resource "aws_s3_bucket_server_side_encryption_configuration" "dags" {
          bucket = aws_s3_bucket.dags.bucket
          rule {
            apply_server_side_encryption_by_default {
              sse_algorithm     = "aws:kms"
              kms_master_key_id = "arn:aws:kms:eu-west-1:111122223333:key/1"
            }
          }
        }
        """
    )
    assert (found.address, plain(found.name)) == ("aws_s3_bucket.dags", "etl-dags")
    assert plain(found.versioning) is True
    assert plain(found.public_access_block) == {
        "block_public_acls": True,
        "block_public_policy": False,
        "ignore_public_acls": True,
        "restrict_public_buckets": False,
    }
    assert plain(found.kms_key) == "arn:aws:kms:eu-west-1:111122223333:key/1"
    assert found.complete


def test_a_bucket_of_an_old_provider_says_it_inline() -> None:
    found = bucket(
        """
        resource "aws_s3_bucket" "dags" {
          versioning {
            enabled = true
          }
          lifecycle_rule {
            enabled = true
            prefix  = "logs/"
            expiration {
              days = 30
            }
            noncurrent_version_expiration {
              days = "7"
            }
          }
          server_side_encryption_configuration {
            rule {
              apply_server_side_encryption_by_default {
                sse_algorithm = "AES256"
              }
            }
          }
        }
        """
    )
    assert plain(found.versioning) is True
    (rule,) = found.lifecycle_rules
    assert [plain(it) for it in rule[1:5]] == [True, "logs/", 30, 7]
    assert plain(found.kms_key) is None


def test_a_key_that_is_not_named_is_the_one_of_aws() -> None:
    found = bucket(
        BUCKET,
        """
        resource "aws_s3_bucket_server_side_encryption_configuration" "dags" {
          bucket = aws_s3_bucket.dags.id
          rule {
            apply_server_side_encryption_by_default {
              sse_algorithm = "aws:kms"
            }
          }
        }
        """,
    )
    assert plain(found.kms_key) == "alias/aws/s3"


def test_lifecycle_rules_as_newer_providers_write_them() -> None:
    found = bucket(
        BUCKET,
        """
        resource "aws_s3_bucket_lifecycle_configuration" "dags" {
          bucket = aws_s3_bucket.dags.id
          rule {
            id     = "all"
            status = "Enabled"
            filter {}
            noncurrent_version_expiration {
              noncurrent_days = 30
            }
          }
          rule {
            id     = "tagged"
            status = "Disabled"
            filter {
              and {
                prefix = "tmp/"
                tags   = { kind = "scratch" }
              }
            }
            expiration {
              days = 1
            }
          }
        }
        """,
    )
    assert [[plain(it) for it in rule[1:5]] + [rule.narrowed] for rule in found.lifecycle_rules] == [
        [True, "", None, 30, False],
        [False, "tmp/", 1, None, True],
    ]
    first, second = (rule.location.span for rule in found.lifecycle_rules)
    assert first.end < second.start
    days = found.lifecycle_rules[1].expiration_days
    assert isinstance(days, Known)
    assert second.start < days.origin.span.start < second.end


def versioned(status: str, more: str = "") -> str:
    return f"""
        resource "aws_s3_bucket_versioning" "dags" {{
          bucket = aws_s3_bucket.dags.id
          {more}
          versioning_configuration {{
            status = {status}
          }}
        }}
        """


@pytest.mark.parametrize(
    ("status", "versioning"),
    [
        ('"Enabled"', True),
        ('"Suspended"', False),
        ('"Disabled"', False),
        ('var.x ? "Disabled" : "Suspended"', False),
    ],
)
def test_the_status_of_versioning(status: str, versioning: bool) -> None:
    assert plain(bucket(BUCKET, versioned(status), 'variable "x" {}').versioning) is versioning


@pytest.mark.parametrize(
    ("status", "more"), [("var.x", ""), ('var.x ? "Enabled" : "Suspended"', ""), ('"Suspended"', "count = var.x")]
)
def test_a_status_that_is_not_known_is_no_false(status: str, more: str) -> None:
    assert not isinstance(bucket(BUCKET, versioned(status, more), 'variable "x" {}').versioning, Known)


SWITCHED = """
variable "on" {
  default = false
}
resource "aws_s3_bucket_versioning" "any" {
  count  = var.on ? 1 : 0
  bucket = aws_s3_bucket.dags.id
}
"""


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_s3_bucket_versioning" "any" {\n  bucket = var.x\n}',
        'resource "aws_s3_bucket_versioning" "any" {\n  for_each = var.x\n  bucket = each.value\n}',
        SWITCHED,
    ],
    ids=["a variable", "unknown instances", "left out by a default"],
)
def test_what_may_be_said_of_any_bucket_leaves_it_incomplete(more: str) -> None:
    found = bucket(BUCKET, 'variable "x" {}', more)
    assert not found.complete


def test_what_a_default_leaves_out_of_another_bucket_does_not() -> None:
    more = 'resource "aws_s3_bucket" "logs" {\n  count = var.on ? 1 : 0\n}\n'
    for reference in ("aws_s3_bucket.logs[0].id", "aws_s3_bucket.logs[count.index].bucket"):
        assert bucket(BUCKET, more, SWITCHED.replace("aws_s3_bucket.dags.id", reference)).complete
    assert not bucket(BUCKET, more, SWITCHED.replace("aws_s3_bucket.dags.id", "var.bucket")).complete


@pytest.mark.parametrize(("default", "condition"), [("false", "var.mwaa ? 1 : 0"), ("true", "var.mwaa ? 0 : 1")])
def test_what_the_environments_own_switch_leaves_out_is_there_with_it(default: str, condition: str) -> None:
    parts = [ENVIRONMENT.replace("aws_s3_bucket.dags.arn", "aws_s3_bucket.dags[0].arn"), BUCKET, SWITCHED]
    text = "\n".join(parts).replace("aws_s3_bucket.dags.id", "aws_s3_bucket.dags[0].id")
    text = text.replace("var.on ? 1 : 0", condition).replace('"on"', '"mwaa"').replace("false", default)
    text = text.replace('"etl" {\n  name ', f'"etl" {{\n  count = {condition}\n  name ')
    text = text.replace('"dags" {}', f'"dags" {{\n  count = {condition}\n}}')
    found = related(text).bucket
    assert found is not None
    assert (found.address, found.complete) == ("aws_s3_bucket.dags[0]", True)


def test_what_is_said_of_another_bucket_does_not() -> None:
    others = """
        resource "aws_s3_bucket" "logs" {}
        resource "aws_s3_bucket_versioning" "logs" {
          bucket = aws_s3_bucket.logs.id
        }
        resource "aws_s3_bucket_versioning" "literal" {
          bucket = "a-bucket-of-somebody-else"
        }
        """
    found = bucket(BUCKET, others)
    assert found.complete
    assert plain(found.versioning) is None


def test_two_resources_that_say_it_of_one_bucket_are_alternatives() -> None:
    found = bucket(BUCKET, versioned('"Enabled"'), versioned('"Suspended"').replace('"dags"', '"other"'))
    assert isinstance(found.versioning, Unresolved)


def test_a_bucket_is_found_by_the_name_that_both_write() -> None:
    block = ENVIRONMENT.replace("aws_s3_bucket.dags.arn", '"arn:aws:s3:::etl-dags"')
    found = related(block, 'resource "aws_s3_bucket" "dags" {\n  bucket = "etl-dags"\n}')
    assert found.bucket is not None
    assert found.bucket.address == "aws_s3_bucket.dags"


def test_each_set_of_variables_has_buckets_of_its_own() -> None:
    declared = read(
        {
            "main.tf": ENVIRONMENT + 'variable "stage" {}\n'
            'resource "aws_s3_bucket" "dags" {\n  bucket = "dags-${var.stage}"\n}\n',
            "dev.tfvars": 'stage = "dev"\n',
            "prod.tfvars": 'stage = "prod"\n',
        }
    )
    found = [related_of(each, declared).bucket for each in declared.environments]
    assert [plain(each.name) for each in found if each] == ["dags-dev", "dags-prod"]


def test_a_project_without_an_environment_has_no_resources_read() -> None:
    assert read({"main.tf": BUCKET + 'resource "aws_s3_object" "airflow" {}'}).resources == {}


def test_log_groups_are_those_of_the_stack() -> None:
    found = related(
        ENVIRONMENT,
        """
        resource "aws_cloudwatch_log_group" "logs" {
          for_each          = toset(["Task", "Worker"])
          name              = "airflow-etl-${each.key}"
          retention_in_days = 30
        }
        """,
    )
    names = [(group.address, plain(group.name), plain(group.retention_in_days)) for group in found.log_groups]
    assert names == [
        ('aws_cloudwatch_log_group.logs["Task"]', "airflow-etl-Task", 30),
        ('aws_cloudwatch_log_group.logs["Worker"]', "airflow-etl-Worker", 30),
    ]


# ---- what is made before the environment ----------------------------------------------------------------------------


def waited_for(*blocks: str, **files: str) -> set[str]:
    named = {name.replace("___", "/").replace("__", "."): text for name, text in files.items()}
    found = environment({"main.tf": "\n".join(blocks), **named})
    assert found.depends_on is not None
    return set(found.depends_on)


ROLE = """
resource "aws_iam_role" "etl" {}
resource "aws_iam_role_policy" "etl" {
  role = aws_iam_role.etl.id
}
"""


def depending(on: str) -> str:
    return ENVIRONMENT.rstrip("}\n") + f"\n  depends_on = [{on}]\n}}\n"


def test_references_are_waited_for_and_what_refers_to_them_is_not() -> None:
    assert waited_for(ENVIRONMENT, BUCKET, ROLE) == {"aws_iam_role.etl", "aws_s3_bucket.dags"}


def test_a_written_dependency_is_waited_for() -> None:
    assert "aws_iam_role_policy.etl" in waited_for(depending("aws_iam_role_policy.etl"), BUCKET, ROLE)


def test_a_dependency_may_be_of_a_dependency() -> None:
    sleep = 'resource "time_sleep" "iam" {\n  depends_on = [aws_iam_role_policy.etl]\n}\n'
    assert "aws_iam_role_policy.etl" in waited_for(depending("time_sleep.iam"), sleep, BUCKET, ROLE)


def test_a_dependency_may_stand_behind_a_local_value_or_a_data_source() -> None:
    more = 'locals {\n  it = data.x_y.it.id\n}\ndata "x_y" "it" {\n  depends_on = [aws_iam_role_policy.etl]\n}\n'
    assert "aws_iam_role_policy.etl" in waited_for(depending("local.it"), more, BUCKET, ROLE)


def test_a_comment_is_no_dependency() -> None:
    block = ENVIRONMENT.rstrip("}\n") + "\n  # depends_on = [aws_iam_role_policy.etl]\n}\n"
    assert "aws_iam_role_policy.etl" not in waited_for(block, BUCKET, ROLE)


def test_a_module_is_waited_for_with_all_that_is_in_it() -> None:
    call = 'module "iam" {\n  source = "./iam"\n}\n'
    found = waited_for(depending("module.iam"), BUCKET, ROLE, call, iam___main__tf=ROLE)
    assert {"module.iam.aws_iam_role.etl", "module.iam.aws_iam_role_policy.etl"} <= found
    assert "aws_iam_role_policy.etl" not in found


def test_an_output_of_a_module_is_not_all_of_it() -> None:
    call = 'module "iam" {\n  source = "./iam"\n}\n'
    output = 'output "arn" {\n  value = aws_iam_role.etl.arn\n}\n'
    block = ENVIRONMENT.replace("aws_iam_role.etl.arn", "module.iam.arn")
    found = waited_for(block, BUCKET, call, iam___main__tf=ROLE + output)
    assert "module.iam.aws_iam_role.etl" in found
    assert "module.iam.aws_iam_role_policy.etl" not in found


def test_a_call_waits_for_all_that_is_in_its_module() -> None:
    call = 'module "mwaa" {\n  source = "./mwaa"\n  role = "x"\n  depends_on = [aws_iam_role_policy.etl]\n}\n'
    found = waited_for(call, ROLE, mwaa___main__tf='resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n}\n')
    assert "aws_iam_role_policy.etl" in found


def test_a_published_module_waits_for_what_its_call_names() -> None:
    call = (
        'module "mwaa" {\n  source = "aws-ia/mwaa/aws"\n  name = "etl"\n  depends_on = [aws_iam_role_policy.etl]\n}\n'
    )
    assert "aws_iam_role_policy.etl" in waited_for(call, ROLE)


def test_resources_that_wait_for_each_other_end() -> None:
    circle = 'resource "a_b" "one" {\n  x = a_b.two.id\n}\nresource "a_b" "two" {\n  x = a_b.one.id\n}\n'
    assert {"a_b.one", "a_b.two"} <= waited_for(depending("a_b.one"), circle, BUCKET, ROLE)


def too_many(count: int) -> Environment:
    chain = "\n".join(f'resource "a_b" "r{n}" {{\n  x = a_b.r{n + 1}.id\n}}' for n in range(count))
    return environment({"main.tf": depending("a_b.r0") + chain})


def test_what_is_too_much_to_follow_is_not_known() -> None:
    assert too_many(100).depends_on is not None
    assert too_many(6_000).depends_on is None
