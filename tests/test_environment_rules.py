"""The rules on environments, beyond the examples of their pages: borders, several values, places, edits."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from mwaalint.rulebook import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

TODAY = date(2026, 11, 22)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


def checked(folder: Path, code: str, files: Mapping[str, str], today: date = TODAY) -> RunResult:
    write(folder, files)
    return api.check(folder, Config(select=(code,)), today=today)


def found(folder: Path, code: str, files: Mapping[str, str], today: date = TODAY) -> list[str]:
    """What one rule finds, as ``main.tf:3 message``."""
    result = checked(folder, code, files, today)
    assert not result.crashed
    return [shown(result, finding) for finding in result.findings if finding.code == code]


def shown(result: RunResult, finding: Finding) -> str:
    return f"{place(result, finding.primary.path, finding.primary.span.start)} {finding.message}"


def place(result: RunResult, path: str, offset: int) -> str:
    return f"{path}:{result.sources[path].position(offset).line}"


def places(folder: Path, code: str, files: Mapping[str, str]) -> list[str]:
    return [line.partition(" ")[0] for line in found(folder, code, files)]


def related(folder: Path, code: str, files: Mapping[str, str]) -> list[tuple[str, str]]:
    """The related places of the one finding, with their notes."""
    result = checked(folder, code, files)
    (finding,) = [finding for finding in result.findings if finding.code == code]
    return [(place(result, spot.path, spot.span.start), spot.note) for spot in finding.related]


def fixed(folder: Path, code: str, files: Mapping[str, str], *, unsafe: bool = True) -> dict[str, str]:
    """The files that fixing changes, as they are afterwards."""
    write(folder, files)
    outcome = fix_all(
        lambda overlay: api.check(folder, Config(select=(code,)), today=TODAY, overlay=overlay), unsafe=unsafe
    )
    return {path: data.decode() for path, data in outcome.changed.items()}


def terraform(arguments: str, rest: str = "") -> dict[str, str]:
    """A main.tf with these arguments from its second line on."""
    lines = "".join(f"  {line}\n" for line in arguments.strip().splitlines())
    return {"main.tf": f'resource "aws_mwaa_environment" "etl" {{\n{lines}}}\n{rest}'}


def stack(properties: str, head: str = "") -> dict[str, str]:
    """A stack.yaml with these properties."""
    lines = "".join(f"      {line}\n" for line in properties.strip().splitlines())
    return {"stack.yaml": f"{head}Resources:\n  Etl:\n    Type: AWS::MWAA::Environment\n    Properties:\n{lines}"}


def dags(number: int, work: str = "") -> dict[str, str]:
    """A DAGs folder with as many DAGs, in one file."""
    body = f"from airflow import DAG\n{work}\nfor n in range({number}):\n    DAG(f'dag_{{n}}')\n"
    return {"dags/made.py": body}


# ---- MW231: more than one worker for nothing ------------------------------------------------------------------------

PRICED_2 = (
    "1 worker beyond the first costs ≈ $40 a month at mw1.small even when nothing runs (1 × $0.055 × 730 h, us-east-1):"
    " MWAA never scales below the minimum of 2"
)


def test_terraforms_default_class_has_a_price(tmp_path: Path) -> None:
    assert found(tmp_path, "MW231", terraform("min_workers = 2\nmax_workers = 5")) == [f"main.tf:2 {PRICED_2}"]


def test_without_a_class_cloudformation_names_no_price(tmp_path: Path) -> None:
    assert found(tmp_path, "MW231", stack("MinWorkers: 3\nMaxWorkers: 5")) == [
        (
            "stack.yaml:5 2 workers beyond the first keep running around the clock: MWAA never scales below the"
            " minimum of 3, though it could scale up to 5"
        )
    ]


@pytest.mark.parametrize("environment_class", ["mw1.xlarge", "mw1.2xlarge", "mw1.huge"])
def test_no_price_is_made_up(environment_class: str, tmp_path: Path) -> None:
    (line,) = found(
        tmp_path, "MW231", terraform(f'environment_class = "{environment_class}"\nmin_workers = 2\nmax_workers = 5')
    )
    assert "$" not in line


@pytest.mark.parametrize(
    ("arguments", "fires"),
    [
        ("min_workers = 1", False),
        ("min_workers = 2", True),  # the maximum is 10 unless it is set
        ("min_workers = 9", True),
        ("min_workers = 10", False),
        ("min_workers = 2\nmax_workers = 2", False),
        ("min_workers = 2\nmax_workers = 3", True),
        ("min_workers = 3\nmax_workers = 2", False),
        ("min_workers = 0\nmax_workers = 5", False),
        ("min_workers = -2\nmax_workers = 5", False),
        ('min_workers = "2"\nmax_workers = "5"', True),
        ("min_workers = true\nmax_workers = 5", False),
        ('min_workers = "two"\nmax_workers = 5', False),
        ("max_workers = 5", False),
        ('environment_class = "mw1.micro"\nmin_workers = 2\nmax_workers = 5', False),
        ("min_workers = var.x ? 2 : 1\nmax_workers = 5", False),
        ("min_workers = var.x ? 2 : 3\nmax_workers = 5", True),
        ("min_workers = 2\nmax_workers = var.x ? 2 : 5", False),
        ("min_workers = 2\nmax_workers = var.x ? 4 : 5", True),
        ("min_workers = 2\nmax_workers = var.y", False),
        ("min_workers = var.y\nmax_workers = 5", False),
    ],
)
def test_only_a_minimum_with_room_above_it(arguments: str, fires: bool, tmp_path: Path) -> None:
    variables = 'variable "x" {\n  type = bool\n}\nvariable "y" {}\n'
    assert bool(found(tmp_path, "MW231", terraform(arguments, variables))) == fires


def test_each_arm_is_reported_where_it_is_written(tmp_path: Path) -> None:
    head = "Parameters:\n  Stage: {Type: String}\nConditions:\n  Live: !Equals [!Ref Stage, live]\n"
    lines = found(
        tmp_path,
        "MW231",
        stack("MinWorkers: !If\n  - Live\n  - 4\n  - 2\nMaxWorkers: 8\nEnvironmentClass: mw1.medium", head),
    )
    assert [line.partition(":")[2].partition(" beyond")[0] for line in lines] == ["11 3 workers", "12 1 worker"]


def test_the_resource_is_shown_beside_the_variable(tmp_path: Path) -> None:
    files = terraform("min_workers = var.least\nmax_workers = 5", 'variable "least" {\n  default = 2\n}\n')
    assert places(tmp_path, "MW231", files) == ["main.tf:6"]
    assert related(tmp_path, "MW231", files) == [("main.tf:2", "the environment takes it from there")]


def test_no_second_place_when_the_value_stands_in_the_resource(tmp_path: Path) -> None:
    assert related(tmp_path, "MW231", terraform("min_workers = 2\nmax_workers = 5")) == []


@pytest.mark.parametrize(("written", "after"), [("2", "1"), ('"2"', '"1"')])
def test_one_worker_is_written_as_the_number_was(written: str, after: str, tmp_path: Path) -> None:
    files = terraform(f"min_workers = {written} # enough\nmax_workers = 5")
    assert fixed(tmp_path, "MW231", files) == {"main.tf": files["main.tf"].replace(written, after, 1)}


def test_one_worker_is_no_safe_fix(tmp_path: Path) -> None:
    assert fixed(tmp_path, "MW231", terraform("min_workers = 2\nmax_workers = 5"), unsafe=False) == {}


def test_a_computed_number_is_not_replaced(tmp_path: Path) -> None:
    files = terraform("min_workers = 1 + 1\nmax_workers = 5")
    assert places(tmp_path, "MW231", files) == ["main.tf:2"]
    assert fixed(tmp_path, "MW231", files) == {}


# ---- MW213: end of support ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "end"),
    [
        ("1.10.12", "2024-02-21"),
        ("2.0.2", "2024-04-29"),
        ("2.2.2", "2024-06-27"),
        ("2.4.3", "2025-12-30"),
        ("2.5.1", "2025-12-30"),
        ("2.6.3", "2025-12-30"),
    ],
)
def test_every_retired_version(version: str, end: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW213", terraform(f'airflow_version = "{version}"')) == [
        (
            f"main.tf:2 MWAA's support for Airflow {version} ended on {end}: no environment can be created with it "
            "or moved to it anymore, so this one cannot be rebuilt; an existing one keeps running without support"
        )
    ]


@pytest.mark.parametrize(
    "version",
    [
        "2.7.2",
        "2.8.1",
        "2.9.2",
        "2.10.1",
        "2.10.3",
        "2.11.0",
        "2.11.2",
        "3.0.6",
        "3.2.1",
        "3.3.1",
        "2.5.0",
        "9.9.9",
        "",
    ],
)
def test_what_is_offered_or_unknown_has_no_end(version: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW213", terraform(f'airflow_version = "{version}"')) == []


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2025, 7, 2), None),  # 181 days ahead
        (date(2025, 7, 3), "ends on 2025-12-30, in 180 days"),
        (date(2025, 12, 29), "ends on 2025-12-30, in 1 day:"),
        (date(2025, 12, 30), "ended on 2025-12-30"),
        (date(2026, 1, 1), "ended on 2025-12-30"),
    ],
)
def test_the_end_draws_near(today: date, words: str | None, tmp_path: Path) -> None:
    lines = found(tmp_path, "MW213", terraform('airflow_version = "2.6.3"'), today)
    assert len(lines) == (1 if words else 0)
    assert all(words and words in line for line in lines)


def test_two_arms_that_both_ended(tmp_path: Path) -> None:
    variables = 'variable "old" {\n  type = bool\n}\n'
    lines = found(tmp_path, "MW213", terraform('airflow_version = var.old ? "2.4.3" : "2.6.3"', variables))
    assert ["Airflow 2.4.3" in line or "Airflow 2.6.3" in line for line in lines] == [True, True]


def test_an_environment_without_a_version(tmp_path: Path) -> None:
    assert found(tmp_path, "MW213", terraform('name = "etl"')) == []
    assert found(tmp_path, "MW244", terraform('name = "etl"')) == []


# ---- MW244: never offered -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "nearest"),
    [
        ("1.10.15", "2.7.2"),  # no version of Airflow 1 can be created any more
        ("2.1.4", "2.7.2"),
        ("2.5.0", "2.7.2"),
        ("2.7.0", "2.7.2"),
        ("2.8.2", "2.8.1"),
        ("2.8.3", "2.8.1"),
        ("2.9.0", "2.9.2"),
        ("2.9.1", "2.9.2"),
        ("2.9.3", "2.9.2"),
        ("2.10.0", "2.10.1"),
        ("2.10.2", "2.10.3"),  # as near to both, and newer is better
        ("2.10.4", "2.10.3"),
        ("2.11.1", "2.11.2"),
        ("3.0.1", "3.0.6"),
        ("3.0.2", "3.0.6"),
        ("3.0.7", "3.0.6"),
        ("3.1.0", "3.2.1"),
        ("3.2.0", "3.2.1"),
        ("3.3.0", "3.3.1"),
    ],
)
def test_never_offered(version: str, nearest: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW244", terraform(f'airflow_version = "{version}"')) == [
        (
            f"main.tf:2 MWAA does not offer Airflow {version} and never did, so it rejects the environment; the nearest"
            f" version it offers is {nearest}"
        )
    ]


@pytest.mark.parametrize(
    ("version", "nearest"),
    [
        ("2.11.3", "2.11.2"),
        ("2.12.0", "2.11.2"),
        ("3.2.2", "3.2.1"),
        ("3.3.2", "3.3.1"),
        ("3.4.0", "3.3.1"),
        ("4.0.0", "3.3.1"),
    ],
)
def test_newer_than_the_table(version: str, nearest: str, tmp_path: Path) -> None:
    files = terraform(f'airflow_version = "{version}"')
    (finding,) = checked(tmp_path, "MW244", files).findings
    assert finding.message == (
        f"Airflow {version} is newer than what was known of MWAA on 2026-11-22; if it has not been offered since, "
        f"MWAA rejects the environment, and the nearest version is {nearest}"
    )
    assert (str(finding.severity), str(finding.confidence), finding.fixes) == ("note", "medium", ())


@pytest.mark.parametrize(
    ("version", "nearest"),
    [
        ("2", "2.11.2"),
        ("3", "3.3.1"),
        ("2.10", "2.10.3"),
        ("2.5", "2.7.2"),
        ("v2.10.1", "2.10.1"),
        ("2.10.3.1", "2.10.3"),
        ("2.9.1rc1", "2.9.2"),
        ("2.10.x", "2.10.3"),
        ("latest", "3.3.1"),
        ("LATEST", "3.3.1"),
        ("99999999999.1.1", "3.3.1"),
    ],
)
def test_not_a_full_version(version: str, nearest: str, tmp_path: Path) -> None:
    files = terraform(f'airflow_version = "{version}"')
    assert found(tmp_path, "MW244", files) == [
        (
            f"main.tf:2 {version} is not a version MWAA accepts: it requires all three numbers, such as {nearest}, "
            "and rejects the environment"
        )
    ]


@pytest.mark.parametrize("version", ["", "<version>", "CHANGE_ME", "{{ airflow }}", "AIRFLOW_VERSION", "٢.١٠.٣", "…"])
def test_a_placeholder_is_no_version(version: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW244", terraform(f'airflow_version = "{version}"')) == []


def test_a_number_in_terraform_keeps_how_it_is_written(tmp_path: Path) -> None:
    (line,) = found(tmp_path, "MW244", terraform("airflow_version = 2.10"))
    assert line.startswith("main.tf:2 2.10 is not a version")


def test_one_arm_that_is_offered_is_enough(tmp_path: Path) -> None:
    variables = 'variable "old" {\n  type = bool\n}\n'
    assert found(tmp_path, "MW244", terraform('airflow_version = var.old ? "2.9.1" : "2.10.3"', variables)) == []


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_the_nearest_version_keeps_the_quotes(quote: str, tmp_path: Path) -> None:
    files = stack(f"AirflowVersion: {quote}2.9.1{quote} # as tested")
    assert fixed(tmp_path, "MW244", files) == {"stack.yaml": files["stack.yaml"].replace("2.9.1", "2.9.2")}


def test_the_nearest_version_goes_where_the_wrong_one_is_written(tmp_path: Path) -> None:
    files = terraform("airflow_version = var.version", 'variable "version" {\r\n  default = "2.9.1"\r\n}\r\n')
    assert fixed(tmp_path, "MW244", files) == {"main.tf": files["main.tf"].replace("2.9.1", "2.9.2")}


@pytest.mark.parametrize(
    "version", ['"1.10.15"', '"3.4.0"', '"latest"', 'join(".", ["2", "9", "1"])', '"2.9.${1}"'], ids=str
)
def test_no_fix_across_majors_for_newer_or_computed_versions(version: str, tmp_path: Path) -> None:
    files = terraform(f"airflow_version = {version}")
    assert places(tmp_path, "MW244", files) == ["main.tf:2"]
    assert fixed(tmp_path, "MW244", files) == {}


def test_the_nearest_version_is_no_safe_fix(tmp_path: Path) -> None:
    assert fixed(tmp_path, "MW244", terraform('airflow_version = "2.9.1"'), unsafe=False) == {}


# ---- MW218 and MW237: the class -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment_class", "number", "enough"),
    [
        ("mw1.medium", 1, "mw1.small"),
        ("mw1.medium", 25, "mw1.small"),
        ("mw1.medium", 26, None),
        ("mw1.large", 25, "mw1.small"),
        ("mw1.large", 26, "mw1.medium"),  # half of a small one's capacity is 25
        ("mw1.large", 50, "mw1.medium"),
        ("mw1.large", 51, None),
        ("mw1.xlarge", 250, "mw1.large"),
        ("mw1.xlarge", 251, None),
        ("mw1.2xlarge", 1000, "mw1.xlarge"),
        ("mw1.2xlarge", 1001, None),
        ("mw1.small", 1, None),
        ("mw1.micro", 1, None),
        ("mw1.huge", 1, None),
        ("mw1.large", 0, None),
    ],
)
def test_a_class_two_sizes_too_large(environment_class: str, number: int, enough: str | None, tmp_path: Path) -> None:
    lines = found(tmp_path, "MW218", terraform(f'environment_class = "{environment_class}"') | dags(number))
    assert len(lines) == (1 if enough else 0)
    assert all(line.startswith(f"main.tf:2 AWS sizes {environment_class} for ") for line in lines)
    assert all(f"DAGs, but dags/ makes {number}: {enough}, sized for " in line for line in lines)


def test_the_price_is_the_difference_of_the_two_classes(tmp_path: Path) -> None:
    assert found(tmp_path, "MW218", terraform('environment_class = "mw1.large"') | dags(40)) == [
        (
            "main.tf:2 AWS sizes mw1.large for 1000 DAGs, but dags/ makes 40: mw1.medium, sized for 250, costs ≈ "
            "$183 a month less (($0.99 - $0.74) × 730 h, us-east-1), unless tasks need the larger workers"
        )
    ]


@pytest.mark.parametrize(
    ("value", "fires"),
    [
        ('var.x ? "mw1.large" : "mw1.medium"', True),
        ('var.x ? "mw1.large" : "mw1.small"', False),
        ('var.x ? "mw1.large" : "mw1.unknown"', False),
        ("var.x", False),
    ],
)
def test_every_arm_of_the_class_is_too_large(value: str, fires: bool, tmp_path: Path) -> None:
    files = terraform(f"environment_class = {value}", 'variable "x" {}\n') | dags(3)
    assert bool(found(tmp_path, "MW218", files)) == fires


def test_an_absent_class_is_not_too_large(tmp_path: Path) -> None:
    assert found(tmp_path, "MW218", terraform('name = "etl"') | dags(3)) == []


def test_an_unreadable_dag_file_is_no_small_number(tmp_path: Path) -> None:
    files = terraform('environment_class = "mw1.large"') | dags(3) | {"dags/b.py": "from airflow import DAG\n)("}
    assert found(tmp_path, "MW218", files) == []


def test_the_class_is_reported_where_its_value_is_written(tmp_path: Path) -> None:
    files = terraform("environment_class = var.size", 'variable "size" {\n  default = "mw1.large"\n}\n') | dags(3)
    assert places(tmp_path, "MW218", files) == ["main.tf:5"]
    assert related(tmp_path, "MW218", files) == [("main.tf:2", "the environment takes it from there")]


@pytest.mark.parametrize(
    ("arguments", "number", "fires"),
    [
        ('environment_class = "mw1.medium"\nmax_workers = 5', 26, True),
        ('environment_class = "mw1.medium"\nmax_workers = 5', 50, True),
        ('environment_class = "mw1.medium"\nmax_workers = 5', 51, False),
        ('environment_class = "mw1.medium"\nmax_workers = 5', 25, False),  # MW218 says more
        ('environment_class = "mw1.medium"', 30, True),  # ten workers by default
        ('environment_class = "mw1.medium"\nmax_workers = 12', 30, True),
        ('environment_class = "mw1.medium"\nmax_workers = 13', 30, False),
        ('environment_class = "mw1.medium"\nmax_workers = 0', 30, False),
        ('environment_class = "mw1.medium"\nmax_workers = var.x', 30, False),
        ('environment_class = "mw1.medium"\nmax_workers = var.b ? 5 : 20', 30, False),
        ('environment_class = "mw1.small"\nmax_workers = 5', 30, False),
        ("max_workers = 5", 30, False),
        ('environment_class = "mw1.large"\nmax_workers = 5', 30, False),
        ('environment_class = var.b ? "mw1.medium" : "mw1.small"\nmax_workers = 5', 30, False),
        (
            (
                'environment_class = "mw1.medium"\nmax_workers = 5\n'
                'airflow_configuration_options = { "celery.worker_autoscale" = "5,5" }'
            ),
            30,
            False,
        ),
        ('environment_class = "mw1.medium"\nmax_workers = 5\nairflow_configuration_options = var.x', 30, False),
        (
            (
                'environment_class = "mw1.medium"\nmax_workers = 5\n'
                'airflow_configuration_options = { "core.parallelism" = "5" }'
            ),
            30,
            True,
        ),
    ],
)
def test_slots_that_small_workers_would_give(arguments: str, number: int, fires: bool, tmp_path: Path) -> None:
    variables = 'variable "x" {}\nvariable "b" {\n  type = bool\n}\n'
    assert bool(found(tmp_path, "MW237", terraform(arguments, variables) | dags(number))) == fires


def test_the_note_counts_slots_and_workers(tmp_path: Path) -> None:
    files = terraform('environment_class = "mw1.medium"\nmax_workers = 1') | dags(30)
    assert found(tmp_path, "MW237", files) == [
        (
            "main.tf:2 1 worker of mw1.medium takes 10 tasks at once; 2 mw1.small workers take as many, its "
            "schedulers are sized for the 30 DAGs here, and the environment itself costs ≈ $183 a month less (($0.74 "
            "- $0.49) × 730 h, us-east-1)"
        )
    ]


@pytest.mark.parametrize("library", ["pandas", "sklearn.linear_model", "pyspark.sql", "dbt.cli.main"])
def test_tasks_that_hold_data_want_large_workers(library: str, tmp_path: Path) -> None:
    files = terraform('environment_class = "mw1.medium"\nmax_workers = 5') | dags(30, f"import {library}")
    assert found(tmp_path, "MW237", files) == []


@pytest.mark.parametrize("number", [10, 30])
@pytest.mark.parametrize("environment_class", ["mw1.medium", "mw1.large", "mw1.xlarge"])
def test_never_both_on_one_value(environment_class: str, number: int, tmp_path: Path) -> None:
    files = terraform(f'environment_class = "{environment_class}"\nmax_workers = 3') | dags(number)
    assert [bool(found(tmp_path, code, files)) for code in ("MW218", "MW237")] != [True, True]


# ---- MW216: tasks at once on a small worker -------------------------------------------------------------------------

TASK = "from airflow.decorators import dag, task\n@dag\ndef flow():\n    @task\n    def load(): ...\n"
PANDAS = {"dags/load.py": f"import pandas\n{TASK}"}
REMOTE = {
    "dags/load.py": (
        "from airflow import DAG\n"
        "from airflow.providers.amazon.aws.operators.emr import EmrAddStepsOperator\n"
        "EmrAddStepsOperator(task_id='a')\n"
    ),
}
DEFAULT = (
    "5 tasks at once share an mw1.small worker's 2 GB of memory, and this code uses pandas in them; MWAA keeps "
    'assigning tasks until the worker is killed. celery.worker_autoscale = "4,4" or lower leaves each more'
)


def test_the_default_of_five_with_pandas(tmp_path: Path) -> None:
    files = terraform('name = "etl"\nenvironment_class = "mw1.small"') | PANDAS
    assert found(tmp_path, "MW216", files) == [f"main.tf:3 {DEFAULT}"]


def test_terraforms_default_class_is_the_small_one(tmp_path: Path) -> None:
    assert found(tmp_path, "MW216", terraform('name = "etl"') | PANDAS) == [f"main.tf:1 {DEFAULT}"]


def test_cloudformations_default_class_is_not_documented(tmp_path: Path) -> None:
    assert found(tmp_path, "MW216", stack("Name: etl") | PANDAS) == []


@pytest.mark.parametrize(
    "arguments",
    [
        'environment_class = "mw1.micro"',
        'environment_class = "mw1.medium"',
        "environment_class = var.x",
        'environment_class = var.b ? "mw1.small" : "mw1.medium"',
        'airflow_configuration_options = { "celery.worker_autoscale" = "4,4" }',
        'airflow_configuration_options = { "celery.worker_autoscale" = "5,5" }',
        'airflow_configuration_options = { "celery.worker_autoscale" = var.x }',
        'airflow_configuration_options = { "celery.worker_autoscale" = "many" }',
        "airflow_configuration_options = var.x",
        'airflow_configuration_options = merge(var.x, { "core.parallelism" = "5" })',
        'startup_script_s3_path = "startup.sh"',  # the script is not here, and may set the option
    ],
)
def test_silent_where_memory_suffices_or_nobody_knows(arguments: str, tmp_path: Path) -> None:
    variables = 'variable "x" {}\nvariable "b" {\n  type = bool\n}\n'
    assert found(tmp_path, "MW216", terraform(arguments, variables) | PANDAS) == []


@pytest.mark.parametrize(
    ("script", "fires"),
    [("export AIRFLOW__CELERY__WORKER_AUTOSCALE=2,2\n", False), ("export STAGE=prod\n", True)],
)
def test_a_startup_script_may_set_the_option(script: str, fires: bool, tmp_path: Path) -> None:
    files = terraform('startup_script_s3_path = "startup.sh"') | {"startup.sh": script} | PANDAS
    assert bool(found(tmp_path, "MW216", files)) == fires


def test_tasks_that_wait_for_other_services_are_light(tmp_path: Path) -> None:
    assert found(tmp_path, "MW216", terraform('environment_class = "mw1.small"') | REMOTE) == []


def raised(value: str) -> dict[str, str]:
    return terraform(f'airflow_configuration_options = {{\n  "celery.worker_autoscale" = "{value}"\n}}')


@pytest.mark.parametrize(("value", "tasks"), [("6,0", 6), ("10,10", 10), ("20", 20), (" 8 , 1", 8)])
def test_more_tasks_than_mwaa_itself_would_give(value: str, tasks: int, tmp_path: Path) -> None:
    assert found(tmp_path, "MW216", raised(value)) == [
        (
            f'main.tf:3 celery.worker_autoscale = "{value}" lets {tasks} tasks share an mw1.small worker\'s 2 GB'
            " of memory; MWAA's own default for it is 5"
        )
    ]


@pytest.mark.parametrize("value", ["5,5", "1,1", "0,0", "", ",", "x,y", "-8,1", "٨,1", "99999,1"])
def test_other_values_are_not_too_many(value: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW216", raised(value)) == []


def test_many_waiting_tasks_may_share_a_worker(tmp_path: Path) -> None:
    assert found(tmp_path, "MW216", raised("20,20") | REMOTE) == []
    assert places(tmp_path, "MW216", raised("20,20") | PANDAS) == ["main.tf:3"]


def test_the_raised_value_becomes_four(tmp_path: Path) -> None:
    files = raised("10,10")
    assert fixed(tmp_path, "MW216", files) == {"main.tf": files["main.tf"].replace("10,10", "4,4")}
    assert fixed(tmp_path, "MW216", files, unsafe=False) == {}


def test_two_libraries_are_named(tmp_path: Path) -> None:
    files = terraform('environment_class = "mw1.small"') | {"dags/load.py": f"import pandas, numpy, scipy\n{TASK}"}
    (line,) = found(tmp_path, "MW216", files)
    assert "uses numpy and pandas in them" in line


# ---- MW201: versions that never reach MWAA --------------------------------------------------------------------------

OBJECT = """\
resource "aws_s3_object" "startup" {
  key    = "startup.sh"
  source = "startup.sh"
  etag   = filemd5("startup.sh")
}
"""
UNWATCHED = OBJECT.replace('  etag   = filemd5("startup.sh")\n', "")
SCRIPT = {"startup.sh": "export STAGE=prod\n"}


@pytest.mark.parametrize(
    ("argument", "version"),
    [
        ("requirements_s3_path", "requirements_s3_object_version"),
        ("plugins_s3_path", "plugins_s3_object_version"),
        ("startup_script_s3_path", "startup_script_s3_object_version"),
    ],
)
def test_each_artifact_has_its_own_version(argument: str, version: str, tmp_path: Path) -> None:
    files = terraform(f'name = "etl"\n{argument} = "startup.sh"', OBJECT) | SCRIPT
    assert found(tmp_path, "MW201", files) == [
        (
            f"main.tf:3 aws_s3_object.startup uploads each new startup.sh, but without {version} nothing in the "
            "environment changes and MWAA keeps the old file"
        )
    ]
    assert related(tmp_path, "MW201", files) == [("main.tf:5", "uploads it")]


@pytest.mark.parametrize("path", ['"startup.sh"', "aws_s3_object.startup.key"])
def test_terraform_does_not_see_new_files_by_their_path_alone(path: str, tmp_path: Path) -> None:
    files = terraform(f"startup_script_s3_path = {path}", UNWATCHED) | SCRIPT
    assert found(tmp_path, "MW201", files) == [
        (
            "main.tf:2 a new startup.sh never takes effect: aws_s3_object.startup has no etag or source_hash, so "
            "Terraform does not see that the file changed, and without startup_script_s3_object_version MWAA keeps "
            "the old one"
        )
    ]
    assert fixed(tmp_path, "MW201", files) == {}, "a version that never changes would cure nothing"


def test_the_content_itself_is_seen(tmp_path: Path) -> None:
    inline = UNWATCHED.replace('source = "startup.sh"', 'content = file("startup.sh")')
    (line,) = found(tmp_path, "MW201", terraform('startup_script_s3_path = "startup.sh"', inline) | SCRIPT)
    assert "aws_s3_object.startup uploads each new startup.sh" in line


@pytest.mark.parametrize(
    ("argument", "version"),
    [
        ("RequirementsS3Path", "RequirementsS3ObjectVersion"),
        ("PluginsS3Path", "PluginsS3ObjectVersion"),
        ("StartupScriptS3Path", "StartupScriptS3ObjectVersion"),
    ],
)
def test_cloudformation_has_its_own_names(argument: str, version: str, tmp_path: Path) -> None:
    files = stack(f"{argument}: a/startup.sh") | {"up.sh": "aws s3 cp startup.sh s3://bucket/a/startup.sh\n"} | SCRIPT
    assert found(tmp_path, "MW201", files) == [
        (
            f"stack.yaml:5 up.sh uploads each new a/startup.sh, but no step passes {version} to MWAA, so MWAA keeps "
            "the old file"
        )
    ]
    assert fixed(tmp_path, "MW201", files) == {}


def test_two_artifacts_are_two_findings(tmp_path: Path) -> None:
    requirements = OBJECT.replace("startup", "reqs").replace("reqs.sh", "requirements.txt")
    arguments = 'requirements_s3_path = "requirements.txt"\nstartup_script_s3_path = "startup.sh"'
    files = terraform(arguments, OBJECT + requirements) | SCRIPT | {"requirements.txt": ""}
    assert places(tmp_path, "MW201", files) == ["main.tf:2", "main.tf:3"]


@pytest.mark.parametrize(
    "arguments",
    [
        "startup_script_s3_object_version = aws_s3_object.startup.version_id",
        'startup_script_s3_object_version = "L4kqtJlcpXroDTDmpUMLUo"',
        "startup_script_s3_object_version = var.x",
        "startup_script_s3_object_version = data.aws_s3_object.startup.version_id",
        "lifecycle {\n  ignore_changes = [startup_script_s3_object_version]\n}",
        "lifecycle {\n  ignore_changes = [startup_script_s3_path]\n}",
        "lifecycle {\n  ignore_changes = all\n}",
    ],
)
def test_somebody_sets_the_version(arguments: str, tmp_path: Path) -> None:
    files = terraform(f'startup_script_s3_path = "startup.sh"\n{arguments}', f'variable "x" {{}}\n{OBJECT}') | SCRIPT
    assert found(tmp_path, "MW201", files) == []


@pytest.mark.parametrize("nothing", ['""', "null"])
def test_an_empty_version_is_none(nothing: str, tmp_path: Path) -> None:
    arguments = f'startup_script_s3_path = "startup.sh"\nstartup_script_s3_object_version = {nothing}'
    files = terraform(arguments, OBJECT) | SCRIPT
    assert places(tmp_path, "MW201", files) == ["main.tf:2"]
    assert fixed(tmp_path, "MW201", files) == {}, "the argument is there already, and a second one would be an error"


@pytest.mark.parametrize(
    ("step", "fires"),
    [
        ("aws mwaa update-environment --startup-script-s3-object-version $V", False),
        ("aws mwaa update-environment --requirements-s3-object-version $V", True),
        ("echo done", True),
    ],
)
def test_a_deploy_step_passes_the_version(step: str, fires: bool, tmp_path: Path) -> None:
    files = terraform('startup_script_s3_path = "startup.sh"') | SCRIPT
    files["deploy.sh"] = f"aws s3 cp startup.sh s3://bucket/startup.sh\n{step}\n"
    assert bool(found(tmp_path, "MW201", files)) == fires


@pytest.mark.parametrize(
    ("command", "fires"),
    [
        ("aws s3 cp startup.sh s3://bucket/startup.sh", True),
        ("aws s3 cp startup.sh s3://bucket/", True),
        ("aws s3 sync mwaa s3://bucket", True),
        ("aws s3 cp startup.sh s3://bucket/other.sh", False),
        ("aws s3 cp startup.sh s3://bucket/scripts/", False),
        ("aws s3 sync mwaa s3://bucket/mwaa", False),
        ("aws s3 sync dags s3://bucket/dags", False),
        ("echo aws s3 cp startup.sh s3://bucket/startup.sh", False),
        ("", False),
    ],
)
def test_only_what_puts_a_file_at_the_path(command: str, fires: bool, tmp_path: Path) -> None:
    files = terraform('startup_script_s3_path = "startup.sh"') | SCRIPT
    files |= {"mwaa/startup.sh": "", "dags/a.py": "", "deploy.sh": f"{command}\n"}
    assert bool(found(tmp_path, "MW201", files)) == fires


def test_an_object_without_a_file_of_the_repository(tmp_path: Path) -> None:
    rendered = UNWATCHED.replace('source = "startup.sh"', 'content = templatefile("startup.sh", {})')
    files = terraform("startup_script_s3_path = aws_s3_object.startup.key", rendered)
    assert places(tmp_path, "MW201", files) == ["main.tf:2"]


@pytest.mark.parametrize(
    "key",
    [
        "startup-3f786850e387550fdab836ed7e6dc881.sh",
        "startup-v2.sh",
        "startup_1.4.0.sh",
        "startup.3.sh",
        "startup-12.sh",
    ],
)
def test_a_name_that_changes_with_its_content(key: str, tmp_path: Path) -> None:
    files = terraform(
        "startup_script_s3_path = aws_s3_object.startup.key", OBJECT.replace('"startup.sh"', f'"{key}"', 1)
    )
    assert found(tmp_path, "MW201", files | SCRIPT) == []


def test_a_path_that_is_not_known(tmp_path: Path) -> None:
    files = terraform("startup_script_s3_path = var.x", f'variable "x" {{}}\n{OBJECT}') | SCRIPT
    assert found(tmp_path, "MW201", files) == []


@pytest.mark.parametrize(
    ("path", "head", "source"),
    [
        ("aws_s3_object.startup.key", "", "aws_s3_object.startup"),
        ('"startup.sh"', "", "aws_s3_object.startup"),
        ("aws_s3_object.startup[0].key", "  count  = 1\n", "aws_s3_object.startup[0]"),
        ('aws_s3_object.startup["a"].key', '  for_each = toset(["a"])\n', 'aws_s3_object.startup["a"]'),
    ],
)
def test_the_version_is_added_after_the_path(path: str, head: str, source: str, tmp_path: Path) -> None:
    line = f"startup_script_s3_path = {path} # set up\n"
    files = terraform(f'name = "etl"\n{line}', OBJECT.replace("{\n", f"{{\n{head}", 1)) | SCRIPT
    after = files["main.tf"].replace(line, f"{line}  startup_script_s3_object_version = {source}.version_id\n")
    assert fixed(tmp_path, "MW201", files, unsafe=False) == {"main.tf": after}


def test_the_added_line_keeps_newlines_and_indentation(tmp_path: Path) -> None:
    text = 'resource "aws_mwaa_environment" "etl" {\r\n\tstartup_script_s3_path = "startup.sh"\r\n}\r\n' + OBJECT
    files = {"main.tf": text.replace("\n", "\r\n").replace("\r\r", "\r")} | SCRIPT
    line = '\tstartup_script_s3_path = "startup.sh"\r\n'
    added = "\tstartup_script_s3_object_version = aws_s3_object.startup.version_id\r\n"
    assert fixed(tmp_path, "MW201", files) == {"main.tf": files["main.tf"].replace(line, line + added)}


@pytest.mark.parametrize(
    "rest",
    [
        OBJECT.replace("{\n", "{\n  count  = 2\n", 1),
        OBJECT.replace("{\n", '{\n  for_each = toset(["a", "b"])\n', 1),
    ],
    ids=["count", "for_each"],
)
def test_no_line_is_added_where_the_object_is_one_of_several(rest: str, tmp_path: Path) -> None:
    files = terraform('startup_script_s3_path = "startup.sh"', rest) | SCRIPT
    assert places(tmp_path, "MW201", files) == ["main.tf:2"]
    assert fixed(tmp_path, "MW201", files) == {}


def test_no_line_is_added_for_an_object_of_another_module(tmp_path: Path) -> None:
    files = terraform('startup_script_s3_path = "startup.sh"', 'module "files" {\n  source = "./files"\n}\n') | {
        "files/main.tf": OBJECT.replace('= "startup.sh"\n  etag', '= "${path.module}/startup.sh"\n  etag'),
        "files/startup.sh": "export STAGE=prod\n",
    }
    assert found(tmp_path, "MW201", files) == [
        (
            "main.tf:2 module.files.aws_s3_object.startup uploads each new startup.sh, but without "
            "startup_script_s3_object_version nothing in the environment changes and MWAA keeps the old file"
        )
    ]
    assert fixed(tmp_path, "MW201", files) == {}


# ---- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "severity", "fix"),
    [
        ("MW201", "warning", "safe"),
        ("MW213", "warning", "none"),
        ("MW216", "note", "unsafe"),
        ("MW218", "warning", "none"),
        ("MW231", "warning", "unsafe"),
        ("MW237", "note", "none"),
        ("MW244", "error", "unsafe"),
    ],
)
def test_how_grave_each_rule_is(code: str, severity: str, fix: str) -> None:
    rule = shipped().rule(code)
    assert (str(rule.severity), rule.fix, rule.family) == (severity, fix, "environment")
