"""Plans and states as ``terraform show -json`` prints them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from mwaalint.discover import Role, discover
from mwaalint.model.adapters import terraform_plan
from mwaalint.model.declared import declarations
from mwaalint.model.environment import Declarations, Environment
from mwaalint.model.values import is_set
from mwaalint.source import SourceFile
from tests.terraform_projects import ROOT, arguments, plain, project

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "aws_mwaa_environment.etl"


def resource(address: str = ADDRESS, **values: object) -> dict[str, Any]:
    return {"address": address, "mode": "managed", "type": "aws_mwaa_environment", "name": "etl", "values": values}


def plan(
    *resources: dict[str, Any], unknown: dict[str, object] | None = None, configured: list[str] | None = None
) -> dict[str, Any]:
    change = {"actions": ["create"], "after_unknown": unknown or {}}
    found: dict[str, Any] = {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": list(resources)}},
        "resource_changes": [{"address": each["address"], "change": change} for each in resources],
    }
    if configured is not None:
        expressions: dict[str, object] = {name: {} for name in configured}
        block = {"address": ADDRESS, "type": "aws_mwaa_environment", "name": "etl", "expressions": expressions}
        found["configuration"] = {"root_module": {"resources": [block]}}
    return found


def read(data: object, path: str = "plan.json") -> Declarations:
    text = data if isinstance(data, str) else json.dumps(data)
    return terraform_plan.read([SourceFile(path, ROOT / path, text.encode())], project({}))


def only(data: object) -> Environment:
    (found,) = read(data).environments
    return found


def test_a_state_gives_its_values_and_no_zeros_that_nobody_wrote() -> None:
    etl = resource(name="etl", max_workers=7, min_webservers=0, plugins_s3_path="", kms_key=None, tags={})
    state = {"format_version": "1.0", "terraform_version": "1.9.8", "values": {"root_module": {"resources": [etl]}}}
    assert arguments(only(state)) == {"name": "etl", "max_workers": 7, "tags": {}}


def test_modules_within_modules_are_read() -> None:
    data = plan()
    inner = {"address": "module.a.module.b[0]", "resources": [resource("module.a.module.b[0].aws_mwaa_environment.x")]}
    data["planned_values"]["root_module"] = {
        "resources": [resource()],
        "child_modules": [
            {
                "address": "module.a",
                "resources": [resource("module.a.aws_mwaa_environment.y")],
                "child_modules": [inner],
            }
        ],
    }
    assert [found.symbol for found in read(data).environments] == [
        ADDRESS,
        "module.a.aws_mwaa_environment.y",
        "module.a.module.b[0].aws_mwaa_environment.x",
    ]


def test_what_is_known_only_after_apply_is_not_resolved_where_it_is_configured() -> None:
    unknown: dict[str, object] = {"execution_role_arn": True, "airflow_version": True, "environment_class": True}
    found = only(plan(resource(name="etl"), unknown=unknown, configured=["name", "execution_role_arn"]))
    assert arguments(found) == {"name": "etl", "execution_role_arn": "? it is known only after apply"}
    assert set(found.declared) == {"name", "execution_role_arn"}


def test_without_a_configuration_nobody_knows_what_is_configured() -> None:
    found = only(plan(resource(), unknown={"airflow_version": True}))
    assert plain(found.airflow_version) == "? it is known only after apply"


def test_a_part_of_a_block_or_map_may_be_known_only_after_apply() -> None:
    values: dict[str, Any] = {
        "network_configuration": [{"subnet_ids": ["subnet-1", None]}],
        "airflow_configuration_options": {"core.parallelism": "40"},
        "logging_configuration": [{"task_logs": [{"enabled": True}]}],
    }
    unknown: dict[str, object] = {
        "network_configuration": [{"subnet_ids": [False, True], "security_group_ids": True}],
        "airflow_configuration_options": {"smtp.smtp_host": True},
        "logging_configuration": [{"task_logs": [{"cloud_watch_log_group_arn": True, "log_level": True}]}],
    }
    found = only(plan(resource(**values), unknown=unknown, configured=list(values)))
    later = "? it is known only after apply"
    assert arguments(found) == {
        "network_configuration": {"subnet_ids": later, "security_group_ids": later},
        "airflow_configuration_options": {"core.parallelism": "40", "smtp.smtp_host": later},
        "logging_configuration": {"task_logs": {"enabled": True, "log_level": later}},
    }


def test_instances_of_one_block_share_its_configuration() -> None:
    address = 'module.m["a.b[0]"].aws_mwaa_environment.etl[1]'
    data = plan(resource(address), unknown={"kms_key": True, "schedulers": True})
    block = {"type": "aws_mwaa_environment", "name": "etl", "expressions": {"kms_key": {}}}
    data["configuration"] = {"root_module": {"module_calls": {"m": {"module": {"resources": [block]}}}}}
    found = only(data)
    assert found.symbol == address
    assert (is_set(found.kms_key), is_set(found.schedulers)) == (True, False)


def test_values_know_their_place_in_the_file() -> None:
    text = json.dumps(plan(resource(environment_class="mw1.small")))
    found = only(text)
    file = SourceFile("plan.json", ROOT / "plan.json", text.encode())
    assert file.slice(found.where("environment_class").span) == '"mw1.small"'
    assert file.slice(found.location.span) == f'"{ADDRESS}"'
    assert found.where("environment_class").symbol == f"{ADDRESS}.environment_class"


def test_data_sources_and_other_resources_are_no_environments() -> None:
    data = plan({**resource(), "mode": "data"}, {**resource(), "type": "aws_s3_bucket"})
    assert read(data).environments == ()


@pytest.mark.parametrize(
    "value", [[], {}, "x", 1, None, [[]], [{}], {"root_module": []}, {"root_module": {"resources": {}}}]
)
def test_sections_of_any_shape_are_no_error(value: object) -> None:
    names = ("planned_values", "values", "resource_changes", "configuration")
    assert read(dict.fromkeys(names, value)) == Declarations()
    assert (
        len(read({**plan(resource(name="etl")), "resource_changes": value, "configuration": value}).environments) == 1
    )


def test_a_plan_that_is_cut_off_is_a_problem() -> None:
    (problem,) = read('{"format_version": "1.2", "planned_values": {"root_module": {').problems
    assert problem.code == "MW001"
    assert problem.primary.path == "plan.json"


def test_depth_is_a_problem_and_no_error() -> None:
    (problem,) = read('{"planned_values":' * 50_000 + "{}" + "}" * 50_000).problems
    assert "it nests deeper than 200 levels" in problem.message


def test_a_plan_of_thousands_of_resources_is_soon_read() -> None:
    others = [{**resource(f"aws_s3_bucket.b[{number}]"), "type": "aws_s3_bucket"} for number in range(3_000)]
    environments = [resource(f"{ADDRESS}[{number}]", name=f"etl-{number}") for number in range(500)]
    started = time.process_time()
    assert len(read(plan(*others, *environments)).environments) == 500
    assert time.process_time() - started < 5


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).write_text(text)


def test_plans_are_found_by_what_is_in_them(tmp_path: Path) -> None:
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [resource(name="etl")]}}}
    write(
        tmp_path,
        {
            "prod.json": json.dumps(plan(resource(name="etl"))),
            "state.json": json.dumps(state, separators=(",", ":")),
            "other.json": json.dumps({"format_version": "1.2"}),
            "main.tf.json": json.dumps(
                {"resource": {"aws_mwaa_environment": {"e": {"tags": {"format_version": "1"}}}}}
            ),
        },
    )
    found = discover(tmp_path)
    assert [file.path for file in found.with_role(Role.TERRAFORM_PLAN)] == ["prod.json", "state.json"]
    assert [each.dialect for each in declarations(found).environments] == ["terraform-json", *["terraform-plan"] * 2]


HCL = (
    'resource "aws_mwaa_environment" "etl" {\n  count = 1\n  name = "etl"\n  airflow_version = %s\n}\nvariable "v" {}\n'
)


@pytest.mark.parametrize(
    ("version", "dialect"), [('"2.10.3"', "terraform"), ("null", "terraform"), ("var.v", "terraform-plan")]
)
def test_a_plan_beside_its_source_is_the_same_environment(tmp_path: Path, version: str, dialect: str) -> None:
    planned = json.dumps(plan(resource(f"{ADDRESS}[0]", name="etl", airflow_version="2.9.2")))
    write(tmp_path, {"main.tf": HCL % version, "plan.json": planned})
    assert [found.dialect for found in declarations(discover(tmp_path)).environments] == [dialect]


def test_a_plan_of_another_environment_is_kept(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": HCL % '"2.10.3"', "plan.json": json.dumps(plan(resource("aws_mwaa_environment.ml")))})
    assert len(declarations(discover(tmp_path)).environments) == 2
