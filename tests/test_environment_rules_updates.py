"""The rules on what an update does to workers: how they are replaced, and what a larger class is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from tests.dialects import DIALECTS
from tests.history import committed
from tests.test_environment_rules import TODAY, fixed, found, places, terraform, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# MW203 worker-replacement-forced


@pytest.mark.parametrize(
    ("arguments", "flagged"),
    [
        ('airflow_version = "2.10.3"\nworker_replacement_strategy = "FORCED"', True),
        ('airflow_version = "2.4.3"\nworker_replacement_strategy = "FORCED"', True),
        ('airflow_version = "2.2.2"\nworker_replacement_strategy = "FORCED"', False),
        ('worker_replacement_strategy = "FORCED"', False),
        ('airflow_version = "2.10.3"\nworker_replacement_strategy = "GRACEFUL"', False),
        ('airflow_version = "2.10.3"\nworker_replacement_strategy = "forced"', True),
        ('airflow_version = "2.10.3"\nworker_replacement_strategy = var.given', False),
        ('airflow_version = "2.10.3"\nworker_replacement_strategy = var.given == "a" ? "FORCED" : "GRACEFUL"', False),
        ('airflow_version = "2.10.3"', False),
    ],
)
def test_only_forced_and_what_mwaa_does_not_know_is_reported(arguments: str, flagged: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW203", terraform(arguments, 'variable "given" {}\n'))) is flagged


def test_graceful_is_written_only_on_demand(tmp_path: Path) -> None:
    files = terraform('airflow_version = "2.10.3"\nworker_replacement_strategy = "FORCED" # now')
    assert fixed(tmp_path / "a", "MW203", files, unsafe=False) == {}
    assert fixed(tmp_path / "b", "MW203", files) == {"main.tf": files["main.tf"].replace("FORCED", "GRACEFUL")}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_forced_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    arguments = {"airflow_version": "2.10.3", "worker_replacement_strategy": "FORCED"}
    (line,) = found(tmp_path, "MW203", DIALECTS[dialect](arguments))
    assert "GRACEFUL lets those finish" in line


# MW222 autoscale-not-raised-with-class


def sized(environment_class: str, setting: str, code: str = "", comment: str = "") -> dict[str, str]:
    """A main.tf whose setting stands on line 6, with DAGs that are synchronised to the bucket."""
    files = terraform(
        f'dag_s3_path = "dags"\nenvironment_class = {environment_class}\nairflow_configuration_options = {{\n'
        f'  # {comment}\n  "celery.worker_autoscale" = {setting}\n}}\n',
        'variable "given" {}\n',
    )
    code = f"from airflow import DAG\n{code}\nDAG('a')\n"
    return files | {"dags/a.py": code, "deploy.sh": "aws s3 sync dags s3://bucket/dags\n"}


@pytest.mark.parametrize(
    ("environment_class", "setting", "flagged"),
    [
        ("mw1.large", "5,5", True),
        ("mw1.large", "5", True),
        ("mw1.large", " 5 , 1 ", True),
        ("mw1.large", "5,0", True),
        ("mw1.large", "10,10", False),  # a size below
        ("mw1.large", "20,20", False),
        ("mw1.large", "4,4", False),  # no class's number
        ("mw1.large", "3,3", False),  # that of mw1.micro, which has one worker
        ("mw1.large", "five", False),  # MW214's
        ("mw1.medium", "5,5", False),
        ("mw1.small", "5,5", False),
        ("mw1.xlarge", "5,5", True),
        ("mw1.xlarge", "10,10", True),
        ("mw1.xlarge", "20,20", False),
        ("mw1.2xlarge", "20,20", True),
        ("mw1.huge", "5,5", False),
    ],
)
def test_the_number_of_a_class_two_sizes_below(
    environment_class: str, setting: str, flagged: bool, tmp_path: Path
) -> None:
    wanted = ["main.tf:6"] if flagged else []
    assert places(tmp_path, "MW222", sized(f'"{environment_class}"', f'"{setting}"')) == wanted


@pytest.mark.parametrize(
    "files",
    [
        sized("var.given", '"5,5"'),
        sized('"mw1.large"', "var.given"),
        sized('"mw1.large"', '"5,5"', "import pandas"),
        sized('"mw1.large"', '"5,5"', comment="each needs 1.5 GB of RAM"),
        {name: text for name, text in sized('"mw1.large"', '"5,5"').items() if name == "main.tf"},
    ],
    ids=["class unknown", "setting unknown", "pandas", "a reason", "no DAGs"],
)
def test_a_low_number_that_may_be_meant(files: Mapping[str, str], tmp_path: Path) -> None:
    assert found(tmp_path, "MW222", files) == []


def test_no_price_no_amount(tmp_path: Path) -> None:
    (line,) = found(tmp_path, "MW222", sized('"mw1.xlarge"', '"10,10"'))
    assert line.endswith(
        "allows only 10, as on mw1.medium: the larger workers stay idle, unless each task needs their memory"
    )


def changed(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    write(folder, before)
    committed(folder)
    write(folder, after)
    result = api.check(folder, Config(select=("MW222",)), today=TODAY, since="HEAD")
    return [finding.message for finding in result.findings]


def only_the_environment(environment_class: str, setting: str) -> dict[str, str]:
    return {"main.tf": sized(environment_class, setting)["main.tf"]}


def test_a_class_that_was_raised_with_the_number_left_behind(tmp_path: Path) -> None:
    before, after = (only_the_environment(size, '"5,5"') for size in ('"mw1.small"', '"mw1.medium"'))
    assert changed(tmp_path, before, after) == [
        (
            "the class goes up from mw1.small to mw1.medium for ≈ $183 a month (($0.74 - $0.49) × 730 h, us-east-1), "
            "but celery.worker_autoscale still has mw1.small's 5 tasks per worker instead of the 10 that mw1.medium "
            "runs by default"
        )
    ]


@pytest.mark.parametrize(
    ("before", "after", "setting"),
    [
        ("mw1.small", "mw1.medium", "4,4"),
        ("mw1.small", "mw1.medium", "10,10"),
        ("mw1.medium", "mw1.small", "10,10"),
        ("mw1.small", "mw1.small", "5,5"),
    ],
)
def test_a_change_that_leaves_nothing_behind(before: str, after: str, setting: str, tmp_path: Path) -> None:
    then, now = (only_the_environment(f'"{size}"', f'"{setting}"') for size in (before, after))
    assert changed(tmp_path, then, now | {"new.txt": ""}) == []
