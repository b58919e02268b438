"""Environments in the JSON of MWAA's API: told from other JSON by several of its keys, read with every place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Role, discover
from mwaalint.model.adapters import environment_json
from mwaalint.model.values import Unresolved
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain, stated

if TYPE_CHECKING:
    from mwaalint.model.environment import Declarations, Environment

CREATE = {
    "Name": "etl",
    "AirflowVersion": "2.10.3",
    "DagS3Path": "dags",
    "ExecutionRoleArn": "arn:aws:iam::111122223333:role/etl",
    "NetworkConfiguration": {"SubnetIds": ["subnet-1", "subnet-2"]},
    "SourceBucketArn": "arn:aws:s3:::etl",
}
UNTOLD = "? an update that does not name it leaves it as it is"


def declarations(root: Path, **files: object) -> Declarations:
    """What JSON files declare that are found by their content; text is written as it is."""
    for name, content in files.items():
        path = root / (name.replace("__", "/") + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    project = discover(root)
    return environment_json.read(project.with_role(Role.ENVIRONMENT_JSON), project)


def environment(root: Path, content: object) -> Environment:
    (only,) = declarations(root, mwaa=content).environments
    return only


def test_an_answer_of_get_environment_states_what_is_set_and_leaves_out_what_mwaa_reports(tmp_path: Path) -> None:
    answer = {
        "Environment": {
            "Name": "etl",
            "Arn": "arn:aws:airflow:eu-west-1:111122223333:environment/etl",
            "Status": "AVAILABLE",
            "WebserverUrl": "x.airflow.amazonaws.com",
            "LastUpdate": {"Status": "SUCCESS", "WorkerReplacementStrategy": "FORCED"},
            "EnvironmentClass": "mw1.small",
            "DagS3Path": "dags",
            "LoggingConfiguration": {
                "TaskLogs": {"Enabled": True, "LogLevel": "INFO", "CloudWatchLogGroupArn": "arn:aws:logs:::x"},
                "WorkerLogs": {"Enabled": False},
            },
        }
    }
    found = environment(tmp_path, answer)
    assert (found.symbol, found.dialect, found.label) == ("mwaa.json:Environment", "environment-json", "etl")
    assert stated(found) == {
        "name": "etl",
        "environment_class": "mw1.small",
        "dag_s3_path": "dags",
        "logging_configuration": {
            "task_logs": {"enabled": True, "log_level": "INFO"},
            "worker_logs": {"enabled": False},
        },
    }


def test_a_body_with_all_that_creating_needs_leaves_the_rest_at_the_defaults(tmp_path: Path) -> None:
    assert stated(environment(tmp_path, CREATE)) == {
        "name": "etl",
        "airflow_version": "2.10.3",
        "dag_s3_path": "dags",
        "execution_role_arn": "arn:aws:iam::111122223333:role/etl",
        "network_configuration": {"subnet_ids": ["subnet-1", "subnet-2"]},
        "source_bucket_arn": "arn:aws:s3:::etl",
    }


def test_a_body_that_could_not_create_is_an_update_and_tells_nothing_of_the_rest(tmp_path: Path) -> None:
    found = environment(tmp_path, {"Name": "etl", "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"})
    assert plain(found.airflow_version) == "2.10.3"
    assert plain(found.max_workers) == UNTOLD
    assert {plain(value) for value in (found.requirements_s3_path, found.tags, found.dag_s3_path)} == {UNTOLD}
    assert isinstance(found.min_workers, Unresolved)
    assert found.where("min_workers") == found.location


def test_null_is_not_set(tmp_path: Path) -> None:
    found = environment(tmp_path, {**CREATE, "MaxWorkers": None, "Tags": {"Stage": None, "Team": "etl"}})
    assert plain(found.max_workers) is None
    assert plain(found.tags) == {"Team": "etl"}


def test_counts_may_be_written_as_text(tmp_path: Path) -> None:
    assert plain(environment(tmp_path, {**CREATE, "MaxWorkers": "7"}).max_workers) == 7


def test_places_are_those_of_the_keys_and_of_the_values(tmp_path: Path) -> None:
    text = '{\r\n\t"Name": "étl",\r\n\t"EnvironmentClass": "mw1.small", "DagS3Path": "dags"\r\n}\r\n'
    (tmp_path / "mwaa.json").write_bytes(text.encode())
    project = discover(tmp_path)
    file = project.files["mwaa.json"]
    (found,) = environment_json.read([file], project).environments
    place = found.where("environment_class")
    assert (file.slice(place.span), place.symbol) == ('"mw1.small"', "EnvironmentClass")
    assert file.position(place.span.start) == (3, 22)
    assert file.slice(found.declared["dag_s3_path"].span) == '"DagS3Path"'
    assert file.slice(found.location.span) == '"étl"'


@pytest.mark.parametrize(
    "content",
    [
        {"Name": "etl", "EnvironmentClass": "mw1.small"},
        {"Name": "etl", "DagS3Path": "dags", "Bucket": "x"},
        {"AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"},
        {"Name": "", "AirflowVersion": "", "EnvironmentClass": ""},
        {"Name": 7, "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"},
        {"Name": ["etl"], "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"},
        {"name": "etl", "airflowVersion": "2.10.3", "environmentClass": "mw1.small"},
        {"mwaa": {"Name": "etl", "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"}},
        {"Environment": [{"Name": "etl", "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"}]},
        [{"Name": "etl", "AirflowVersion": "2.10.3", "EnvironmentClass": "mw1.small"}],
        {"Resources": {"X": {"Type": "AWS::MWAA::Environment", "Properties": CREATE}}},
        {**CREATE, "Description": "like AWS::MWAA::Environment"},
        '"DagS3Path" "EnvironmentClass"',
        "",
    ],
)
def test_other_json_is_no_environment(tmp_path: Path, content: object) -> None:
    assert declarations(tmp_path, mwaa=content).environments == ()


def test_recorded_answers_of_tests_deploy_nothing(tmp_path: Path) -> None:
    read = declarations(tmp_path, tests__answer=CREATE, deploy__body={**CREATE, "Name": "real"})
    assert [each.label for each in read.environments] == ["real"]


def test_a_file_that_is_no_json_is_said_once_and_the_others_are_read(tmp_path: Path) -> None:
    read = declarations(tmp_path, a='{"DagS3Path": "dags", "EnvironmentClass": ', b=CREATE)
    assert [each.label for each in read.environments] == ["etl"]
    assert [(problem.code, problem.primary.path) for problem in read.problems] == [("MW001", "a.json")]


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"\0",
        b'{"DagS3Path": ' * 5_000,
        b'{"Name": "x", "DagS3Path": ' + b"[" * 150 + b"]" * 150 + b', "EnvironmentClass": "\\ud83d"}',
        b'{"Name": "x", "EnvironmentClass": {"a": 1}, "DagS3Path": [], "NetworkConfiguration": 3}',
        b'{"Name": "x", "LoggingConfiguration": {"TaskLogs": 1}, "AirflowVersion": 1e999, "EnvironmentClass": null}',
        b'{"Name": "x", "Name": "y", "DagS3Path": "a", "DagS3Path": "b", "EnvironmentClass": "' + b"x" * 50_000 + b'"}',
    ],
)
def test_hostile_files_never_raise(content: bytes) -> None:
    file = SourceFile("x.json", Path("x.json"), content)
    read = environment_json.read([file], discover(Path(__file__).parent / "fixtures" / "cloudformation"))
    assert len(read.environments) + len(read.problems) == 1
