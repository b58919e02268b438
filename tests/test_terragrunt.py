"""Terragrunt's units: the module each deploys, and inputs from files above, beside and read."""

from __future__ import annotations

import time

import pytest

from mwaalint.model.values import Known
from tests.terraform_projects import arguments, environment, environments, plain, read, written

MODULE = """
variable "name" {}
variable "class" { default = "mw1.small" }
variable "workers" {
  type    = number
  default = 10
}
variable "tags" { default = null }
resource "aws_mwaa_environment" "e" {
  name              = var.name
  environment_class = var.class
  max_workers       = var.workers
  tags              = var.tags
}
"""
Files = dict[str, str | bytes]


def unit(inputs: str, *, source: str = '"../../modules/mwaa"', more: str = "") -> str:
    return f"terraform {{\n  source = {source}\n}}\n{more}\ninputs = {inputs}\n"


def project(unit_text: str, **others: str) -> Files:
    """A unit in live/prod/mwaa, and other files by their paths with ``__`` for a slash and ``_`` before the ending."""
    named = {
        path.replace("__", "/").replace("_hcl", ".hcl").replace("_yaml", ".yaml"): text for path, text in others.items()
    }
    return {"modules/mwaa/main.tf": MODULE, "live/mwaa/terragrunt.hcl": unit_text, **named}


def test_a_unit_gives_its_inputs_to_the_module() -> None:
    found = environment(project(unit('{ name = "etl", workers = "7" }')))
    assert (found.dialect, found.symbol, found.variant) == (
        "terragrunt",
        "aws_mwaa_environment.e",
        "live/mwaa/terragrunt.hcl",
    )
    assert arguments(found) == {"name": "etl", "environment_class": "mw1.small", "max_workers": 7}


def test_each_unit_of_a_module_is_an_environment_and_the_module_alone_is_none() -> None:
    files = project(unit('{ name = "one" }'), live__other__terragrunt_hcl=unit('{ name = "two" }'))
    assert [plain(found.name) for found in environments(files)] == ["one", "two"]


def test_a_unit_without_a_source_deploys_the_files_beside_it() -> None:
    files: Files = {"infra/main.tf": MODULE, "infra/terragrunt.hcl": 'inputs = {\n  name = "etl"\n}\n'}
    assert arguments(environment(files))["name"] == "etl"


@pytest.mark.parametrize(
    "source",
    [
        '"../../modules//mwaa"',
        '"${get_terragrunt_dir()}/../../modules/mwaa"',
        '"${get_repo_root()}//modules/mwaa"',
        '"${get_path_to_repo_root()}//modules/mwaa"',
        '"${dirname(find_in_parent_folders("root.hcl"))}/../modules/mwaa"',
        '"../../modules/${basename(get_terragrunt_dir())}"',
        'format("../../modules/%s", basename(get_path_from_repo_root()))',
    ],
)
def test_a_source_leads_to_a_module_of_the_project(source: str) -> None:
    found = environment(project(unit('{ name = "etl" }', source=source), live__root_hcl="locals {}\n"))
    assert plain(found.name) == "etl"


@pytest.mark.parametrize(
    "source",
    [
        '"git::git@github.com:example/modules.git//mwaa?ref=v1"',
        '"/srv/modules/mwaa"',
        '"../../../elsewhere"',
        "local.unknown",
        "dependency.a.outputs.source",
        "12",
    ],
)
def test_a_source_outside_of_the_project_declares_nothing_and_leaves_the_module_as_it_is(source: str) -> None:
    found = environment(project(unit('{ name = "etl" }', source=source)))
    assert (found.dialect, plain(found.name)) == ("terraform", "? the variable has no default")


@pytest.mark.parametrize(
    ("source", "workers"),
    [
        ('"tfr:///aws-ia/mwaa/aws?version=0.0.6"', 10),
        ('"tfr://registry.terraform.io/cloudposse/mwaa/aws?version=0.4.8"', 10),
        ('"git::https://github.com/cloudposse/terraform-aws-mwaa.git?ref=0.1.0"', "? the module's release decides it"),
        ('"git::https://github.com/cloudposse/terraform-aws-mwaa.git?ref=v0.4.8"', 10),
    ],
)
def test_a_published_module_gets_the_inputs_over_its_defaults(source: str, workers: object) -> None:
    inputs = '{\n  environment_class = "mw1.large"\n  subnet_ids = dependency.vpc.outputs.ids\n}'
    files: Files = {"live/etl/terragrunt.hcl": unit(inputs, source=source)}
    found = environment(files)
    assert (found.dialect, found.symbol, found.variant) == ("terragrunt", "module.etl", "live/etl/terragrunt.hcl")
    assert (plain(found.environment_class), plain(found.max_workers)) == ("mw1.large", workers)
    assert written(files, found.environment_class)[1] == '"mw1.large"'
    assert set(found.declared) == {"environment_class"}


