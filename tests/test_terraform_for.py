"""``for`` expressions: lists and maps made of lists and maps, and the environments that come of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.model.values import OneOf
from tests.terraform_projects import environments, plain, read, value_of

VARIABLES = """
variable "list" { default = ["b", "a", "c"] }
variable "map" { default = { y = { on = true, size = "large" }, x = { on = false, size = "small" } } }
variable "unknown" {}
locals {
  sizes = { for name, each in var.map : name => each.size if each.on }
}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[for s in var.list : upper(s)]", ["B", "A", "C"]),
        ('[for s in var.list : s if s != "a"]', ["b", "c"]),
        ("[for k, v in var.map : k]", ["x", "y"]),
        ("[for v in var.map : v.size]", ["small", "large"]),
        ("{ for s in var.list : s => length(s) }", {"b": 1, "a": 1, "c": 1}),
        ('{ for k, v in var.map : "${k}-${v.size}" => v.on }', {"x-small": False, "y-large": True}),
        ("local.sizes", {"y": "large"}),
        ("[for i, s in [1, 2] : i * s]", [0, 2]),
        ("[for a in [1, 2] : [for b in [10, 20] : a * b]]", [[10, 20], [20, 40]]),
        ("[for list in var.list : list]", ["b", "a", "c"]),
        ("{ for s in [{ k = 1, v = 2 }, { k = 1, v = 3 }] : s.k => s.v... }", {"1": [2, 3]}),
        ("[for s in [] : s]", []),
        ("[for s in toset(var.list) : s]", ["a", "b", "c"]),
        ("[for s in var.list : s][1]", "a"),
        ("{ for s in var.list : s => s }.b", "b"),
        ("flatten([for v in var.map : [v.size]])", ["small", "large"]),
    ],
)
def test_a_for_is_computed_as_terraform_does(expression: str, expected: object) -> None:
    assert plain(value_of(expression, VARIABLES)) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("[for s in var.unknown : s]", "the variable has no default"),
        ("[for s in null : s]", "it is no collection"),
        ('[for s in "text" : s]', "it is no collection"),
        ("[for s in var.list : s if var.unknown]", "which elements it keeps is not known"),
        ("{ for s in var.list : var.unknown => s }", "a key of the map is not known"),
        ("{ for s in var.list : [s] => s }", "a key of the map is not known"),
        ('{ for s in var.list : "same" => s }', "two elements have one key"),
        ("[for i, s in var.list : i][0]", "the index is not known"),
        ("[for s in var.list : var.unknown][0]", "the variable has no default"),
        ('[for s in var.unknown == "a" ? ["x"] : ["y"] : s]', "it has several possible values"),
    ],
)
def test_what_a_for_does_not_tell_is_not_resolved(expression: str, reason: str) -> None:
    assert plain(value_of(expression, VARIABLES)) == f"? {reason}"


def test_an_element_that_is_not_known_leaves_the_others() -> None:
    found = plain(value_of('[for s in ["a", var.unknown] : "x-${s}"]', VARIABLES))
    assert found == ["x-a", "? the variable has no default"]


def test_the_name_of_a_for_hides_nothing_outside_of_it() -> None:
    assert plain(value_of("[[for var in [1] : var], var.list[0]]", VARIABLES)) == [[1], "b"]


def test_a_for_each_over_a_for_makes_the_environments_that_are_kept() -> None:
    declared = environments(
        {
            "main.tf": """
            variable "stages" {
              default = [
                { name = "dev", enabled = true, size = "mw1.small" },
                { name = "test", enabled = false, size = "mw1.small" },
                { name = "prod", enabled = true, size = "mw1.large" },
              ]
            }
            resource "aws_mwaa_environment" "e" {
              for_each          = { for stage in var.stages : stage.name => stage if stage.enabled }
              name              = "etl-${each.key}"
              environment_class = each.value.size
            }
            """
        }
    )
    assert [(found.symbol, plain(found.name), plain(found.environment_class)) for found in declared] == [
        ('aws_mwaa_environment.e["dev"]', "etl-dev", "mw1.small"),
        ('aws_mwaa_environment.e["prod"]', "etl-prod", "mw1.large"),
    ]


def test_a_map_by_the_workspace_keeps_every_possibility() -> None:
    sizes = "{ for stage, size in { dev = 1, prod = 2 } : stage => size * 10 }[terraform.workspace]"
    found = value_of(sizes)
    assert isinstance(found, OneOf)
    assert {option.value for option in found.options} == {10, 20}


@pytest.mark.parametrize(
    "files",
    [
        'fileset("dags", "**")',
        '{ for f in fileset("dags", "**") : f => f }',
        'toset([for f in fileset("dags", "**") : f])',
    ],
)
def test_files_that_go_through_a_for_are_uploaded(files: str) -> None:
    declared = read(
        {
            "main.tf": f'resource "aws_s3_object" "dags" {{\n  for_each = {files}\n  key = "dags/${{each.value}}"\n'
            '  source = "dags/${each.value}"\n}\nlocals {\n  airflow = 1\n}\n',
        }
    )
    assert [(upload.source, upload.key, upload.recursive) for upload in declared.uploads] == [("dags", "dags", True)]


def test_files_that_a_for_filters_or_renames_are_not_known() -> None:
    for body in ('f => f if endswith(f, ".py")', "f => upper(f)", "upper(f) => f"):
        block = f'  for_each = {{ for f in fileset("dags", "**") : {body} }}\n  key = "d/${{each.value}}"\n'
        text = f'resource "aws_s3_object" "dags" {{\n{block}  source = "dags/${{each.value}}"\n}}\n# airflow\n'
        assert read({"main.tf": text}).uploads == ()


def test_loops_within_loops_end_within_the_budget() -> None:
    many = "[" + ", ".join(map(str, range(100))) + "]"
    loop = f"[for a in {many} : [for b in {many} : [for c in {many} : a + b + c]]]"
    text = f'resource "aws_mwaa_environment" "e" {{\n  name = "etl"\n  tags = {{ it = {loop} }}\n}}\n'
    (found,) = read({"main.tf": text}).environments
    assert plain(found.name) == "etl"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(-20, 20), max_size=6), st.integers(-20, 20), st.integers(-3, 3))
def test_a_for_agrees_with_a_comprehension(numbers: list[int], least: int, factor: int) -> None:
    listed = "[" + ", ".join(map(str, numbers)) + "]"
    assert plain(value_of(f"[for n in {listed} : n * {factor} if n >= {least}]")) == [
        number * factor for number in numbers if number >= least
    ]
    grouped: dict[str, list[int]] = {}
    for number in numbers:
        grouped.setdefault(str(number % 3), []).append(number)
    if all(number >= 0 for number in numbers):
        assert plain(value_of(f"{{ for n in {listed} : n % 3 => n... }}")) == grouped
