"""Environments that calls of published modules make: the call's arguments over the defaults of the module."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from mwaalint.model.environment import ARGUMENTS
from mwaalint.model.values import Known
from tests.terraform_projects import arguments, environment, environments, plain, read, written

DECIDED_BY_RELEASE = "? the module's release decides it"
SET_BY_MODULE = "? the module sets it"
AWS_IA = """
module "mwaa" {
  source            = "aws-ia/mwaa/aws"
  name              = "etl"
  airflow_version   = "2.10.3"
  environment_class = "mw1.medium"
  max_workers       = "25"
  private_subnet_ids = ["subnet-1", var.second]

  airflow_configuration_options = { "core.parallelism" = 40 }
  logging_configuration = { task_logs = { log_level = "ERROR" } }
}
variable "second" {}
"""


def test_a_call_of_the_module_of_aws_ia_is_an_environment() -> None:
    found = environment({"main.tf": AWS_IA})
    assert (found.symbol, found.location.symbol) == ("module.mwaa", "module.mwaa")
    assert arguments(found) == {
        "name": "etl",
        "airflow_version": "2.10.3",
        "environment_class": "mw1.medium",
        "min_workers": 1,
        "max_workers": 25,
        "schedulers": DECIDED_BY_RELEASE,
        "min_webservers": DECIDED_BY_RELEASE,
        "max_webservers": DECIDED_BY_RELEASE,
        "webserver_access_mode": "PRIVATE_ONLY",
        "source_bucket_arn": SET_BY_MODULE,
        "dag_s3_path": "dags",
        "airflow_configuration_options": {"logging.logging_level": "INFO", "core.parallelism": "40"},
        "execution_role_arn": SET_BY_MODULE,
        "endpoint_management": DECIDED_BY_RELEASE,
        "network_configuration": {
            "subnet_ids": ["subnet-1", "? the variable has no default"],
            "security_group_ids": SET_BY_MODULE,
        },
        "logging_configuration": {
            "dag_processing_logs": {"enabled": True, "log_level": "DEBUG"},
            "scheduler_logs": {"enabled": True, "log_level": "INFO"},
            "task_logs": {"enabled": True, "log_level": "ERROR"},
            "webserver_logs": {"enabled": True, "log_level": "ERROR"},
            "worker_logs": {"enabled": True, "log_level": "CRITICAL"},
        },
        "tags": {},
    }


def test_an_argument_stands_in_the_call_and_a_default_at_the_head_of_it() -> None:
    project: dict[str, str | bytes] = {"main.tf": AWS_IA}
    found = environment(project)
    assert written(project, found.max_workers) == ("main.tf", '"25"', "module.mwaa.max_workers")
    assert written(project, found.min_workers) == ("main.tf", 'module "mwaa"', "module.mwaa.min_workers")
    assert found.declared["name"].symbol == "module.mwaa.name"
    assert sorted(found.declared) == [
        "airflow_configuration_options",
        "airflow_version",
        "environment_class",
        "logging_configuration",
        "max_workers",
        "name",
    ]


def test_what_the_module_creates_is_the_argument_when_it_is_told_not_to_create_it() -> None:
    call = """
    module "mwaa" {
      source             = "aws-ia/mwaa/aws"
      execution_role_arn = "arn:aws:iam::123456789012:role/mwaa"
      source_bucket_arn  = "arn:aws:s3:::bucket"
      create_iam_role    = false
      create_s3_bucket   = %s
    }
    variable "create" {}
    """
    told = environment({"main.tf": call % "false"})
    assert plain(told.execution_role_arn) == "arn:aws:iam::123456789012:role/mwaa"
    assert plain(told.source_bucket_arn) == "arn:aws:s3:::bucket"
    not_told = environment({"main.tf": call % "var.create"})
    assert plain(not_told.source_bucket_arn) == SET_BY_MODULE


def test_the_module_of_cloudposse_makes_the_name_and_switches_logs_off() -> None:
    found = environment(
        {
            "main.tf": """
            module "mwaa" {
              source            = "cloudposse/mwaa/aws"
              version           = "0.4.8"
              name              = "mwaa"
              task_logs_enabled = true
              worker_logs_level = "ERROR"
            }
            """
        }
    )
    assert plain(found.name) == SET_BY_MODULE
    assert plain(found.environment_class) == "mw1.small"
    assert plain(found.airflow_version) is None
    assert plain(found.logging_configuration) == {
        "dag_processing_logs": {"enabled": False, "log_level": "INFO"},
        "scheduler_logs": {"enabled": False, "log_level": "INFO"},
        "task_logs": {"enabled": True, "log_level": "INFO"},
        "webserver_logs": {"enabled": False, "log_level": "INFO"},
        "worker_logs": {"enabled": False, "log_level": "ERROR"},
    }


def test_the_module_of_idealo_has_names_of_its_own() -> None:
    found = environment(
        {
            "main.tf": """
            module "mwaa" {
              source           = "github.com/idealo/terraform-aws-mwaa?ref=v3.2.2"
              environment_name = "etl"
              kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/1"
              kms_key          = "not an argument of this module"
            }
            """
        }
    )
    assert plain(found.name) == "etl"
    assert plain(found.kms_key) == "arn:aws:kms:eu-west-1:123456789012:key/1"
    assert plain(found.airflow_version) == "2.0.2"
    assert plain(found.weekly_maintenance_window_start) == "MON:01:00"
    assert found.declared["name"].symbol == "module.mwaa.environment_name"


def test_the_module_of_nasa_uploads_the_requirements_and_the_dags() -> None:
    declared = read(
        {
            "infrastructure/main.tf": """
            module "mwaa" {
              source = "https://github.com/NASA-IMPACT/mwaa_tf_module/releases/download/v1.2.0/mwaa_tf_module.zip"
              prefix = "veda"
              local_requirement_file_path = "${path.module}/../dags/requirements.txt"
              local_dag_folder            = "${path.module}/../dags/"
            }
            """,
            "dags/requirements.txt": "pandas\n",
        }
    )
    (found,) = declared.environments
    assert plain(found.requirements_s3_path) == "requirements/requirements.txt"
    assert plain(found.name) == SET_BY_MODULE
    assert found.ignored_changes == {"plugins_s3_object_version", "requirements_s3_object_version"}
    assert [(up.source, up.key, up.address, up.recursive) for up in declared.uploads] == [
        ("dags/requirements.txt", "requirements/requirements.txt", "module.mwaa", False),
        ("dags", "dags", "module.mwaa", True),
    ]


@pytest.mark.parametrize(
    ("pin", "access_mode"),
    [
        ("", "PRIVATE_ONLY"),
        ('version = "0.13.2"', "PRIVATE_ONLY"),
        ('version = "~> 0.10"', "PRIVATE_ONLY"),
        ('version = ">= 0.2.0"', "PRIVATE_ONLY"),
        ('version = "0.1.0"', DECIDED_BY_RELEASE),
        ('version = "< 0.3"', DECIDED_BY_RELEASE),
        ('version = ">= 0.1, != 0.2.0"', DECIDED_BY_RELEASE),
    ],
)
def test_the_defaults_are_those_of_the_releases_that_are_known_to_have_them(pin: str, access_mode: str) -> None:
    call = f'module "mwaa" {{\n  source = "cloudposse/mwaa/aws"\n  {pin}\n}}\n'
    found = environment({"main.tf": call})
    assert plain(found.webserver_access_mode) == access_mode
    released = isinstance(found.logging_configuration, Known)
    assert released is (access_mode == "PRIVATE_ONLY")


@pytest.mark.parametrize(
    ("source", "access_mode"),
    [
        ("git::https://github.com/cloudposse/terraform-aws-mwaa.git?ref=v0.4.0", "PRIVATE_ONLY"),
        ("git::https://github.com/cloudposse/terraform-aws-mwaa.git?ref=0.1.0", DECIDED_BY_RELEASE),
        ("git@github.com:cloudposse/terraform-aws-mwaa.git", "PRIVATE_ONLY"),
    ],
)
def test_a_git_source_pins_its_release_in_the_reference(source: str, access_mode: str) -> None:
    found = environment({"main.tf": f'module "mwaa" {{\n  source = "{source}"\n}}\n'})
    assert plain(found.webserver_access_mode) == access_mode


def test_a_fork_that_nobody_knows_has_its_arguments_and_no_defaults() -> None:
    call = 'module "mwaa" {\n  source = "github.com/acme/terraform-aws-mwaa"\n  airflow_version = "2.9.2"\n}\n'
    found = environment({"main.tf": call})
    stated = {name: value for name, value in arguments(found).items() if not str(value).startswith("? the module")}
    assert stated == {"airflow_version": "2.9.2"}
    assert len(arguments(found)) == len(ARGUMENTS)


@pytest.mark.parametrize(
    "source",
    [
        "terraform-aws-modules/vpc/aws",
        "cloudposse/mwaa/aws//modules/other",
        "github.com/acme/airflow-on-ecs",
        "./terraform-aws-mwaa",
        "${var.source}/mwaa",
    ],
)
def test_other_modules_are_no_environments(source: str) -> None:
    assert environments({"main.tf": f'module "mwaa" {{\n  source = "{source}"\n  name = "mwaa"\n}}\n'}) == ()


def test_a_published_module_is_found_below_the_modules_of_the_project() -> None:
    found = environment(
        {
            "main.tf": 'module "airflow" {\n  source = "./airflow"\n  workers = 7\n}\n',
            "airflow/main.tf": """
            module "mwaa" {
              source      = "aws-ia/mwaa/aws"
              count       = 1
              max_workers = var.workers
            }
            variable "workers" {}
            """,
        }
    )
    assert found.symbol == "module.airflow.module.mwaa"
    assert plain(found.max_workers) == 7


def test_logs_of_a_whole_unknown_argument_are_not_known() -> None:
    call = 'module "mwaa" {\n  source = "aws-ia/mwaa/aws"\n  logging_configuration = var.logs\n}\nvariable "logs" {}\n'
    logs = plain(environment({"main.tf": call}).logging_configuration)
    assert isinstance(logs, dict)
    assert set(logs.values()) == {SET_BY_MODULE}


def test_the_table_has_a_source_and_a_date_for_every_module() -> None:
    table = json.loads(files("mwaalint.catalog").joinpath("data/tables/terraform-modules.json").read_text("utf-8"))
    assert [row["match"][0] for row in table["rows"]] == [
        "aws-ia/mwaa/aws",
        "cloudposse/mwaa/aws",
        "idealo/mwaa/aws",
        "mwaa_tf_module",
        "terraform-aws-mwaa",
    ]
    for row in table["rows"]:
        assert row["source"].startswith("https://")
        assert len(row["date"]) == len("2025-08-20")
        assert set(row["defaults"]) | set(row["varying"]) | set(row["computed"]) | set(row["created"]) <= set(ARGUMENTS)
        assert not set(row["defaults"]) & set(row["varying"] + row["computed"])
