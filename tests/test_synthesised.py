"""A CDK app and the templates of its ``cdk.out`` declare each environment once."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import discover
from mwaalint.findings import Location
from mwaalint.model.declared import declarations
from mwaalint.model.environment import Environment
from mwaalint.model.synthesised import declared_once
from mwaalint.model.values import Known, Unresolved, Value
from tests.test_cloudformation import plain

if TYPE_CHECKING:
    from pathlib import Path

HERE = Location("x")
NEW, OLD = Known("2.10.3", HERE), Known("2.9.2", HERE)
UNKNOWN = Unresolved("x()", "it is only known when the app runs", HERE)


def source(construct: str = "Mwaa", path: str = "app.py", version: Value = NEW) -> Environment:
    symbol = f"mwaa.CfnEnvironment.{construct}" if construct else "mwaa.CfnEnvironment"
    return Environment(symbol, "cdk-python", Location(path), airflow_version=version)


def output(logical_id: str = "Mwaa", folder: str = "cdk.out", version: Value = OLD) -> Environment:
    return Environment(logical_id, "cloudformation", Location(f"{folder}/Stack.template.json"), airflow_version=version)


def test_the_source_goes_before_its_template() -> None:
    code = source()
    assert declared_once([output(), code]) == (code,)


def test_a_source_that_does_not_tell_the_version_yields_to_its_templates() -> None:
    templates = [output("DevMwaa0A1B2C3D"), output("ProdMwaa4E5F6A7B")]
    assert declared_once([source(version=UNKNOWN), *templates]) == tuple(templates)


def test_a_template_that_tells_no_more_yields_to_the_source() -> None:
    code = source(version=UNKNOWN)
    assert declared_once([output(version=UNKNOWN), code]) == (code,)


def test_each_environment_of_an_app_has_its_own_twin() -> None:
    known, unknown = source("EtlMwaa"), source("Ml-Mwaa", version=UNKNOWN)
    etl, ml, other = output("EtlMwaa"), output("StackMlMwaa01234567"), output("Reports")
    assert declared_once([known, unknown, etl, ml, other]) == (known, ml, other)


def test_a_source_whose_construct_has_no_known_id_may_be_any_template() -> None:
    code = source("")
    assert declared_once([code, output("One"), output("Two")]) == (code,)


@pytest.mark.parametrize(
    "others",
    [
        [source(path="other/app.py"), output(folder="infra/cdk.out")],
        [source(), output(folder="templates")],
        [output("One"), output("Two")],
        [Environment("a.b", "terraform", Location("main.tf")), output()],
    ],
)
def test_what_is_not_of_one_app_stays(others: list[Environment]) -> None:
    assert declared_once(others) == tuple(others)


def test_the_nearest_app_around_a_source_is_its_own() -> None:
    code, near, far = source(path="infra/app/stack.py"), output(folder="infra/cdk.out"), output()
    assert declared_once([code, near, far]) == (code, far)


def app(root: Path, version: str) -> Path:
    template = {
        "Resources": {
            "Mwaa": {
                "Type": "AWS::MWAA::Environment",
                "Properties": {"Name": "etl", "AirflowVersion": "2.9.2", "EnvironmentClass": "mw1.small"},
            }
        }
    }
    (root / "cdk.out").mkdir()
    (root / "cdk.out" / "Etl.template.json").write_text(json.dumps(template))
    (root / "app.py").write_text(
        "from aws_cdk import aws_mwaa\n"
        f"aws_mwaa.CfnEnvironment(app, 'Mwaa', airflow_version={version}, environment_class='mw1.small')\n"
    )
    return root


def versions(root: Path) -> list[tuple[str, object]]:
    found = declarations(discover(root)).environments
    return [(each.location.path, plain(each.airflow_version)) for each in found]


def test_committed_templates_stand_in_for_code_that_cannot_be_followed(tmp_path: Path) -> None:
    root = app(tmp_path, "version()")
    subprocess.run(["git", "-C", str(root), "init", "-q"], check=True)
    assert versions(root) == [("cdk.out/Etl.template.json", "2.9.2")]
    app_py = root / "app.py"
    app_py.write_text(app_py.read_text().replace("version()", "'2.10.3'"))
    assert versions(root) == [("app.py", "2.10.3")]


def test_templates_that_git_ignores_are_not_read_and_no_more_are_those_of_a_tree_without_git(tmp_path: Path) -> None:
    root = app(tmp_path, "version()")
    assert versions(root) == [("app.py", "? it is only known when the app runs")]
    (root / ".gitignore").write_text("cdk.out\n")
    subprocess.run(["git", "-C", str(root), "init", "-q"], check=True)
    assert versions(root) == [("app.py", "? it is only known when the app runs")]


def test_who_names_the_folder_of_the_templates_wants_them_read(tmp_path: Path) -> None:
    assert versions(app(tmp_path, "version()") / "cdk.out") == [("Etl.template.json", "2.9.2")]
