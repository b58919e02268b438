"""Terraform projects that are broken, huge, deep or slow on purpose: no exception, no wrong value, soon done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Role, discover
from mwaalint.findings import Severity
from mwaalint.model.adapters import terraform
from mwaalint.model.values import Known, Unresolved
from mwaalint.source import MAX_BYTES
from tests.terraform_projects import environment, environments, plain, read

if TYPE_CHECKING:
    from pathlib import Path

TOO_COMPLEX = "? it is too complex to evaluate"


def name_with(declarations: str, expression: str) -> object:
    """What an expression gives as an environment's name beside other declarations."""
    block = f'resource "aws_mwaa_environment" "e" {{\n  name = {expression}\n}}\n'
    return plain(environment({"main.tf": block, "others.tf": declarations}).name)


def test_a_file_with_an_error_is_a_problem_and_the_rest_of_it_is_read() -> None:
    declared = read(
        {
            "main.tf": 'resource "aws_mwaa_environment" "e" {\n  name = "etl"\n}\n\nlocals {\n  broken = = 1\n}\n',
        }
    )
    assert [plain(found.name) for found in declared.environments] == ["etl"]
    (problem,) = declared.problems
    assert (problem.code, problem.name, problem.severity) == ("MW001", "not-analyzed", Severity.WARNING)
    assert problem.message == "line 6 is not valid HCL; what it belongs to is not analyzed"
    assert problem.primary.path == "main.tf"


def test_an_argument_with_an_error_is_set_but_not_known() -> None:
    declared = read({"main.tf": 'resource "aws_mwaa_environment" "e" {\n  min_workers = 1e3\n  name = "etl"\n}\n'})
    (found,) = declared.environments
    assert plain(found.min_workers) == "? it is not valid HCL"
    assert len(declared.problems) == 1


@pytest.mark.parametrize("cut", range(10, 190, 9))
def test_a_file_that_was_cut_off_never_gives_a_value_that_was_not_written(cut: int) -> None:
    text = (
        'resource "aws_mwaa_environment" "e" {\n  name = "etl"\n  airflow_version = "2.10.3"\n  max_workers = 25\n'
        '  airflow_configuration_options = { "core.parallelism" = 40 }\n  min_workers = 2\n}\n'
    )
    for found in read({"main.tf": text[:cut]}).environments:
        assert plain(found.name) in ("etl", None, "? it is not valid HCL")
        assert plain(found.airflow_version) in ("2.10.3", None, "? it is not valid HCL")
        assert plain(found.min_workers) in (2, None, "? it is not valid HCL")


