"""Rules over what only Terraform says of an environment: ignored changes, timeouts, the provider's version."""

from __future__ import annotations

import pytest

from mwaalint.checks.environment._provider import excluding
from mwaalint.findings import Location
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, Unresolved
from tests.terraform_projects import environments
from tests.test_cloudformation import plain

HERE = Location("main.tf")


def is_excluded(since: str, *constraints: str) -> bool:
    pins = tuple(Known(text, HERE) for text in constraints)
    return excluding(Environment("etl", "terraform", HERE, provider=pins), since) is not None


@pytest.mark.parametrize(
    "constraints",
    ["5.40.0", "= 5.40.0", "~> 5.40.0", "~> 5.39.1", "< 5.68.0", "<= 5.67.9", "~> 4.0", ">= 4.0, < 5.0", "< 5, >= 3.1"],
)
def test_a_constraint_below_a_release_excludes_it(constraints: str) -> None:
    assert is_excluded("5.68.0", constraints)


@pytest.mark.parametrize(
    "constraints",
    [
        "5.68.0",
        "~> 5.68.0",
        "~> 5.40",
        "~> 5.0",
        "~> 5",
        ">= 4.0",
        "> 3",
        "!= 5.68.0",
        "< 5.68.1",
        "<= 5.68.0",
        "6.0",
        "",
        "x",
    ],
)
def test_a_constraint_that_allows_it_or_anything_newer_does_not(constraints: str) -> None:
    assert not is_excluded("5.68.0", constraints)


def test_all_constraints_must_hold() -> None:
    assert is_excluded("5.68.0", ">= 4.0", "~> 5.40.0")
    assert not is_excluded("5.68.0", ">= 4.0", "~> 5.40")
    assert not is_excluded("5.68.0")


ENVIRONMENT = 'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n}\n'


def provider(files: dict[str, str | bytes]) -> list[object]:
    (environment,) = environments(files)
    return [pin.value for pin in environment.provider]


class TestProviders:
    def test_the_module_and_those_that_call_it_are_read(self) -> None:
        required = 'terraform {\n  required_providers {\n    aws = {\n      version = "%s"\n    }\n  }\n}\n'
        root = 'module "etl" {\n  source = "./mwaa"\n}\n' + required % "~> 5.1"
        found = provider({"main.tf": root, "mwaa/main.tf": ENVIRONMENT + required % ">= 4"})
        assert found == [">= 4", "~> 5.1"]

    @pytest.mark.parametrize(
        "written",
        [
            'aws = "~> 5.1"',
            'aws = {\n source = "hashicorp/aws"\n version = "~> 5.1"\n}',
            'aws = { "version" : "~> 5.1" }',
        ],
    )
    def test_every_way_to_write_it(self, written: str) -> None:
        code = f"terraform {{\n  required_providers {{\n    {written}\n  }}\n}}\n"
        assert provider({"main.tf": ENVIRONMENT + code}) == ["~> 5.1"]

    def test_the_lock_file_decides(self) -> None:
        required = 'terraform {\n  required_providers {\n    aws = "~> 5.1"\n  }\n}\n'
        lock = (
            'provider "registry.terraform.io/hashicorp/archive" {\n  version = "2.4.0"\n}\n'
            'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "5.99.1"\n  constraints = "~> 5.1"\n}\n'
        )
        assert provider({"main.tf": ENVIRONMENT + required, ".terraform.lock.hcl": lock}) == ["5.99.1"]
        assert provider({"main.tf": ENVIRONMENT + required, ".terraform.lock.hcl": "nothing"}) == ["~> 5.1"]

    def test_nothing_is_known_without_one(self) -> None:
        assert provider({"main.tf": ENVIRONMENT}) == []
        without = 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
        assert provider({"main.tf": ENVIRONMENT + without}) == []


class TestTimeouts:
    def test_they_are_values_like_all_others(self) -> None:
        code = (
            'variable "patience" {}\nresource "aws_mwaa_environment" "etl" {\n  name = "etl"\n'
            '  timeouts {\n    create = "45m"\n    update = var.patience\n  }\n}\n'
        )
        (environment,) = environments({"main.tf": code})
        assert plain(environment.timeouts["create"]) == "45m"
        assert isinstance(environment.timeouts["update"], Unresolved)

    def test_there_are_none_by_default(self) -> None:
        (environment,) = environments({"main.tf": ENVIRONMENT})
        assert environment.timeouts == {}


@pytest.mark.parametrize(
    ("release", "ignored"),
    [
        ('version = "0.0.5"', {"plugins_s3_object_version", "requirements_s3_object_version"}),
        ('version = "= 0.0.1"', {"plugins_s3_object_version", "requirements_s3_object_version"}),
        ('version = "~> 0.0.5"', set()),
        ('version = "0.0.8"', set()),
        ("", set()),
    ],
)
def test_old_releases_of_a_module_ignore_versions(release: str, ignored: set[str]) -> None:
    code = f'module "mwaa" {{\n  source = "aws-ia/mwaa/aws"\n  {release}\n  name = "etl"\n}}\n'
    (environment,) = environments({"main.tf": code})
    assert environment.ignored_changes == ignored
