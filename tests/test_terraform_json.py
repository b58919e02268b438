"""Terraform's JSON syntax gives what the same configuration gives in HCL."""

from __future__ import annotations

import json

import pytest

from mwaalint.model.values import Known
from tests.terraform_projects import arguments, environment, environments, plain, read, value_of, written


def module(**blocks: object) -> str:
    return json.dumps(blocks, indent=2)


def mwaa(**arguments: object) -> dict[str, object]:
    return {"aws_mwaa_environment": {"etl": arguments}}


@pytest.mark.parametrize(
    ("text", "hcl"),
    [
        ("plain", '"plain"'),
        ("${var.stage}", "var.stage"),
        ("etl-${var.stage}", '"etl-${var.stage}"'),
        ("${var.sizes[var.stage]}", "var.sizes[var.stage]"),
        ('${var.stage == "prod" ? 4 : 2}', 'var.stage == "prod" ? 4 : 2'),
        ("${upper(var.stage)}!", '"${upper(var.stage)}!"'),
        ("$${var.stage}", '"$${var.stage}"'),
        ("C:\\new\\table", '"C:\\\\new\\\\table"'),
        ('say "hi" to ${var.stage}', '"say \\"hi\\" to ${var.stage}"'),
        ("two\nlines of ${var.stage}\n", '"two\\nlines of ${var.stage}\\n"'),
        ("${var.stage}\n", '"${var.stage}\\n"'),
        ("%{ if true }x%{ endif }", '"%{ if true }x%{ endif }"'),
        ("${", '"${"'),
        ("{not: a template}", '"{not: a template}"'),
        ("", '""'),
        (12, "12"),
        (1.5, "1.5"),
        (False, "false"),
        (None, "null"),
        (["${var.stage}", 1], "[var.stage, 1]"),
        ({"a-${var.stage}": {"b": "${1 + 1}"}}, '{ "a-${var.stage}" = { b = 1 + 1 } }'),
        ("${aws_s3_bucket.b.arn}", "aws_s3_bucket.b.arn"),
        ("été ${var.stage}", '"été ${var.stage}"'),
    ],
)
def test_a_json_value_is_the_expression_it_stands_for(text: object, hcl: str) -> None:
    variables = 'variable "stage" {\n  default = "prod"\n}\nvariable "sizes" {\n  default = { prod = "mw1.large" }\n}\n'
    tags = environment({"main.tf.json": module(resource=mwaa(tags={"it": text})), "variables.tf": variables}).tags
    assert isinstance(tags, Known)
    assert isinstance(tags.value, dict)
    found = plain(tags.value["it"])
    if hcl == '"${"':
        assert found == "? it is not valid HCL"
    else:
        assert found == plain(value_of(hcl, variables))


def test_variables_have_types_and_defaults_and_tfvars_set_them() -> None:
    files: dict[str, str | bytes] = {
        "main.tf.json": module(
            variable={
                "workers": {"type": "object({ min = number, max = optional(number, 7) })"},
                "name": [{"default": "etl"}],
            },
            locals=[{"suffix": "${var.name}-x"}, {"other": 1}],
            resource=mwaa(name="${local.suffix}", min_workers="${var.workers.min}", max_workers="${var.workers.max}"),
        ),
        "terraform.tfvars.json": '{"workers": {"min": "3"}}',
    }
    assert arguments(environment(files)) == {"name": "etl-x", "min_workers": 3, "max_workers": 7}


def test_json_and_hcl_make_one_module_and_call_each_other() -> None:
    found = environment(
        {
            "main.tf.json": module(
                module={"mwaa": {"source": "./modules/mwaa", "size": "mw1.large", "dags": "${local.dags}"}}
            ),
            "locals.tf": 'locals {\n  dags = "dags/etl"\n}\n',
            "modules/mwaa/main.tf.json": module(
                resource=mwaa(environment_class="${var.size}", dag_s3_path="${var.dags}")
            ),
            "modules/mwaa/variables.tf": 'variable "size" {}\nvariable "dags" {}\n',
        }
    )
    assert found.symbol == "module.mwaa.aws_mwaa_environment.etl"
    assert arguments(found) == {"environment_class": "mw1.large", "dag_s3_path": "dags/etl"}


def test_a_published_module_is_known_in_json_too() -> None:
    call = {"source": "aws-ia/mwaa/aws", "name": "etl", "environment_class": "mw1.small"}
    found = environment({"main.tf.json": module(module={"mwaa": call})})
    assert (found.dialect, found.symbol) == ("terraform-json", "module.mwaa")
    assert (plain(found.name), plain(found.environment_class), plain(found.max_workers)) == ("etl", "mw1.small", 10)


