"""Which environments a Terraform project declares: modules, their calls, .tfvars files, count and for_each."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Role, discover
from mwaalint.model.adapters import terraform
from mwaalint.model.environment import ARGUMENTS, Environment
from mwaalint.model.values import Known
from tests.terraform_projects import arguments, environment, environments, plain, read, written

FIXTURES = Path(__file__).parent / "fixtures" / "terraform"
RESOURCE = """
resource "aws_mwaa_environment" "main" {
  name              = var.name
  environment_class = var.environment_class
}
variable "name" {}
variable "environment_class" { default = "mw1.small" }
"""


def names(found: tuple[Environment, ...]) -> list[tuple[str, str, object, object]]:
    """Symbol, variant, name and class of each environment."""
    return [(e.symbol, e.variant, plain(e.name), plain(e.environment_class)) for e in found]


# The resource itself.


def test_an_environment_has_the_arguments_of_its_block() -> None:
    found = environment(
        {
            "mwaa.tf": """
            resource "aws_mwaa_environment" "etl" {
              name                  = "etl"
              airflow_version       = "2.10.3"
              min_workers           = "1"
              max_workers           = 10
              schedulers            = 2.0
              webserver_access_mode = "PUBLIC_ONLY"
              kms_key               = null
              unknown_argument      = 1

              airflow_configuration_options = {
                "core.parallelism"   = 40
                "core.load_examples" = false
                "core.ratio"         = 0.5
                "secrets.kwargs"     = jsonencode({ sep = "/" })
                "custom.role"        = aws_iam_role.mwaa.arn
              }

              network_configuration {
                security_group_ids = [aws_security_group.mwaa.id]
                subnet_ids         = ["subnet-1", "subnet-2"]
              }

              logging_configuration {
                task_logs {
                  enabled   = true
                  log_level = "INFO"
                }
                worker_logs {
                  enabled = var.worker_logs
                }
              }
            }
            variable "worker_logs" { default = false }
            """
        }
    )
    assert (found.symbol, found.dialect, found.variant) == ("aws_mwaa_environment.etl", "terraform", "")
    assert arguments(found) == {
        "name": "etl",
        "airflow_version": "2.10.3",
        "min_workers": 1,
        "max_workers": 10,
        "schedulers": 2,
        "webserver_access_mode": "PUBLIC_ONLY",
        "airflow_configuration_options": {
            "core.parallelism": "40",
            "core.load_examples": "false",
            "core.ratio": "0.5",
            "secrets.kwargs": '{"sep":"/"}',
            "custom.role": "? it is not declared in this module",
        },
        "network_configuration": {
            "security_group_ids": ["? it is not declared in this module"],
            "subnet_ids": ["subnet-1", "subnet-2"],
        },
        "logging_configuration": {
            "task_logs": {"enabled": True, "log_level": "INFO"},
            "worker_logs": {"enabled": False},
        },
    }


def test_every_place_of_an_environment_is_in_its_file() -> None:
    text = (
        'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n'
        '  network_configuration {\n    subnet_ids = ["s"]\n  }\n}\n'
    )
    found = environment({"infra/mwaa.tf": text})
    assert found.location.path == "infra/mwaa.tf"
    assert found.location.symbol == "aws_mwaa_environment.etl"
    assert text[slice(*found.location.span)] == 'resource "aws_mwaa_environment" "etl"'
    network = found.declared["network_configuration"]
    assert (text[slice(*network.span)], network.symbol) == (
        "network_configuration",
        "aws_mwaa_environment.etl.network_configuration",
    )
    assert isinstance(found.network_configuration, Known)
    assert isinstance(found.network_configuration.value, dict)
    subnets = found.network_configuration.value["subnet_ids"]
    assert subnets.origin.symbol == "aws_mwaa_environment.etl.network_configuration.subnet_ids"
    assert text[slice(*subnets.origin.span)] == '["s"]'


@pytest.mark.parametrize(
    ("written_as", "version"),
    [('"2.10"', "2.10"), ("2.10", "2.10"), ("2.9", "2.9"), ("3", "3"), ('""', None), ("null", None)],
)
def test_a_version_is_text_even_when_it_is_written_as_a_number(written_as: str, version: str | None) -> None:
    block = f'resource "aws_mwaa_environment" "etl" {{\n  airflow_version = {written_as}\n}}\n'
    assert plain(environment({"main.tf": block}).airflow_version) == version


@pytest.mark.parametrize(
    ("written_as", "workers"),
    [("5", 5), ('"5"', 5), ("5.0", 5), ("5.5", 5.5), ('"many"', "many"), ('var.x ? 1 : "2"', ("one of", 1, 2))],
)
def test_a_count_is_a_number_even_when_it_is_written_as_text(written_as: str, workers: object) -> None:
    block = f'resource "aws_mwaa_environment" "etl" {{\n  max_workers = {written_as}\n}}\nvariable "x" {{}}\n'
    assert plain(environment({"main.tf": block}).max_workers) == workers


def test_an_empty_string_is_kept_only_where_the_provider_sends_it() -> None:
    block = 'resource "aws_mwaa_environment" "etl" {\n  name = ""\n  plugins_s3_path = ""\n  dag_s3_path = ""\n}\n'
    assert arguments(environment({"main.tf": block})) == {"name": "", "dag_s3_path": ""}


@pytest.mark.parametrize(
    ("changes", "ignored"),
    [
        ("[airflow_version]", {"airflow_version"}),
        ('["plugins_s3_object_version", max_workers]', {"plugins_s3_object_version", "max_workers"}),
        ('[airflow_configuration_options["core.parallelism"], tags["a"]]', {"airflow_configuration_options", "tags"}),
        ("all", set(ARGUMENTS)),
        ("[]", set()),
    ],
)
def test_ignored_changes_are_the_arguments_somebody_else_changes(changes: str, ignored: set[str]) -> None:
    block = f'resource "aws_mwaa_environment" "e" {{\n  lifecycle {{\n    ignore_changes = {changes}\n  }}\n}}\n'
    assert environment({"main.tf": block}).ignored_changes == ignored


def test_a_dynamic_block_is_set_but_not_known() -> None:
    found = environment(
        {
            "main.tf": """
            resource "aws_mwaa_environment" "e" {
              dynamic "network_configuration" {
                for_each = [1]
                content {}
              }
              logging_configuration {
                dynamic "task_logs" {
                  for_each = [1]
                  content { enabled = true }
                }
              }
            }
            """
        }
    )
    assert plain(found.network_configuration) == "? a dynamic block is not analyzed"
    assert plain(found.logging_configuration) == {"task_logs": "? a dynamic block is not analyzed"}


def test_data_sources_comments_and_other_resources_declare_nothing() -> None:
    declared = environments(
        {
            "main.tf": """
            data "aws_mwaa_environment" "theirs" { name = "theirs" }
            # resource "aws_mwaa_environment" "old" {}
            resource "aws_s3_bucket" "aws_mwaa_environment" {}
            """
        }
    )
    assert declared == ()


def test_an_override_file_replaces_what_it_names() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": """
        resource "aws_mwaa_environment" "e" {
          name = local.name
          max_workers = 5
          min_workers = 1
          network_configuration { subnet_ids = ["a"] }
        }
        locals { name = "a" }
        """,
        "override.tf": """
        resource "aws_mwaa_environment" "e" {
          max_workers = 7
          network_configuration { subnet_ids = ["b"] }
        }
        locals { name = "b" }
        """,
    }
    found = environment(files)
    assert arguments(found) == {
        "name": "b",
        "max_workers": 7,
        "min_workers": 1,
        "network_configuration": {"subnet_ids": ["b"]},
    }
    assert written(files, found.max_workers) == ("override.tf", "7", "aws_mwaa_environment.e.max_workers")
    assert found.declared["max_workers"].path == "override.tf"


# count and for_each.


@pytest.mark.parametrize(
    ("count", "symbols"),
    [
        ("0", []),
        ("1", ["aws_mwaa_environment.main"]),
        ("2", ["aws_mwaa_environment.main[0]", "aws_mwaa_environment.main[1]"]),
        ("false ? 1 : 0", []),
        ("var.required ? 1 : 0", ["aws_mwaa_environment.main"]),
        ("var.required", ["aws_mwaa_environment.main"]),
        ("-1", ["aws_mwaa_environment.main"]),
        ("100000", ["aws_mwaa_environment.main"]),
    ],
)
def test_count_makes_as_many_environments_as_it_says(count: str, symbols: list[str]) -> None:
    block = f'resource "aws_mwaa_environment" "main" {{\n  count = {count}\n}}\nvariable "required" {{}}\n'
    assert [found.symbol for found in environments({"main.tf": block})] == symbols


@pytest.mark.parametrize(
    ("each", "found"),
    [
        (
            '{ dev = { class = "mw1.small" }, prod = { class = "mw1.large" } }',
            [
                ('aws_mwaa_environment.main["dev"]', "", "dev", "mw1.small"),
                ('aws_mwaa_environment.main["prod"]', "", "prod", "mw1.large"),
            ],
        ),
        ("{}", []),
        (
            "var.required",
            [("aws_mwaa_environment.main", "", "? the instances are not known", "? the instances are not known")],
        ),
    ],
)
def test_for_each_over_a_known_map_makes_an_environment_for_each_key(each: str, found: object) -> None:
    block = f"""
    resource "aws_mwaa_environment" "main" {{
      for_each          = {each}
      name              = each.key
      environment_class = each.value.class
    }}
    variable "required" {{}}
    """
    assert names(environments({"main.tf": block})) == found


def test_for_each_over_a_set_gives_key_and_value_alike() -> None:
    block = """
    resource "aws_mwaa_environment" "main" {
      for_each = toset(["b", "a"])
      name     = "${each.key}-${each.value}"
    }
    """
    assert [plain(found.name) for found in environments({"main.tf": block})] == ["a-a", "b-b"]


def test_an_environment_that_only_a_default_switches_off_is_declared_without_what_switches_it() -> None:
    found = environments(
        {
            "main.tf": """
            resource "aws_mwaa_environment" "main" {
              count             = var.name != "" ? 1 : 0
              name              = var.name
              environment_class = "mw1.small"
            }
            resource "aws_mwaa_environment" "always" {
              name              = "${var.name}-always"
              environment_class = "mw1.small"
            }
            variable "name" { default = "" }
            """
        }
    )
    assert names(found) == [
        ("aws_mwaa_environment.main", "", "? with its default there is no environment", "mw1.small"),
        ("aws_mwaa_environment.always", "", "-always", "mw1.small"),
    ]


def test_an_environment_that_a_tfvars_file_switches_off_is_not_declared() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": """
        resource "aws_mwaa_environment" "main" {
          count = var.enabled ? 1 : 0
        }
        variable "enabled" { default = true }
        """,
        "terraform.tfvars": "enabled = false\n",
    }
    assert environments(files) == ()


def test_a_switch_in_the_root_reaches_through_the_module_it_is_passed_to() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": """
        module "mwaa" {
          source  = "./mwaa"
          enabled = local.enabled
        }
        module "other" {
          count  = var.other ? 1 : 0
          source = "./mwaa"
          enabled = true
        }
        module "never" {
          count  = 0
          source = "./mwaa"
          enabled = true
        }
        locals { enabled = var.enabled }
        variable "enabled" { default = false }
        variable "other" { default = false }
        """,
        "mwaa/main.tf": """
        resource "aws_mwaa_environment" "main" {
          count = var.enabled ? 1 : 0
          name  = "one"
        }
        variable "enabled" {}
        """,
    }
    assert [found.symbol for found in environments(files)] == [
        "module.mwaa.aws_mwaa_environment.main",
        "module.other.aws_mwaa_environment.main",
    ]


# Modules and their calls.


def test_a_module_that_is_called_is_evaluated_with_the_arguments_of_its_call() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'module "mwaa" {\n  source = "./modules/mwaa"\n  name   = "etl"\n}\n',
        "modules/mwaa/main.tf": RESOURCE,
    }
    found = environment(files)
    assert names((found,)) == [("module.mwaa.aws_mwaa_environment.main", "", "etl", "mw1.small")]
    assert written(files, found.name) == ("main.tf", '"etl"', "module.mwaa.name")
    assert found.declared["name"].path == "modules/mwaa/main.tf"
    assert found.location.symbol == "aws_mwaa_environment.main"


def test_each_call_of_a_module_is_an_environment_of_its_own() -> None:
    found = environments(
        {
            "dev/main.tf": 'module "mwaa" {\n  source = "../mwaa"\n  name = "dev"\n}\n',
            "prod/main.tf": """
            module "a" {
              source            = "../mwaa/"
              name              = "a"
              environment_class = "mw1.large"
            }
            module "b" {
              source            = "./../mwaa"
              name              = "b"
              environment_class = null
            }
            """,
            "mwaa/main.tf": RESOURCE,
        }
    )
    assert names(found) == [
        ("module.mwaa.aws_mwaa_environment.main", "", "dev", "mw1.small"),
        ("module.a.aws_mwaa_environment.main", "", "a", "mw1.large"),
        # null is a value: it does not bring the default back.
        ("module.b.aws_mwaa_environment.main", "", "b", None),
    ]


def test_calls_inside_calls_pass_their_arguments_on() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'module "platform" {\n  source = "./platform"\n  prefix = "acme"\n}\n',
        "platform/main.tf": """
        module "mwaa" {
          source = "../mwaa"
          name   = "${var.prefix}-etl"
          environment_class = local.sizes.large
        }
        variable "prefix" {}
        locals { sizes = { large = "mw1.large" } }
        """,
        "mwaa/main.tf": RESOURCE,
    }
    found = environment(files)
    assert names((found,)) == [("module.platform.module.mwaa.aws_mwaa_environment.main", "", "acme-etl", "mw1.large")]
    assert written(files, found.environment_class) == ("platform/main.tf", '"mw1.large"', "local.sizes")


def test_for_each_and_count_of_a_call_make_instances_of_the_module() -> None:
    found = environments(
        {
            "main.tf": """
            module "mwaa" {
              for_each = { dev = "mw1.small", prod = "mw1.large" }
              source   = "./mwaa"
              name     = each.key
              environment_class = each.value
            }
            module "counted" {
              count  = 2
              source = "./mwaa"
              name   = "n${count.index}"
            }
            """,
            "mwaa/main.tf": RESOURCE,
        }
    )
    assert names(found) == [
        ('module.mwaa["dev"].aws_mwaa_environment.main', "", "dev", "mw1.small"),
        ('module.mwaa["prod"].aws_mwaa_environment.main', "", "prod", "mw1.large"),
        ("module.counted[0].aws_mwaa_environment.main", "", "n0", "mw1.small"),
        ("module.counted[1].aws_mwaa_environment.main", "", "n1", "mw1.small"),
    ]


def test_the_output_of_one_module_is_the_argument_of_another() -> None:
    found = environment(
        {
            "main.tf": """
            module "storage" {
              source = "./storage"
              name   = "acme"
            }
            module "many" {
              count  = 2
              source = "./storage"
              name   = "m${count.index}"
            }
            module "mwaa" {
              source            = "./mwaa"
              name              = module.storage.labels.bucket
              environment_class = module.many[1].labels.bucket
            }
            """,
            "storage/main.tf": 'output "labels" {\n  value = { bucket = "${var.name}-mwaa" }\n}\nvariable "name" {}\n',
            "mwaa/main.tf": RESOURCE,
        }
    )
    assert names((found,)) == [("module.mwaa.aws_mwaa_environment.main", "", "acme-mwaa", "m1-mwaa")]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("module.label.id", "the module is not in the project"),
        ("module.storage.nothing", "the module has no output nothing"),
        ("module.storage", "the instance of the module is not known"),
        ("module.storage[0].name", "the instance of the module is not known"),
        ("module.storage.arn", "it is known only after it is created"),
    ],
)
def test_what_a_module_does_not_tell_is_unresolved(expression: str, reason: str) -> None:
    found = environment(
        {
            "main.tf": f"""
            module "label" {{ source = "cloudposse/label/null" }}
            module "storage" {{ source = "./storage" }}
            resource "aws_mwaa_environment" "e" {{ name = {expression} }}
            """,
            "storage/main.tf": """
            output "name" { value = "a" }
            output "arn" { value = aws_s3_bucket.b.arn }
            resource "aws_s3_bucket" "b" {}
            """,
        }
    )
    assert plain(found.name) == f"? {reason}"


def test_a_module_that_nobody_calls_stands_for_itself() -> None:
    found = environments({"modules/mwaa/main.tf": RESOURCE, "other/main.tf": 'resource "aws_s3_bucket" "b" {}\n'})
    assert names(found) == [("aws_mwaa_environment.main", "", "? the variable has no default", "mw1.small")]


def test_a_call_in_a_comment_is_no_call() -> None:
    found = environments(
        {
            "main.tf": '/*\nmodule "mwaa" {\n  source = "./mwaa"\n}\n*/\nlocals {}\n',
            "mwaa/main.tf": RESOURCE,
        }
    )
    assert [declared.symbol for declared in found] == ["aws_mwaa_environment.main"]


def test_a_call_of_a_folder_that_is_not_there_declares_nothing() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'module "mwaa" {\n  source = "../../outside"\n}\n'
        'module "gone" {\n  source = "./aws_mwaa_environment"\n}\n'
    }
    assert environments(files) == ()


def test_modules_that_call_each_other_in_a_circle_are_read_and_end() -> None:
    found = environments(
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\nresource "aws_mwaa_environment" "e" {\n  name = "b"\n}\n',
        }
    )
    assert [(declared.symbol, plain(declared.name)) for declared in found] == [("aws_mwaa_environment.e", "b")]


def test_a_module_that_calls_itself_is_read_once() -> None:
    found = environments({"main.tf": 'module "me" {\n  source = "./"\n}\nresource "aws_mwaa_environment" "e" {}\n'})
    assert [declared.symbol for declared in found] == ["aws_mwaa_environment.e"]


# .tfvars files.

ROOT = """
resource "aws_mwaa_environment" "main" {
  name              = var.name
  environment_class = var.size
}
variable "name" { default = "by-default" }
variable "size" {}
"""


def test_terraform_tfvars_and_auto_tfvars_always_apply_and_the_last_wins() -> None:
    files: dict[str, str | bytes] = {
        "infra/main.tf": ROOT,
        "infra/terraform.tfvars": 'name = "a"\nsize = "a"\n',
        "infra/b.auto.tfvars": 'name = "b"\n',
        "infra/a.auto.tfvars": 'name = "c"\n',
    }
    found = environment(files)
    assert names((found,)) == [("aws_mwaa_environment.main", "", "b", "a")]
    assert written(files, found.name) == ("infra/b.auto.tfvars", '"b"', "name")


def test_other_tfvars_files_are_variants() -> None:
    found = environments(
        {
            "main.tf": ROOT,
            "terraform.tfvars": 'name = "base"\n',
            "dev.tfvars": 'size = "mw1.small"\n',
            "environments/prod.tfvars": 'name = "prod"\nsize = "mw1.large"\n',
            "environments/unrelated.tfvars": 'region = "eu-west-1"\n',
        }
    )
    assert names(found) == [
        ("aws_mwaa_environment.main", "dev.tfvars", "base", "mw1.small"),
        ("aws_mwaa_environment.main", "prod.tfvars", "prod", "mw1.large"),
    ]
    assert [declared.label for declared in found] == ["base (dev.tfvars)", "prod (prod.tfvars)"]


def test_variants_of_one_name_are_told_apart_by_their_path() -> None:
    found = environments(
        {
            "infra/main.tf": ROOT,
            "infra/envs/dev/terraform.tfvars": 'size = "mw1.small"\n',
            "infra/envs/prod/terraform.tfvars": 'size = "mw1.large"\n',
        }
    )
    assert [(declared.variant, plain(declared.environment_class)) for declared in found] == [
        ("envs/dev/terraform.tfvars", "mw1.small"),
        ("envs/prod/terraform.tfvars", "mw1.large"),
    ]


def test_a_tfvars_file_sets_variables_of_its_own_root_only() -> None:
    found = environments(
        {
            "main.tf": ROOT,
            "other/main.tf": 'variable "size" {}\n',
            "other/terraform.tfvars": 'size = "of another root"\n',
            "mwaa/main.tf": RESOURCE,
            "terraform.tfvars": 'size = "mw1.medium"\nenvironment_class = "mw1.large"\n',
        }
    )
    assert names(found) == [
        ("aws_mwaa_environment.main", "", "by-default", "mw1.medium"),
        ("aws_mwaa_environment.main", "", "? the variable has no default", "mw1.small"),
    ]


def test_a_tfvars_file_above_a_module_that_is_called_does_not_reach_into_it() -> None:
    found = environment(
        {
            "main.tf": 'module "mwaa" {\n  source = "./mwaa"\n  name   = "etl"\n}\n',
            "mwaa/main.tf": RESOURCE,
            "mwaa/terraform.tfvars": 'environment_class = "mw1.large"\n',
        }
    )
    assert plain(found.environment_class) == "mw1.small"


def test_a_tfvars_file_holds_only_literal_values() -> None:
    found = environment({"main.tf": ROOT, "terraform.tfvars": 'size = var.name\nname = "a-${local.b}"\n'})
    assert plain(found.environment_class) == "? a .tfvars file holds only literal values"
    assert plain(found.name) == "? a .tfvars file holds only literal values"


def test_tfvars_in_json_apply_too() -> None:
    found = environment(
        {
            "main.tf": ROOT + 'variable "tags" {}\n',
            "terraform.tfvars": 'size = "from hcl"\n',
            "terraform.tfvars.json": '{"size": "mw1.large", "tags": {"a": [1, null, true]}, "name": null}',
        }
    )
    assert arguments(found) == {"environment_class": "mw1.large"}
    assert isinstance(found.environment_class, Known)
    assert found.environment_class.origin.path == "terraform.tfvars.json"


@pytest.mark.parametrize("content", ["{", "[" * 5_000, '{"a": ' * 5_000])
def test_tfvars_that_are_no_json_are_a_problem_and_the_rest_is_read(content: str) -> None:
    declared = read({"main.tf": ROOT, "terraform.tfvars.json": content})
    assert [found.symbol for found in declared.environments] == ["aws_mwaa_environment.main"]
    assert [(problem.code, problem.message, problem.primary.path) for problem in declared.problems] == [
        ("MW001", "the file is not valid JSON", "terraform.tfvars.json")
    ]


# A whole project, as people lay it out.


def test_a_project_with_modules_and_environments_reads_as_a_person_would() -> None:
    project = discover(FIXTURES / "environments")
    declared = terraform.read(project.with_role(Role.TERRAFORM), project)
    assert declared.problems == ()
    dev, prod = declared.environments
    assert [(found.symbol, found.variant, found.label) for found in (dev, prod)] == [
        ("module.airflow.aws_mwaa_environment.this", "dev.tfvars", "acme-dev-airflow (dev.tfvars)"),
        ("module.airflow.aws_mwaa_environment.this", "prod.tfvars", "acme-prod-airflow (prod.tfvars)"),
    ]
    shared = {
        "airflow_version": "2.10.3",
        "schedulers": 2,
        "webserver_access_mode": "PRIVATE_ONLY",
        "source_bucket_arn": "? it is known only after it is created",
        "dag_s3_path": "dags",
        "requirements_s3_path": "requirements.txt",
        "requirements_s3_object_version": "? it is known only after it is created",
        "execution_role_arn": "? the variable has no default",
        "network_configuration": {
            "security_group_ids": ["? a data source is read only when Terraform runs"],
            "subnet_ids": ["? a data source is read only when Terraform runs"] * 2,
        },
        "logging_configuration": {
            "task_logs": {"enabled": True, "log_level": "INFO"},
            "scheduler_logs": {"enabled": True, "log_level": "WARNING"},
        },
    }
    assert arguments(dev) == {
        **shared,
        "name": "acme-dev-airflow",
        "environment_class": "mw1.small",
        "min_workers": 1,
        "max_workers": 2,
        "airflow_configuration_options": {"core.load_examples": "false", "core.parallelism": "16"},
        "tags": {"stage": "dev"},
    }
    assert arguments(prod) == {
        **shared,
        "name": "acme-prod-airflow",
        "environment_class": "mw1.large",
        "min_workers": 2,
        "max_workers": 20,
        "airflow_configuration_options": {
            "core.load_examples": "false",
            "core.parallelism": "16",
            "celery.worker_autoscale": "20,20",
        },
        "tags": {"stage": "prod"},
    }
    assert [(upload.source, upload.key, upload.recursive) for upload in declared.uploads] == [
        ("requirements.txt", "requirements.txt", False),
        ("dags", "dags", True),
    ]
