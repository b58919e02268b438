"""Further rules on environments, beyond the examples of their pages: access, logs, counts, artifacts, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.rulebook import shipped
from tests.test_environment_rules import checked, dags, fixed, found, places, related, stack, terraform

if TYPE_CHECKING:
    from pathlib import Path

X = 'variable "x" {}\n'


def test_how_grave_each_rule_is() -> None:
    rules = [shipped().rule(code) for code in GRAVE]
    assert {rule.code: (str(rule.severity), str(rule.confidence), rule.fix) for rule in rules} == GRAVE


GRAVE = {
    "MW204": ("error", "high", "safe"),
    "MW214": ("error", "high", "unsafe"),
    "MW215": ("warning", "high", "none"),
    "MW232": ("warning", "high", "none"),
    "MW233": ("note", "high", "none"),
    "MW234": ("error", "high", "none"),
    "MW235": ("warning", "medium", "none"),
    "MW245": ("warning", "high", "none"),
}


# ---- MW233: the UI on the internet ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "fires"),
    [
        ('"PUBLIC_ONLY"', True),
        ('var.x == 1 ? "PUBLIC_ONLY" : "PUBLIC_ONLY"', True),
        ('"PRIVATE_ONLY"', False),
        ('"PUBLIC_AND_PRIVATE"', False),
        ('"public_only"', False),
        ('""', False),
        ("null", False),
        ("true", False),
        ("var.x", False),
        ('var.x == 1 ? "PUBLIC_ONLY" : "PRIVATE_ONLY"', False),
        ('var.x == 1 ? "PUBLIC_ONLY" : null', False),
    ],
)
def test_only_a_mode_that_is_surely_public(mode: str, fires: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW233", terraform(f"webserver_access_mode = {mode}", X))) == fires


def test_a_public_mode_is_shown_where_it_is_written(tmp_path: Path) -> None:
    files = terraform("webserver_access_mode = var.mode", 'variable "mode" {\n  default = "PUBLIC_ONLY"\n}\n')
    assert places(tmp_path, "MW233", files) == ["main.tf:5"]
    assert related(tmp_path, "MW233", files) == [("main.tf:2", "the environment takes it from there")]


def test_a_public_stack(tmp_path: Path) -> None:
    assert found(tmp_path, "MW233", stack("Name: etl\nWebserverAccessMode: PUBLIC_ONLY")) == [
        (
            "stack.yaml:6 PUBLIC_ONLY gives the Airflow UI an address on the internet: anyone can reach it, and only "
            "IAM protects it"
        )
    ]


# ---- MW215: logs ----------------------------------------------------------------------------------------------------

ALL_LOGS = ("dag_processing", "scheduler", "task", "webserver", "worker")


def logs(**levels: str) -> str:
    """A logging_configuration of all five on at INFO, one line each; "" leaves one out, "off" switches it off."""
    lines = []
    for name in ALL_LOGS:
        level = levels.get(name, '"INFO"')
        enabled = "false" if level == "off" else "true"
        text = '"INFO"' if level == "off" else level
        lines.append(f"  {name}_logs {{\n    enabled = {enabled}\n    log_level = {text}\n  }}" if level else "")
    return "logging_configuration {\n" + "\n".join(filter(None, lines)) + "\n}"


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ({}, []),
        ({"scheduler": "off"}, ["MWAA writes no scheduler logs of"]),
        (dict.fromkeys(ALL_LOGS, "off"), ["no DAG processing, scheduler, task, web server or worker logs of"]),
        ({"worker": ""}, ["the worker logs are left out, and Terraform's provider documents"]),
        ({"task": ""}, []),
        ({"task": "off"}, ["MWAA writes no task logs of"]),
        ({"task": '"WARNING"'}, ["at WARNING the task logs lack"]),
        ({"task": '"ERROR"'}, ["at ERROR the task logs lack"]),
        ({"task": '"CRITICAL"'}, ["at CRITICAL the task logs lack"]),
        ({"task": '"DEBUG"'}, []),
        ({"task": "var.x"}, []),
        ({"task": 'var.x == 1 ? "WARNING" : "INFO"'}, []),
        ({"task": 'var.x == 1 ? "WARNING" : "WARNING"'}, ["at WARNING the task logs lack"]),
        ({name: '"ERROR"' for name in ALL_LOGS if name != "task"}, []),
        ({"scheduler": '"CRITICAL"'}, ["at CRITICAL the scheduler log does"]),
        ({"worker": '"CRITICAL"'}, ["at CRITICAL the worker log does"]),
        ({"dag_processing": '"CRITICAL"'}, ["at CRITICAL the DAG processing log does"]),
        ({"webserver": '"CRITICAL"'}, []),
        ({"webserver": "off", "worker": ""}, ["no web server logs of", "the worker logs are left out"]),
    ],
)
def test_logs_that_are_off_or_too_quiet(levels: dict[str, str], words: list[str], tmp_path: Path) -> None:
    lines = sorted(found(tmp_path, "MW215", terraform(logs(**levels), X)))
    assert [any(word in line for line in lines) for word in words] == [True] * len(words)
    assert len(lines) == len(words)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "logging_configuration = var.x",
        "logging_configuration {}",
        logs(scheduler="off") + "\nlifecycle {\n  ignore_changes = [logging_configuration]\n}",
    ],
    ids=["none", "unknown", "empty", "ignored"],
)
def test_logs_that_nobody_tells_of(arguments: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW215", terraform(f'name = "etl"\n{arguments}', X)) == []


REQUIRED = """name = "etl"
dag_s3_path = "dags"
execution_role_arn = var.x
source_bucket_arn = var.x
network_configuration {
  subnet_ids = var.x
}
"""


def test_a_whole_environment_without_logs_writes_those_of_tasks_only(tmp_path: Path) -> None:
    (line,) = found(tmp_path, "MW215", terraform(REQUIRED, X))
    assert "the DAG processing, scheduler, web server and worker logs are off" in line


@pytest.mark.parametrize(
    "lacking", ["name", "dag_s3_path", "execution_role_arn", "source_bucket_arn", "network_configuration"]
)
def test_an_excerpt_without_logs_is_left_alone(lacking: str, tmp_path: Path) -> None:
    before, _, after = REQUIRED.partition(lacking)
    written = before if lacking == "network_configuration" else f"{before}# {after}"
    assert found(tmp_path, "MW215", terraform(written, X)) == []


def test_a_log_that_is_made_by_a_dynamic_block_is_not_left_out(tmp_path: Path) -> None:
    dynamic = """dynamic scheduler_logs {
    for_each = var.x
    content {
      enabled = false
    }
  }