def test_count_and_for_each_and_ignored_changes_work() -> None:
    found = environments(
        {
            "main.tf.json": module(
                resource={
                    "aws_mwaa_environment": [
                        {
                            "etl": {
                                "for_each": {"dev": 1, "prod": 9},
                                "name": "etl-${each.key}",
                                "max_workers": "${each.value}",
                                "lifecycle": {"ignore_changes": ["tags", "max_workers"]},
                            }
                        },
                        {"none": {"count": 0}},
                    ]
                }
            )
        }
    )
    assert [(plain(one.name), plain(one.max_workers)) for one in found] == [("etl-dev", 1), ("etl-prod", 9)]
    assert found[0].ignored_changes == {"tags", "max_workers"}


def test_nested_blocks_are_objects_or_lists_of_one() -> None:
    for shape in ({"subnet_ids": ["a", "b"]}, [{"subnet_ids": ["a", "b"]}]):
        found = environment({"main.tf.json": module(resource=mwaa(network_configuration=shape))})
        assert plain(found.network_configuration) == {"subnet_ids": ["a", "b"]}


def test_a_dynamic_block_is_not_known() -> None:
    block = {"dynamic": {"logging_configuration": {"for_each": [1], "content": {}}}}
    found = environment({"main.tf.json": module(resource=mwaa(**block))})
    assert plain(found.logging_configuration) == "? a dynamic block is not analyzed"


def test_an_override_in_json_changes_what_it_names() -> None:
    files: dict[str, str | bytes] = {
        "infra/main.tf": 'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n  max_workers = 9\n}\n',
        "infra/override.tf.json": module(resource=mwaa(max_workers=2)),
    }
    assert arguments(environment(files)) == {"name": "etl", "max_workers": 2}


def test_values_are_written_where_the_string_stands() -> None:
    files: dict[str, str | bytes] = {
        "main.tf.json": module(locals={"size": "mw1.large"}, resource=mwaa(environment_class="${local.size}"))
    }
    found = environment(files)
    assert written(files, found.environment_class) == ("main.tf.json", '"mw1.large"', "local.size")


def test_comments_and_unknown_sections_are_passed_over() -> None:
    blocks: dict[str, object] = {"//": "why", "made_up": {"a": {"b": 1}}, "resource": {"//": "why", **mwaa(name="etl")}}
    assert plain(environment({"main.tf.json": module(**blocks)}).name) == "etl"
    assert len(environments({"main.tf.json": json.dumps([blocks, {"locals": {}}])})) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"resource": ', "the file is not valid JSON"),
        ("# aws_mwaa_environment", "the file is not valid JSON"),
        ('{"aws_mwaa_environment":' + "[" * 5_000 + "]" * 5_000 + "}", "it nests deeper than 200 levels"),
    ],
)
def test_a_file_that_is_no_json_is_a_problem_and_the_others_are_read(text: str, message: str) -> None:
    declared = read({"a.tf.json": text, "main.tf": 'resource "aws_mwaa_environment" "e" {}\n'})
    assert [(problem.primary.path, problem.message) for problem in declared.problems] == [("a.tf.json", message)]
    assert len(declared.environments) == 1


@pytest.mark.parametrize("value", [[], {}, "x", 1, None, [[]], [{}], {"a": []}, {"a": {"b": []}}, {"a": {"b": "c"}}])
def test_sections_of_any_shape_are_no_error(value: object) -> None:
    kinds = ("resource", "module", "variable", "output", "locals", "data", "provider", "terraform")
    text = module(**dict.fromkeys(kinds, value), about="aws_mwaa_environment")
    assert environments({"main.tf.json": text}) == ()


def test_nesting_is_cut_off_before_pythons_stack_is() -> None:
    deep: object = "x"
    for _ in range(90):
        deep = {"a": [deep]}
    text = module(resource=mwaa(name="etl", tags=deep), locals={"deep": deep})
    assert plain(environment({"main.tf.json": text}).name) == "etl"


def test_a_marker_of_ours_in_a_text_is_no_way_out() -> None:
    found = environment({"main.tf.json": module(resource=mwaa(name="a\nEND_OF_THE_TEMPLATE\n${1}"))})
    assert plain(found.name) == "? it is not analyzed"
