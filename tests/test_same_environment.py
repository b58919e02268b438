"""The same environment in every dialect is the same Environment, argument by argument."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mwaalint import api
from mwaalint.discover import discover
from mwaalint.model.declared import declarations
from mwaalint.model.environment import ARGUMENTS, Environment
from tests.test_cloudformation import plain

FIXTURES = Path(__file__).parent / "fixtures" / "same_environment"
DIALECTS = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())

# The worker replacement strategy is how an update goes, not what the environment is: CreateEnvironment does not take
# it, and GetEnvironment tells it only of the last update. It is the one argument that is left out here.
ENVIRONMENT = {
    "name": "etl-prod",
    "airflow_version": "2.10.3",
    "environment_class": "mw1.medium",
    "min_workers": 2,
    "max_workers": 12,
    "schedulers": 3,
    "min_webservers": 2,
    "max_webservers": 4,
    "webserver_access_mode": "PUBLIC_ONLY",
    "source_bucket_arn": "arn:aws:s3:::etl-bucket",
    "dag_s3_path": "dags",
    "requirements_s3_path": "requirements.txt",
    "requirements_s3_object_version": "v-requirements",
    "plugins_s3_path": "plugins.zip",
    "plugins_s3_object_version": "v-plugins",
    "startup_script_s3_path": "startup.sh",
    "startup_script_s3_object_version": "v-startup",
    "airflow_configuration_options": {"core.parallelism": "40", "core.load_examples": "false"},
    "execution_role_arn": "arn:aws:iam::111122223333:role/etl",
    "kms_key": "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012",
    "endpoint_management": "SERVICE",
    "network_configuration": {"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]},
    "logging_configuration": {"task_logs": {"enabled": True, "log_level": "WARNING"}},
    "weekly_maintenance_window_start": "TUE:03:30",
    "worker_replacement_strategy": None,
    "tags": {"Stage": "prod"},
}
# How the dialect calls the environment, and which input made this one of it where there could be others.
NAMES = {
    "boto3": ("boto3", "mwaa.create_environment", ""),
    "cdk_python": ("cdk-python", "mwaa.CfnEnvironment.Etl", ""),
    "cdk_typescript": ("cdk-typescript", "mwaa.CfnEnvironment.Etl", ""),
    "cloudformation": ("cloudformation", "Etl", ""),
    "environment_json": ("environment-json", "environment.json:Environment", ""),
    "pulumi_python": ("pulumi-python", "aws.mwaa.Environment.etl", "Pulumi.prod.yaml"),
    "pulumi_typescript": ("pulumi-typescript", "aws.mwaa.Environment.etl", "Pulumi.prod.yaml"),
    "pulumi_yaml": ("pulumi-yaml", "etl", "Pulumi.prod.yaml"),
    "terraform": ("terraform", "aws_mwaa_environment.etl", ""),
    "terraform_plan": ("terraform-plan", 'module.airflow.aws_mwaa_environment.etl["prod"]', ""),
    "terragrunt": ("terragrunt", "aws_mwaa_environment.this", "live/prod/etl/terragrunt.hcl"),
    "terraform_json": ("terraform-json", "aws_mwaa_environment.etl", ""),
}


def the_environment(dialect: str) -> Environment:
    read = declarations(discover(FIXTURES / dialect))
    assert read.problems == ()
    (only,) = read.environments
    return only


def test_every_argument_is_compared() -> None:
    assert set(ENVIRONMENT) == set(ARGUMENTS)
    assert {"terraform", "cloudformation", *NAMES} <= set(DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_environment_is_equal_in_every_dialect(dialect: str) -> None:
    found = the_environment(dialect)
    assert {argument: plain(found.get(argument)) for argument in ARGUMENTS} == ENVIRONMENT


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_are_of_the_same_types_in_every_dialect(dialect: str) -> None:
    """True equals 1 and 2 equals 2.0, but rules tell them apart."""
    found = the_environment(dialect)
    assert {name: repr(plain(found.get(name))) for name in ARGUMENTS} == {
        name: repr(_ordered(value, plain(found.get(name)))) for name, value in ENVIRONMENT.items()
    }


def _ordered(value: object, like: object) -> object:
    """A map with its keys in the order of another one, for their order means nothing."""
    if not isinstance(value, dict) or not isinstance(like, dict):
        return value
    return {key: value[key] for key in like}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_environment_has_the_same_findings_in_every_dialect(dialect: str) -> None:
    result = api.check(FIXTURES / dialect, today=date(2026, 11, 25))
    assert {finding.code for finding in result.findings} == {"MW215", "MW231", "MW233"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_argument_knows_where_it_is_written(dialect: str) -> None:
    found = the_environment(dialect)
    project = discover(FIXTURES / dialect)
    assert set(found.declared) == {name for name, value in ENVIRONMENT.items() if value is not None}
    written = found.where("environment_class")
    file = project.files[written.path]
    assert file.slice(written.span).strip("\"'") == "mw1.medium"


@pytest.mark.parametrize("dialect", sorted(NAMES))
def test_a_dialect_names_the_environment_in_its_own_words(dialect: str) -> None:
    found = the_environment(dialect)
    assert (found.dialect, found.symbol, found.variant) == NAMES[dialect]


def test_no_two_dialects_share_a_name() -> None:
    assert len({the_environment(dialect).dialect for dialect in DIALECTS}) == len(DIALECTS)
