"""Nested stacks: a template that another one deploys gets that one's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Location
from tests.test_cloudformation import declarations, plain

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment

CHILD = """
Parameters:
  Class: {Type: String, Default: mw1.small}
  Workers: {Type: Number, Default: 5}
  Subnets: {Type: CommaDelimitedList}
Resources:
  Mwaa:
    Type: AWS::MWAA::Environment
    Properties:
      EnvironmentClass: !Ref Class
      MaxWorkers: !Ref Workers
      NetworkConfiguration:
        SubnetIds: !Ref Subnets
"""


def parent(url: str, parameters: str, *, type_: str = "AWS::CloudFormation::Stack", key: str = "TemplateURL") -> str:
    return (
        "Parameters:\n  Size: {Type: String, Default: mw1.large}\n"
        "Conditions:\n  Never: !Equals [a, b]\n"
        f"Resources:\n  Airflow:\n    Type: {type_}\n"
        f"    Properties:\n      {key}: {url}\n      Parameters: {parameters}\n"
    )


def outline(found: Environment) -> tuple[str, object, object, object]:
    return found.symbol, plain(found.environment_class), plain(found.max_workers), plain(found.network_configuration)


@pytest.mark.parametrize(
    ("type_", "key"), [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")]
)
def test_parameters_come_from_the_stack_and_defaults_where_it_gives_none(type_: str, key: str) -> None:
    main = parent("./mwaa/stack.yaml", "{Class: !Ref Size, Subnets: 'a, b'}", type_=type_, key=key)
    (found,) = declarations(main=main, mwaa__stack=CHILD).environments
    assert outline(found) == ("Airflow.Mwaa", "mw1.large", 5, {"subnet_ids": ["a", "b"]})
    assert (found.location.path, found.where("environment_class").path) == ("mwaa/stack.yaml", "main.yaml")
    assert found.where("environment_class").symbol == "Parameters.Size.Default"


def test_a_list_is_taken_apart_also_where_the_stack_joins_it() -> None:
    main = parent("mwaa/stack.yaml", "{Workers: '9', Subnets: !Join [',', [x, y]], Class: !Ref AWS::NoValue}")
    (found,) = declarations(main=main, mwaa__stack=CHILD).environments
    assert outline(found) == ("Airflow.Mwaa", "mw1.small", 9, {"subnet_ids": ["x", "y"]})


def test_a_parameter_that_the_stack_takes_from_elsewhere_is_not_its_default() -> None:
    main = parent("mwaa/stack.yaml", "{Class: !GetAtt Other.Outputs.Class, Workers: 3}")
    (found,) = declarations(main=main, mwaa__stack=CHILD).environments
    assert plain(found.environment_class) == "? the template does not decide Fn::GetAtt"
    assert found.where("environment_class") == Location(
        "mwaa/stack.yaml", found.declared["environment_class"].span, "Mwaa.EnvironmentClass"
    )


def test_two_stacks_of_one_template_are_two_environments() -> None:
    twice = parent("mwaa/stack.yaml", "{Workers: 3}") + (
        "  Second:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: mwaa/stack.yaml\n      Parameters: {Workers: 4}\n"
    )
    found = declarations(main=twice, mwaa__stack=CHILD).environments
    assert [(each.symbol, plain(each.max_workers)) for each in found] == [("Airflow.Mwaa", 3), ("Second.Mwaa", 4)]


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket.s3.amazonaws.com/mwaa/stack.yaml",
        "other/stack.yaml",
        "!Sub mwaa/stack.yaml",
        "[mwaa/stack.yaml]",
    ],
)
def test_a_stack_of_another_template_changes_nothing(url: str) -> None:
    (found,) = declarations(main=parent(url, "{Class: mw1.large}"), mwaa__stack=CHILD).environments
    assert outline(found)[:3] == ("Mwaa", "mw1.small", 5)


def test_a_broken_file_beside_the_template_changes_nothing() -> None:
    broken = "AWS::CloudFormation::Stack mwaa/stack.yaml: {"
    read = declarations(main=broken, mwaa__stack=CHILD)
    assert [outline(found)[:3] for found in read.environments] == [("Mwaa", "mw1.small", 5)]
    assert read.problems == ()
