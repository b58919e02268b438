"""Environments of Pulumi programs in YAML: their expressions, their stacks, their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project, Role, discover
from mwaalint.model.adapters import pulumi_yaml
from mwaalint.model.environment import Declarations, Environment
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain, stated

CIRCLE = """
variables: {a: '${b}', b: '${a}${a}'}
resources: {c: {type: aws:mwaa:Environment, properties: {name: '${a}', tags: {x: '${a}'}}}}
"""
LATER = "? it is only known when the program runs"


def declarations(contents: dict[str, str]) -> Declarations:
    files = {path: SourceFile(path, Path(path), content.encode()) for path, content in contents.items()}
    programs = [file for path, file in files.items() if path.endswith(("Pulumi.yaml", "Main.yaml"))]
    return pulumi_yaml.read(programs, Project(Path(), files))


def program(properties: str, sections: str = "", type_: str = "aws:mwaa:Environment") -> str:
    head = f"name: etl\nruntime: yaml\n{sections}\nresources:\n  airflow:\n    type: {type_}\n    properties:\n"
    return head + "\n".join(f"      {line}" for line in properties.splitlines()) + "\n"


def environment(properties: str, sections: str = "", stack: str = "config: {}\n") -> Environment:
    read = declarations({"Pulumi.yaml": program(properties, sections), "Pulumi.prod.yaml": stack})
    assert read.problems == ()
    (only,) = read.environments
    return only


def the_class(expression: str, sections: str = "", stack: str = "config: {}\n") -> object:
    """What ``environmentClass`` comes to."""
    return plain(environment(f"name: e\nenvironmentClass: {expression}", sections, stack).environment_class)


@pytest.mark.parametrize(
    "type_", ["aws:mwaa:Environment", "aws:mwaa/environment:Environment", "aws-native:mwaa:Environment"]
)
def test_a_resource_of_any_provider_is_found(type_: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(program("name: etl\nmaxWorkers: 3", type_=type_))
    (tmp_path / "other.yaml").write_text(program("name: unread"))
    project = discover(tmp_path)
    (found,) = pulumi_yaml.read(project.with_role(Role.PULUMI_YAML), project).environments
    assert (found.symbol, found.dialect, found.variant, found.label) == ("airflow", "pulumi-yaml", "", "etl")
    assert stated(found) == {"name": "etl", "max_workers": 3}


def test_other_resources_are_no_environments() -> None:
    assert declarations({"Pulumi.yaml": program("name: etl", type_="aws:s3:Bucket")}) == Declarations()


def test_places_are_those_of_the_keys_and_of_the_values() -> None:
    text = program("name: étl\nenvironmentClass: mw1.small")
    (found,) = declarations({"Pulumi.yaml": text}).environments
    file = SourceFile("Pulumi.yaml", Path(), text.encode())
    assert file.slice(found.location.span) == "airflow"
    assert file.slice(found.declared["environment_class"].span) == "environmentClass"
    assert file.slice(found.where("environment_class").span) == "mw1.small"
    assert found.where("environment_class").symbol == "airflow.environmentClass"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("mw1.${size}", "mw1.large"),
        ("${class}", "mw1.xlarge"),
        ("${pulumi.stack}-${pulumi.project}", "prod-etl"),
        ("${again}", "mw1.large"),
        ("${count}", 12),
        ("n${count}", "n12"),
        ("${other:size}", "micro"),
        ("${bucket.arn}", LATER),
        ("x-${bucket.arn}", "? a part of it is only known when it is deployed"),
        ("$${size}", "? its text is not plain"),
        ("${unclosed", "? its text is not plain"),
        ("${round}", "? it is too large to follow"),
        ("{'fn::invoke': {function: x}}", "? a function is only run with the program"),
        ("null", None),
    ],
)
def test_expressions_are_followed_as_far_as_the_repository_tells(expression: str, value: object) -> None:
    sections = """
config:
  size: {type: string, default: small}
  class: {default: mw1.xlarge}
  count: {type: integer}
variables:
  again: mw1.${size}
  round: ${round}
"""
    stack = "config:\n  etl:size: large\n  etl:count: 12\n  other:size: micro\n"
    assert the_class(expression, sections, stack) == value


def test_each_stack_is_a_variant() -> None:
    read = declarations(
        {
            "Pulumi.yaml": program(
                "name: etl-${pulumi.stack}\nmaxWorkers: ${n}", "config:\n  n: {type: integer, default: 3}"
            ),
            "Pulumi.dev.yaml": "config: {}\n",
            "Pulumi.prod.yaml": "config:\n  etl:n: 9\n",
        }
    )
    assert [(each.label, plain(each.max_workers)) for each in read.environments] == [
        ("etl-dev (Pulumi.dev.yaml)", 3),
        ("etl-prod (Pulumi.prod.yaml)", 9),
    ]


def test_structures_are_named_as_arguments_are() -> None:
    found = environment(
        "name: e\n"
        "networkConfiguration: {subnetIds: [a, '${b.id}'], securityGroupIds: '${groups}'}\n"
        "loggingConfiguration: {taskLogs: {enabled: true, logLevel: INFO}}\n"
        "airflowConfigurationOptions: {core.parallelism: 40, core.load_examples: false}",
        "variables:\n  groups: [sg-1]",
    )
    assert stated(found) == {
        "name": "e",
        "network_configuration": {"subnet_ids": ["a", LATER], "security_group_ids": ["sg-1"]},
        "logging_configuration": {"task_logs": {"enabled": True, "log_level": "INFO"}},
        "airflow_configuration_options": {"core.parallelism": "40", "core.load_examples": "false"},
    }


def test_changes_that_are_ignored_and_a_name_that_is_made_up() -> None:
    text = program("maxWorkers: 3") + "    options:\n      ignoreChanges: [maxWorkers, airflowVersion]\n"
    (found,) = declarations({"Pulumi.yaml": text}).environments
    assert found.ignored_changes == {"max_workers", "airflow_version"}
    assert plain(found.name) == "? Pulumi makes up a name with random characters"


def test_a_file_that_is_no_yaml_is_said_and_the_others_are_read() -> None:
    read = declarations({"a/Pulumi.yaml": "type: aws:mwaa:Environment\n  x: [", "b/Pulumi.yaml": program("name: etl")})
    assert [each.label for each in read.environments] == ["etl"]
    assert [(problem.code, problem.primary.path) for problem in read.problems] == [("MW001", "a/Pulumi.yaml")]


@pytest.mark.parametrize(
    "text",
    [
        "resources: [aws:mwaa:Environment]",
        "resources: {a: 3, b: {type: [x]}, c: {type: aws:mwaa:Environment, properties: [1], options: 2}}",
        "resources: {a: {type: aws:mwaa:Environment, properties: {name: &n [*n]}}}",
        CIRCLE,
        "resources: {c: {type: aws:mwaa:Environment, properties: {name: '" + "${x}" * 4_000 + "'}}}",
    ],
)
def test_hostile_programs_never_raise(text: str) -> None:
    read = declarations({"Pulumi.yaml": text})
    assert all(plain(each.environment_class) is None for each in read.environments)