def test_files_that_cannot_be_read_are_problems_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_mwaa_environment" "e" {\n  name = "etl"\n}\n')
    (tmp_path / "binary.tf").write_bytes(b"\0\1\2")
    (tmp_path / "huge.tf").write_bytes(b"#" * (MAX_BYTES + 1))
    (tmp_path / "prod.tfvars").write_bytes(b"\0")
    (tmp_path / "terraform.tfvars").write_text('region = "eu-west-1"\n')
    project = discover(tmp_path)
    declared = terraform.read(project.with_role(Role.TERRAFORM), project)
    assert [plain(found.name) for found in declared.environments] == ["etl"]
    assert [(problem.primary.path, problem.message) for problem in declared.problems] == [
        ("binary.tf", "the file is binary: it holds a NUL byte"),
        ("huge.tf", f"the file has {MAX_BYTES + 1:,} bytes; files over {MAX_BYTES:,} bytes are not analyzed"),
        ("prod.tfvars", "the file is binary: it holds a NUL byte"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_an_environment_is_found_in_every_encoding(encoding: str) -> None:
    text = 'resource "aws_mwaa_environment" "e" {\n  name = "été"\n}\n'
    data = text.encode(encoding)
    found = environment({"main.tf": data})
    assert plain(found.name) == "été"


def test_locals_that_refer_to_themselves_end() -> None:
    assert name_with("locals {\n  a = local.a\n}\n", "local.a") == "? it refers to itself"
    assert name_with('locals {\n  a = "x${local.b}"\n  b = local.a\n}\n', "local.a") == "? it refers to itself"
    assert name_with('locals {\n  a = try(local.a, "b")\n}\n', "local.a") == "? it refers to itself"


def test_variables_outputs_and_resources_that_refer_to_themselves_end() -> None:
    assert name_with('variable "a" {\n  default = var.a\n}\n', "var.a") == "? it refers to itself"
    resource = 'resource "aws_x" "a" {\n  name = aws_x.a.name\n}\n'
    assert name_with(resource, "aws_x.a.name") == "? it refers to itself"
    counted = 'resource "aws_x" "a" {\n  count = aws_x.a[0].name\n  name = 1\n}\n'
    assert name_with(counted, "aws_x.a[0].name") == "1"


def test_a_count_that_asks_for_itself_many_times_is_soon_done() -> None:
    asks = " + ".join(["aws_x.a[0].name"] * 8)
    started = time.process_time()
    assert name_with(f'resource "aws_x" "a" {{\n  count = {asks}\n  name = {asks}\n}}\n', "aws_x.a[0].name") in (
        "? it refers to itself",
        "? the instance of the resource is not known",
    )
    assert time.process_time() - started < 1


def test_modules_whose_outputs_feed_each_other_end() -> None:
    found = environment(
        {
            "main.tf": """
            module "a" {
              source = "./m"
              in     = module.b.out
            }
            module "b" {
              source = "./m"
              in     = module.a.out
            }
            resource "aws_mwaa_environment" "e" { name = module.a.out }
            """,
            "m/main.tf": 'variable "in" {}\noutput "out" {\n  value = var.in\n}\n',
        }
    )
    assert plain(found.name) == "? it refers to itself"


def test_a_module_whose_count_depends_on_its_own_output_ends() -> None:
    declared = environments(
        {
            "main.tf": 'module "a" {\n  source = "./m"\n  count = module.a[0].out\n}\n',
            "m/main.tf": 'output "out" {\n  value = 1\n}\nresource "aws_mwaa_environment" "e" {}\n',
        }
    )
    assert [found.symbol for found in declared] == ["module.a.aws_mwaa_environment.e"]


def test_ten_thousand_locals_in_a_chain_are_too_deep_and_no_error() -> None:
    chain = "".join(f"  a{number} = local.a{number + 1}\n" for number in range(10_000))
    assert name_with(f"locals {{\n{chain}  a10000 = 1\n}}\n", "local.a0") == TOO_COMPLEX


def test_chains_as_long_as_people_write_them_are_followed() -> None:
    chain = "".join(f"  a{number} = local.a{number + 1}\n" for number in range(30))
    assert name_with(f'locals {{\n{chain}  a30 = "end"\n}}\n', "local.a0") == "end"


def test_a_chain_of_calls_ends_within_pythons_stack() -> None:
    files: dict[str, str | bytes] = {"main.tf": 'module "m" {\n  source = "./m0"\n  name = "etl"\n}\n'}
    for number in range(40):
        files[f"m{number}/main.tf"] = (
            f'module "m" {{\n  source = "../m{number + 1}"\n  name = "${{var.name}}"\n}}\n'
            'variable "name" {}\nresource "aws_mwaa_environment" "e" {\n  name = var.name\n}\n'
        )
    declared = read(files)
    assert [plain(found.name) for found in declared.environments][:5] == ["etl"] * 5
    assert {plain(found.name) for found in declared.environments} <= {"etl", TOO_COMPLEX}
    assert [(problem.primary.path, problem.message) for problem in declared.problems] == [
        ("m11/main.tf", "modules are nested too deeply here; what this one calls is not analyzed")
    ]


@pytest.mark.parametrize(
    "doubling",
    [
        '"${local.a%d}${local.a%d}"',
        "[local.a%d, local.a%d]",
        "{ x = local.a%d, y = local.a%d }",
        "concat([local.a%d], [local.a%d])",
        "flatten([local.a%d, local.a%d])",
        "jsonencode([local.a%d, local.a%d])",
        "var.unknown ? local.a%d : [local.a%d]",
        "local.a%d == local.a%d ? [1, [local.a0]] : [2]",
        "toset([local.a%d, local.a%d])",
        "merge({ p = local.a%d }, { q = local.a%d })",
    ],
)
def test_values_that_double_at_each_step_stay_small_and_fast(doubling: str) -> None:
    steps = "".join(f"  a{number + 1} = {doubling % (number, number)}\n" for number in range(40))
    started = time.process_time()
    found = environment(
        {
            "main.tf": 'resource "aws_mwaa_environment" "e" {\n  name = "etl"\n  tags = { it = local.a40 }\n}\n',
            "others.tf": f'locals {{\n  a0 = ["x"]\n{steps}}}\nvariable "unknown" {{}}\n',
        }
    )
    assert plain(found.name) == "etl"
    assert isinstance(found.tags, Known | Unresolved)
    assert time.process_time() - started < 5


def test_modules_that_multiply_at_each_call_are_cut_off() -> None:
    files: dict[str, str | bytes] = {"main.tf": 'module "m" {\n  source = "./m0"\n}\n'}
    for number in range(11):
        calls = "".join(f'module "m{copy}" {{\n  source = "../m{number + 1}"\n}}\n' for copy in range(4))
        files[f"m{number}/main.tf"] = calls
    files["m11/main.tf"] = 'resource "aws_mwaa_environment" "e" {}\n'
    started = time.process_time()
    declared = read(files)
    assert 100 < len(declared.environments) <= 2_000
    assert [(problem.primary.path, problem.message) for problem in declared.problems] == [
        ("main.tf", "its modules have over 2,000 instances; the rest is not analyzed")
    ]
    assert time.process_time() - started < 10


def test_a_for_each_of_thousands_is_one_environment_that_is_not_known_in_detail() -> None:
    keys = ", ".join(f'"k{number}"' for number in range(5_000))
    block = f'resource "aws_mwaa_environment" "e" {{\n  for_each = toset([{keys}])\n  name = each.key\n}}\n'
    found = environments({"main.tf": block})
    assert [(declared.symbol, plain(declared.name)) for declared in found] == [
        ("aws_mwaa_environment.e", "? the instances are not known")
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "[" * 10_000 + "]" * 10_000,
        "(" * 10_000 + "1" + ")" * 10_000,
        "1" + "+1" * 10_000,
        "a" + ".b" * 10_000,
        '"${' * 5_000 + "1" + '}"' * 5_000,
        "!" * 10_000 + "true",
    ],
    ids=["lists", "parentheses", "sums", "attributes", "templates", "negations"],
)
def test_an_expression_ten_thousand_levels_deep_is_not_known(expression: str) -> None:
    text = f'resource "aws_mwaa_environment" "e" {{\n  name = "etl"\n}}\nlocals {{\n  deep = {expression}\n}}\n'
    for found in read({"main.tf": text.replace('"etl"', "local.deep")}).environments:
        assert not isinstance(found.name, Known) or isinstance(found.name.value, tuple)
    assert [plain(found.name) for found in read({"main.tf": text}).environments][:1] in (["etl"], [])


def test_json_nested_deeply_is_not_known() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'resource "aws_mwaa_environment" "e" {\n  tags = var.x\n}\nvariable "x" {}\n',
        "terraform.tfvars.json": '{"x": ' + "[" * 300 + "]" * 300 + "}",
    }
    found = environment(files)
    assert plain(found.tags) == "? it is too large"


