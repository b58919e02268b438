"""MW851: which two lists of requirements belong together, and which of their lines differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local_runners import COMPOSE, found, runner

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
resource "aws_mwaa_environment" "etl" {
  name                 = "etl"
  airflow_version      = "2.10.3"
  requirements_s3_path = "requirements.txt"
}
resource "aws_s3_object" "requirements" {
  key    = "requirements.txt"
  source = "mwaa/requirements.txt"
}
"""
MOUNT = "volumes:\n  - {}:/usr/local/airflow/requirements"
HERE = "${PWD}/requirements"
DEPLOYED, TRIED = "mwaa/requirements.txt", "requirements/requirements.txt"


def differ(
    root: Path, tried: str, deployed: str, *, source: str = HERE, body: str = "", **others: str
) -> list[tuple[str, str]]:
    """What the rule reports: the path, and what the message says is tried and installed."""
    files = {"main.tf": MAIN, DEPLOYED: deployed, TRIED: tried, COMPOSE: runner(body or MOUNT.format(source))}
    files |= {name.replace("__", "/").replace("_", "."): text for name, text in others.items()}
    return [
        (each.primary.path, f"{each.args['tried']} {each.args['deployed']}{each.args['more']}")
        for each in found(root, files, "MW851")
    ]


def test_another_version_of_one_package(tmp_path: Path) -> None:
    assert differ(tmp_path, "pandas==2.2.2\nsix==1.16.0\n", "six==1.16.0\npandas==1.5.3\n") == [
        (TRIED, "pandas==2.2.2 pandas==1.5.3")
    ]


def test_several_are_one_finding(tmp_path: Path) -> None:
    ((_, said),) = differ(tmp_path, "a==1\nb==1\nc==1\n", "c==2\nb==2\na==2\n")
    assert said == "a==1 a==2, and 2 more differ"


@pytest.mark.parametrize(
    ("tried", "deployed"),
    [
        ("pandas==2.2.2\n", "Pandas==2.2.2\n"),
        ("pandas==2.2\n", "pandas==2.2.0\n"),
        ("pandas>=2\n", "pandas==1.5.3\n"),
        ("pandas==2.*\n", "pandas==2.2.2\n"),
        ("pandas==2.2.2; python_version < '3.9'\n", "pandas==1.5.3\n"),
        ("pandas==2.2.2\n", "numpy==1.26.4\n"),
        ("", "pandas==1.5.3\n"),
        ("pandas==2.2.2\n", ""),
    ],
)
def test_lists_that_agree_as_far_as_they_say(tmp_path: Path, tried: str, deployed: str) -> None:
    assert differ(tmp_path, tried, deployed) == []


@pytest.mark.parametrize(
    ("source", "reported"),
    [
        ("${PWD}/requirements", True),
        ("$PWD/requirements/", True),
        ("../requirements", True),
        ("./requirements", False),
        ("/srv/requirements", False),
        ("~/requirements", False),
        ("${FOLDER}/requirements", False),
        ("${PWD}/mwaa", False),
        ("requirements", False),
    ],
)
def test_where_the_mounted_folder_is(tmp_path: Path, source: str, reported: bool) -> None:
    assert bool(differ(tmp_path, "a==1\n", "a==2\n", source=source)) is reported


@pytest.mark.parametrize(
    ("body", "reported"),
    [
        ("volumes:\n  - ${PWD}/requirements/requirements.txt:/usr/local/airflow/requirements/requirements.txt", True),
        ("volumes:\n  - ${PWD}/requirements:/opt/requirements", False),
        ("volumes: []", False),
    ],
)
def test_what_is_mounted(tmp_path: Path, body: str, reported: bool) -> None:
    assert bool(differ(tmp_path, "a==1\n", "a==2\n", body=body)) is reported


def test_a_file_that_goes_to_a_bucket_may_be_another_environments(tmp_path: Path) -> None:
    upload = 'resource "aws_s3_object" "other" {\n  key = "dev.txt"\n  source = "requirements/requirements.txt"\n}\n'
    assert differ(tmp_path, "a==1\n", "a==2\n", other_tf=upload) == []


def test_a_file_that_is_only_taken_for_mwaas(tmp_path: Path) -> None:
    files = {"dags/etl.py": "from airflow import DAG\nDAG('a')\n", "dags/requirements.txt": "a==2\n"}
    files |= {TRIED: "a==1\n", COMPOSE: runner(MOUNT.format(HERE))}
    assert found(tmp_path, files, "MW851") == []


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    files = {"main.tf": MAIN, DEPLOYED: "a==2\n", COMPOSE: runner(MOUNT.format(HERE))}
    (tmp_path / "requirements").mkdir()
    (tmp_path / TRIED).write_bytes(b"\x00\xff\xfe\x81a==1")
    assert found(tmp_path, files, "MW851") == []