"""
    arguments = logs(scheduler="").replace("{\n", "{\n  " + dynamic, 1)
    assert found(tmp_path, "MW215", terraform(arguments, X)) == []


def test_logs_that_are_off_are_one_finding_with_all_places(tmp_path: Path) -> None:
    files = terraform(logs(scheduler="off", worker="off"))
    assert places(tmp_path, "MW215", files) == ["main.tf:8"]
    assert related(tmp_path, "MW215", files) == [("main.tf:20", "switched off as well")]


@pytest.mark.parametrize("no", ["false", "'false'", '"False"'])
def test_off_in_a_stack_may_be_a_text(no: str, tmp_path: Path) -> None:
    on = "".join(f"\n  {name}: {{Enabled: true}}" for name in ("DagProcessingLogs", "TaskLogs", "WebserverLogs"))
    files = stack(f"LoggingConfiguration:{on}\n  SchedulerLogs: {{Enabled: true}}\n  WorkerLogs: {{Enabled: {no}}}")
    assert found(tmp_path, "MW215", files) == [
        (
            "stack.yaml:10 MWAA writes no worker logs of this environment to CloudWatch, and there is no other place "
            "for them: an error in these components leaves no trace"
        )
    ]


# ---- MW234: numbers that MWAA rejects -------------------------------------------------------------------------------

MEDIUM = 'environment_class = "mw1.medium"\n'


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            MEDIUM + "schedulers = 0",
            ["allows 2 to 5 schedulers in every class but mw1.micro, so it rejects 0 schedulers"],
        ),
        (MEDIUM + "schedulers = 1", ["so it rejects 1 scheduler"]),
        ("schedulers = 1", ["so it rejects 1 scheduler"]),  # Terraform's default class is mw1.small
        (MEDIUM + "schedulers = 2", []),
        (MEDIUM + "schedulers = 5", []),
        (MEDIUM + "schedulers = 6", ["MWAA allows at most 5 schedulers, so it rejects 6 schedulers"]),
        (MEDIUM + 'schedulers = 1\nairflow_version = "1.10.12"', []),
        (MEDIUM + "schedulers = var.x", []),
        (MEDIUM + "schedulers = var.x == 1 ? 1 : 2", []),
        (MEDIUM + "schedulers = var.x == 1 ? 1 : 0", ["rejects 1 scheduler", "rejects 0 schedulers"]),
        ("environment_class = var.x\nschedulers = 1", []),
        ("environment_class = var.x\nschedulers = 0", ["requires at least 1 of the schedulers"]),
        ('environment_class = var.x == 1 ? "mw1.micro" : "mw1.small"\nschedulers = 1', []),
        ('environment_class = var.x == 1 ? "mw1.large" : "mw1.small"\nschedulers = 1', ["rejects 1 scheduler"]),
        ('environment_class = "mw1.micro"\nschedulers = 6\nmin_workers = 5\nmax_workers = 3', []),
        (MEDIUM + "min_webservers = 1\nmax_webservers = 5", ["2 to 5 web servers in every class but mw1.micro"]),
        (MEDIUM + "min_webservers = 2\nmax_webservers = 6", ["6 web servers exceed MWAA's quota of 5"]),
        (MEDIUM + "min_webservers = 4\nmax_webservers = 3", ["minimum of 4 web servers is above the maximum of 3"]),
        (MEDIUM + "min_webservers = 4", []),
        (MEDIUM + "min_workers = 1\nmax_workers = 1", []),
        (MEDIUM + "min_workers = 0", ["MWAA requires at least 1 of the workers, so it rejects 0 workers"]),
        (MEDIUM + "max_workers = 25", []),
        (MEDIUM + "max_workers = 26", ["26 workers exceed MWAA's quota of 25 for one environment"]),
        (MEDIUM + "min_workers = 3\nmax_workers = 3", []),
        (MEDIUM + "min_workers = 4\nmax_workers = 3", ["the minimum of 4 workers is above the maximum of 3"]),
        (MEDIUM + "min_workers = 10", []),
        (MEDIUM + "min_workers = 11", ["the minimum of 11 workers is above 10, the maximum that MWAA uses when"]),
        (MEDIUM + "min_workers = 11\nmax_workers = var.x", []),
        (MEDIUM + "min_workers = 4\nmax_workers = var.x == 1 ? 3 : 5", []),
        (MEDIUM + "min_workers = var.x == 1 ? 4 : 2\nmax_workers = 3", []),
    ],
)
def test_numbers_that_mwaa_rejects(arguments: str, words: list[str], tmp_path: Path) -> None:
    lines = found(tmp_path, "MW234", terraform(arguments, X))
    assert [word in line for word, line in zip(words, lines, strict=True)] == [True] * len(words)


def test_without_a_class_a_stack_may_be_micro(tmp_path: Path) -> None:
    assert found(tmp_path, "MW234", stack("Name: etl\nSchedulers: 1")) == []


def test_a_quota_is_a_warning(tmp_path: Path) -> None:
    findings = checked(tmp_path, "MW234", terraform("max_workers = 40")).findings
    assert [(str(finding.severity), str(finding.confidence)) for finding in findings] == [("warning", "medium")]


# ---- MW204: mw1.micro -----------------------------------------------------------------------------------------------

MICRO = 'environment_class = "mw1.micro"\n'


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("schedulers", "2 schedulers"),
        ("min_webservers", "2 web servers as the minimum"),
        ("max_webservers", "2 web servers as the maximum"),
        ("min_workers", "2 workers as the minimum"),
        ("max_workers", "2 workers as the maximum"),
    ],
)
def test_every_number_of_micro_is_one(argument: str, words: str, tmp_path: Path) -> None:
    files = terraform(f"{MICRO}{argument} = 2")
    line = f"main.tf:3 mw1.micro has exactly 1 scheduler, 1 web server and 1 worker, so MWAA rejects {words}"
    assert found(tmp_path, "MW204", files) == [line]
    assert fixed(tmp_path, "MW204", files, unsafe=False) == {"main.tf": files["main.tf"].replace("= 2", "= 1")}


@pytest.mark.parametrize(
    ("arguments", "fires"),
    [
        (MICRO + "schedulers = 1", False),
        (MICRO + "schedulers = 0", True),
        (MICRO + "schedulers = null", False),
        (MICRO + "schedulers = var.x", False),
        (MICRO + "schedulers = var.x == 1 ? 1 : 2", False),
        (MICRO + "schedulers = var.x == 1 ? 3 : 2", True),
        (MICRO + 'schedulers = "2"', True),
        (MICRO + 'schedulers = "two"', False),
        (MICRO, False),
        (MEDIUM + "schedulers = 2", False),
        ("schedulers = 2", False),
        ('environment_class = var.x == 1 ? "mw1.micro" : "mw1.small"\nschedulers = 2', False),
    ],
)
def test_only_a_number_that_micro_cannot_have(arguments: str, fires: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW204", terraform(arguments, X))) == fires


def test_a_shared_default_is_not_changed_for_micro(tmp_path: Path) -> None:
    files = terraform(MICRO + "schedulers = var.n", 'variable "n" {\n  default = 2\n}\n')
    assert places(tmp_path, "MW204", files) == ["main.tf:6"]
    assert related(tmp_path, "MW204", files) == [
        ("main.tf:3", "the environment takes it from there"),
        ("main.tf:2", "the class is chosen here"),
    ]
    assert fixed(tmp_path, "MW204", files) == {}


# ---- MW245: requirements that nothing installs ----------------------------------------------------------------------

UPLOADED = 'resource "aws_s3_object" "r" {\n  key = "requirements.txt"\n  source = "requirements.txt"\n}\n'
PANDAS = {"requirements.txt": "pandas==2.1.4\n"}


@pytest.mark.parametrize(
    ("arguments", "fires"),
    [
        ("", True),
        ("requirements_s3_path = null", True),
        ('requirements_s3_path = "requirements.txt"', False),
        ('requirements_s3_path = "other.txt"', False),
        ("requirements_s3_path = var.x", False),
        ("lifecycle {\n  ignore_changes = [requirements_s3_path]\n}", False),
        ("lifecycle {\n  ignore_changes = all\n}", False),
    ],
)
def test_requirements_that_are_uploaded_for_nothing(arguments: str, fires: bool, tmp_path: Path) -> None:
    files = terraform(f'name = "etl"\n{arguments}', X + UPLOADED) | PANDAS
    assert bool(found(tmp_path, "MW245", files)) == fires


def test_an_upload_by_a_script_is_shown(tmp_path: Path) -> None:
    files = terraform('name = "etl"') | PANDAS
    files["deploy.sh"] = "aws s3 cp requirements.txt s3://bucket/requirements.txt\n"
    assert found(tmp_path, "MW245", files) == [
        (
            "main.tf:1 requirements.txt is uploaded, but the environment specifies no requirements file, so MWAA "
            "installs nothing from it and DAGs that import its packages fail"
        )
    ]
    assert related(tmp_path, "MW245", files) == [("deploy.sh:1", "uploads it")]


def test_a_deploy_step_names_the_requirements(tmp_path: Path) -> None:
    files = terraform('name = "etl"', UPLOADED) | PANDAS
    files["deploy.sh"] = "aws mwaa update-environment --requirements-s3-object-version $V\n"
    assert found(tmp_path, "MW245", files) == []


@pytest.mark.parametrize("text", ["", "# none yet\n", "--constraint https://example.org/constraints.txt\n"])
def test_an_empty_file_is_not_missed(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW245", terraform('name = "etl"', UPLOADED) | {"requirements.txt": text}) == []


def test_one_environment_of_two_installs_it(tmp_path: Path) -> None:
    other = 'resource "aws_mwaa_environment" "b" {\n  requirements_s3_path = "requirements.txt"\n}\n'
    assert found(tmp_path, "MW245", terraform('name = "etl"', other + UPLOADED) | PANDAS) == []


# ---- MW232: no version ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ('name = "etl"', ["main.tf:1"]),
        ('name = "etl"\nairflow_version = ""', ["main.tf:3"]),
        ('name = "etl"\nairflow_version = var.none', ["main.tf:3"]),
        ('airflow_version = "2.10.3"', []),
        ('airflow_version = "latest"', []),
        ("airflow_version = var.x", []),
        ('airflow_version = var.x == 1 ? "2.10.3" : null', []),
        ('airflow_version = var.x == 1 ? "2.10.3" : "2.11.2"', []),
        ("lifecycle {\n  ignore_changes = [airflow_version]\n}", []),
    ],
)
def test_only_a_version_that_nobody_names(arguments: str, place: list[str], tmp_path: Path) -> None:
    files = terraform(arguments, f'{X}variable "none" {{\n  default = null\n}}\n')
    assert places(tmp_path, "MW232", files) == place


def test_a_version_taken_out_of_a_stack_is_none(tmp_path: Path) -> None:
    assert places(tmp_path, "MW232", stack("Name: etl\nAirflowVersion: !Ref AWS::NoValue")) == ["stack.yaml:6"]


# ---- MW214: worker_autoscale ----------------------------------------------------------------------------------------


def autoscale(setting: str, head: str = MEDIUM) -> dict[str, str]:
    return terraform(f'{head}airflow_configuration_options = {{ "celery.worker_autoscale" = {setting} }}', X)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('"10,0"', None),
        ('"10,10"', None),
        ('"10, 5"', None),
        ('"10"', None),
        ('"200,1"', None),
        ('""', None),
        ("var.x", None),
        ('"<max>,<min>"', None),
        ('"{{ tasks }}"', None),
        ('var.x == 1 ? "1,5" : "5,1"', None),
        ('"1,5"', "with 1,5 a worker runs 1 task at a time, not 5"),
        ('"4,5"', "with 4,5 a worker runs 4 tasks at a time, not 5"),
        ('"0,5"', "with 0,5 a worker runs 0 tasks at a time, not 5"),
        ('"10-5"', "cannot read 10-5, so its workers fail"),
        ('"10;5"', "cannot read 10;5, so its workers fail"),
        ('"10,5,1"', "cannot read 10,5,1, so its workers fail"),
        ('"2.5,1"', "cannot read 2.5,1, so its workers fail"),
        ('"-1,-1"', "cannot read -1,-1, so its workers fail"),
        ('"auto"', "cannot read auto, so its workers fail"),
    ],
)
def test_what_mwaa_reads_in_worker_autoscale(setting: str, words: str | None, tmp_path: Path) -> None:
    lines = found(tmp_path, "MW214", autoscale(setting))
    assert [line for line in lines if words and line.startswith("main.tf:3 ") and words in line] == lines
    assert len(lines) == (words is not None)


@pytest.mark.parametrize(
    ("setting", "head", "after"),
    [
        ('"1,5"', MEDIUM, '"5,5"'),
        ('"1,40"', MEDIUM, '"10,10"'),
        ('"1,40"', 'environment_class = "mw1.micro"\n', '"3,3"'),
        ('"10-5"', MEDIUM, '"10,10"'),
        ('"auto"', MEDIUM, None),
        ('"1,5"', "environment_class = var.x\n", None),
    ],
)
def test_the_larger_number_twice_within_the_class(setting: str, head: str, after: str | None, tmp_path: Path) -> None:
    files = autoscale(setting, head)
    changed = {"main.tf": files["main.tf"].replace(setting, after)} if after else {}
    assert fixed(tmp_path, "MW214", files) == changed
    assert fixed(tmp_path, "MW214", files, unsafe=False) == {}


# ---- MW235: too many DAGs for the class -----------------------------------------------------------------------------


def synced(number: int) -> dict[str, str]:
    """A DAGs folder that a script copies to the bucket."""
    return dags(number) | {"deploy.sh": "aws s3 sync dags s3://bucket/dags\n"}


@pytest.mark.parametrize(
    ("head", "number", "fires"),
    [
        ("mw1.micro", 25, False),
        ("mw1.micro", 26, True),
        ("mw1.small", 50, False),
        ("mw1.small", 51, True),
        ("mw1.medium", 250, False),
        ("mw1.medium", 251, True),
        ("mw1.huge", 251, False),
    ],
)
def test_the_number_of_dags_a_class_takes(head: str, number: int, fires: bool, tmp_path: Path) -> None:
    files = terraform(f'dag_s3_path = "dags"\nenvironment_class = "{head}"') | synced(number)
    assert bool(found(tmp_path, "MW235", files)) == fires


def test_terraforms_default_class_may_be_too_small(tmp_path: Path) -> None:
    assert found(tmp_path, "MW235", terraform('dag_s3_path = "dags"') | synced(60)) == [
        (
            "main.tf:1 dags/ makes 60 DAGs, but AWS sizes mw1.small for 50: with more, the scheduler may fall "
            "behind, so DAGs go missing and tasks wait; mw1.medium, sized for 250, costs ≈ $183 a month more "
            "(($0.74 - $0.49) × 730 h, us-east-1)"
        )
    ]
    assert found(tmp_path / "stack", "MW235", stack("DagS3Path: dags") | synced(60)) == []


def test_a_class_without_a_price_is_named_alone(tmp_path: Path) -> None:
    files = terraform('dag_s3_path = "dags"\nenvironment_class = "mw1.micro"') | synced(30)
    (line,) = found(tmp_path, "MW235", files)
    assert line.endswith("mw1.medium is sized for 250")


def test_every_class_it_may_have_is_too_small(tmp_path: Path) -> None:
    both = terraform('dag_s3_path = "dags"\nenvironment_class = var.x == 1 ? "mw1.micro" : "mw1.small"', X)
    assert found(tmp_path / "one", "MW235", both | synced(40)) == []
    assert len(found(tmp_path / "two", "MW235", both | synced(60))) == 2


@pytest.mark.parametrize(
    "extra", [{"dags/.airflowignore": "made.py\n"}, {"deploy.sh": "aws s3 sync other s3://bucket/dags\n"}]
)
def test_dags_that_may_not_be_in_the_environment(extra: dict[str, str], tmp_path: Path) -> None:
    files = terraform('dag_s3_path = "dags"\nenvironment_class = "mw1.micro"') | synced(60) | extra
    assert found(tmp_path, "MW235", files) == []