ROOT = """
locals {
  stage = read_terragrunt_config(find_in_parent_folders("stage.hcl"))
}
inputs = {
  name    = "root"
  workers = 3
  tags    = { team = "data", list = ["a"] }
}
"""
INCLUDE = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  %s\n}\n'


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("", {"name": "etl", "environment_class": "mw1.small", "max_workers": 3, "tags": {"list": ["b"]}}),
        (
            'merge_strategy = "deep"',
            {
                "name": "etl",
                "environment_class": "mw1.small",
                "max_workers": 3,
                "tags": {"team": "data", "list": ["a", "b"]},
            },
        ),
        (
            'merge_strategy = "no_merge"',
            {"name": "etl", "environment_class": "mw1.small", "max_workers": 10, "tags": {"list": ["b"]}},
        ),
    ],
)
def test_what_is_included_is_merged_in_the_way_the_block_says(strategy: str, expected: object) -> None:
    text = unit('{ name = "etl", tags = { list = ["b"] } }', more=INCLUDE % strategy)
    assert arguments(environment(project(text, live__root_hcl=ROOT))) == expected


def test_the_source_may_stand_in_what_is_included() -> None:
    root = 'terraform {\n  source = "../../modules//${path_relative_to_include()}"\n}\n'
    found = environment(project(INCLUDE % "" + 'inputs = { name = "etl" }\n', live__root_hcl=root))
    assert plain(found.name) == "etl"


def test_names_of_included_files_and_of_files_that_are_read_are_followed() -> None:
    inputs = """{
  name    = include.root.locals.stage.locals.name
  class   = include.root.locals.stage.inputs.class
  workers = include.root.inputs.workers
  tags    = { from = path_relative_to_include("root"), to = path_relative_from_include() }
}"""
    files = project(
        unit(inputs, more=INCLUDE % "expose = true"),
        live__root_hcl=ROOT,
        live__stage_hcl='locals {\n  name = "prod"\n}\ninputs = {\n  class = "mw1.large"\n}\n',
    )
    assert arguments(environment(files)) == {
        "name": "prod",
        "environment_class": "mw1.large",
        "max_workers": 3,
        "tags": {"from": "mwaa", "to": ".."},
    }


def test_an_include_without_a_label_is_followed() -> None:
    files = project(
        'include {\n  path = "../root.hcl"\n}\n' + unit('{ name = "x-${include.locals.name}" }'),
        live__root_hcl='locals {\n  name = "etl"\n}\n',
    )
    assert plain(environment(files).name) == "x-etl"


def test_a_root_configuration_of_the_same_name_is_no_unit() -> None:
    above = 'terraform {\n  source = "../modules/mwaa"\n}\ninputs = {\n  name = "above"\n}\n'
    text = "include {\n  path = find_in_parent_folders()\n}\n" + unit("{}")
    files = project(text, live__terragrunt_hcl=above)
    assert [plain(found.name) for found in environments(files)] == ["above"]


def test_yaml_and_json_files_are_decoded() -> None:
    text = unit(
        'merge(yamldecode(file("sizes.yaml")), jsondecode(file("${get_repo_root()}/more.json")))',
        source='"../../modules/mwaa"',
    )
    files = project(text, live__mwaa__sizes_yaml="class: mw1.large\nname: yes\n")
    files["more.json"] = '{"workers": 4}'
    found = environment(files)
    assert arguments(found) == {"name": "yes", "environment_class": "mw1.large", "max_workers": 4}
    assert written(files, found.environment_class)[:2] == ("live/mwaa/sizes.yaml", "mw1.large")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("dependency.vpc.outputs.name", "? it is known only when Terragrunt runs"),
        ('get_env("NAME")', "? an environment variable is read only when Terragrunt runs"),
        ('get_env("NAME", "etl")', "etl"),
        ("get_aws_account_id()", "? the function get_aws_account_id is not evaluated"),
        ('run_cmd("date")', "? the function run_cmd is not evaluated"),
        ('read_terragrunt_config("no.hcl")', "? the file is not in the project"),
        ('read_terragrunt_config("no.hcl", { name = "etl" }).name', "etl"),
        ('find_in_parent_folders("no.hcl", "etl")', "etl"),
        ('find_in_parent_folders("no.hcl")', "? the file is not in the project"),
        ("get_terragrunt_dir()", "? it is a path of the machine"),
        ("get_repo_root()", "? it is a path of the machine"),
        ("basename(get_repo_root())", "? it is a path of the machine"),
        ('dirname("a/b")', "a"),
        ("local.nothing", "? the local value nothing is not declared"),
        ("local.circle", "? it refers to itself"),
        ("var.name", "? a unit has no variables"),
        ("include.nothing.locals.x", "? what is included is not in the project"),
        ("values.name", "? it is known only when Terragrunt runs"),
    ],
)
def test_what_only_a_run_tells_is_not_resolved(expression: str, expected: str) -> None:
    text = unit(f"{{ name = {expression} }}", more="locals {\n  circle = local.circle\n}\n")
    assert plain(environment(project(text)).name) == expected