@pytest.mark.parametrize(
    "source", ['"."', '".."', '"../.."', '"./"', '"./\\u0000"', '""', "null", "[]", '"./${x}"', '"./é"', '"././/m"']
)
def test_a_source_of_any_kind_is_no_error(source: str) -> None:
    files: dict[str, str | bytes] = {
        "a/main.tf": f'module "m" {{\n  source = {source}\n}}\nresource "aws_mwaa_environment" "e" {{}}\n',
        "main.tf": "locals {}\n",
    }
    assert [found.symbol for found in read(files).environments] == ["aws_mwaa_environment.e"]


def test_blocks_with_missing_or_too_many_labels_declare_nothing() -> None:
    text = """
    resource {}
    resource "aws_mwaa_environment" {}
    resource "aws_mwaa_environment" "a" "b" {}
    module {}
    module "mwaa" {}
    variable {}
    output {}
    locals "x" {}
    """
    assert environments({"main.tf": text}) == ()


def test_a_tree_of_four_hundred_files_is_read_within_a_second() -> None:
    files: dict[str, str | bytes] = {
        f"modules/m{number}/main.tf": f'resource "aws_s3_bucket" "b" {{\n  bucket = "bucket-{number}"\n}}\n' * 20
        for number in range(400)
    }
    files["main.tf"] = 'resource "aws_mwaa_environment" "e" {\n  name = "etl"\n}\n'
    started = time.process_time()
    assert [plain(found.name) for found in environments(files)] == ["etl"]
    assert time.process_time() - started < 1


def test_a_project_without_mwaa_is_not_parsed() -> None:
    # It holds what the parser would report as an error.
    assert read({"main.tf": 'resource "aws_s3_bucket" "b" {\n  = \n'}).problems == ()
    assert read({}).environments == ()
