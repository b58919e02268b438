"""What Terraform reads from files of the project: text, JSON and YAML, each value at its place."""

from __future__ import annotations

import pytest

from mwaalint.model.values import Known
from tests.terraform_projects import arguments, environment, plain, value_of, written

HEAD = """
variable "stage" { default = "dev" }
locals {
  it = yamldecode(file("${path.module}/conf/${var.stage}.yaml"))
}
"""


def test_a_value_of_a_yaml_file_is_known_and_stands_there() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": HEAD + 'resource "aws_mwaa_environment" "e" {\n  environment_class = local.it.mwaa.class\n}\n',
        "conf/dev.yaml": "mwaa:\n  class: mw1.large\n",
    }
    found = environment(files)
    assert arguments(found) == {"environment_class": "mw1.large"}
    assert written(files, found.environment_class)[:2] == ("conf/dev.yaml", "mw1.large")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, yes, true]\n", {"a": 1, "b": ["x", "yes", True]}),
        ('{"a": {"b": null, "c": 1.5}}', {"a": {"c": 1.5}}),
        ("base: &b {x: 1}\nother: {<<: *b, y: 2}\n", {"base": {"x": 1}, "other": {"x": 1, "y": 2}}),
        ("", None),
        ("a: [", "? it is not valid YAML: did not find expected node content"),
        ("a: 1\n---\nb: 2\n", "? it holds more than one document"),
    ],
)
def test_what_a_file_holds_is_decoded(text: str, expected: object) -> None:
    files: dict[str, str | bytes] = {
        "main.tf": HEAD + 'resource "aws_mwaa_environment" "e" {\n  tags = local.it\n}\n',
        "conf/dev.yaml": text,
    }
    assert plain(environment(files).tags) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('jsondecode("{\\"a\\": [1, 2]}").a[1]', 2),
        ('yamldecode("a: ${1 + 1}").a', 2),
        ("jsondecode(var.unknown)", "? the variable has no default"),
        ("file(var.unknown)", "? the variable has no default"),
        ('file("none.txt")', "? the file is not in the project"),
        ('file("/etc/passwd")', "? the file is not in the project"),
        ('file("../../outside.txt")', "? the file is not in the project"),
        ('try(jsondecode("{"), "no json")', "? it is not valid YAML: did not find expected node content"),
        ('try(file("none.txt"), "default")', "? the file is not in the project"),
        ("jsondecode(1, 2)", "? the function jsondecode is not evaluated"),
    ],
)
def test_what_cannot_be_read_is_not_guessed(expression: str, expected: object) -> None:
    assert plain(value_of(expression, 'variable "unknown" {}\n')) == expected


def test_a_module_reads_the_files_of_the_root_it_is_called_from() -> None:
    found = environment(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\n',
            "m/main.tf": 'resource "aws_mwaa_environment" "e" {\n  name = trimspace(file("name.txt"))\n'
            '  airflow_version = trimspace(file("${path.module}/version.txt"))\n}\n',
            "name.txt": "etl\n",
            "m/version.txt": "2.10.3\n",
        }
    )
    assert arguments(found) == {"name": "etl", "airflow_version": "2.10.3"}


def test_a_bomb_of_aliases_and_great_depth_are_not_known() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(9)]
    for text in ("\n".join(lines), "[" * 150 + "]" * 150, "[" * 100_000):
        files: dict[str, str | bytes] = {
            "main.tf": HEAD + 'resource "aws_mwaa_environment" "e" {\n  name = "etl"\n  tags = { it = local.it }\n}\n',
            "conf/dev.yaml": text,
        }
        found = environment(files)
        assert plain(found.name) == "etl"
        assert not isinstance(found.tags, Known) or plain(found.tags) is not None