def test_inputs_that_are_not_known_leave_no_default_in_force() -> None:
    found = environment(project(unit("local.all", more="locals {\n  all = run_cmd(1)\n}\n")))
    assert arguments(found) == dict.fromkeys(
        ["name", "environment_class", "max_workers", "tags"], "? the unit's inputs are not known"
    )


def test_variable_files_of_terraform_and_of_terragrunt_go_before_inputs() -> None:
    extra = """
    terraform {
      source = "../../modules/mwaa"
      extra_arguments "vars" {
        commands           = ["plan"]
        required_var_files = ["${get_terragrunt_dir()}/../common.tfvars"]
        optional_var_files = ["none.tfvars"]
      }
    }
    inputs = { name = "etl", class = "mw1.small", workers = 1 }
    """
    files = project(extra)
    files |= {"live/common.tfvars": 'class = "mw1.large"\n', "live/mwaa/terraform.tfvars": "workers = 5\n"}
    assert arguments(environment(files)) == {"name": "etl", "environment_class": "mw1.large", "max_workers": 5}
    unknown = {**files, "live/mwaa/terragrunt.hcl": extra.replace('"none.tfvars"', "run_cmd(1)")}
    assert plain(environment(unknown).max_workers) == "? the unit's inputs are not known"


def test_a_unit_that_is_skipped_deploys_nothing() -> None:
    found = environments(project(unit('{ name = "etl" }', more="skip = true\n")))
    assert [each.dialect for each in found] == ["terraform"]


def test_a_unit_that_is_no_hcl_is_a_problem_only_where_it_matters() -> None:
    broken = unit('{ name = "etl" }') + "locals {\n  x = = 1\n}\n"
    other = unit("{}", source='"../../modules/vpc"') + "x = = 1\n"
    declared = read({**project(broken, live__vpc__terragrunt_hcl=other), "modules/vpc/main.tf": "locals {}\n"})
    assert [problem.primary.path for problem in declared.problems] == ["live/mwaa/terragrunt.hcl"]
    assert [plain(found.name) for found in declared.environments] == ["etl"]


def test_units_without_mwaa_are_not_even_parsed() -> None:
    assert read({"a/terragrunt.hcl": "x = = 1\n", "a/main.tf": "locals {}\n"}).problems == ()


@pytest.mark.parametrize(
    "text",
    [
        'include "root" {\n  path = "../mwaa/terragrunt.hcl"\n}\n',
        'include "root" {\n  path = include.root.locals.x\n}\n',
        'locals {\n  me = read_terragrunt_config("terragrunt.hcl")\n}\n',
        'locals {\n  it = read_terragrunt_config("../a.hcl")\n}\n',
    ],
)
def test_files_that_read_each_other_in_a_circle_end(text: str) -> None:
    files = project(
        unit('merge({ name = "etl" }, try(local.me.inputs, {}), try(local.it.inputs, {}))', more=text),
        live__a_hcl='locals {\n  b = read_terragrunt_config("b.hcl")\n}\ninputs = local.b.inputs\n',
        live__b_hcl='locals {\n  a = read_terragrunt_config("a.hcl")\n}\ninputs = local.a.inputs\n',
    )
    started = time.process_time()
    for found in read(files).environments:
        assert not isinstance(found.max_workers, Known) or found.max_workers.value == 10
    assert time.process_time() - started < 2


def test_hundreds_of_units_are_soon_read() -> None:
    files = project(unit('{ name = "etl" }'), live__root_hcl=ROOT, live__stage_hcl="locals {}\n")
    text = unit("{ name = include.root.locals.stage.locals.x }", source='"../../modules/vpc"', more=INCLUDE % "")
    files |= {f"live/u{number}/terragrunt.hcl": text for number in range(300)}
    started = time.process_time()
    assert len(environments(files)) == 1
    assert time.process_time() - started < 3
