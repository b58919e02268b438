"""Further rules on environments, beyond the examples of their pages: access, logs, counts, artifacts, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.rulebook import shipped
from tests.test_environment_rules import found, places, related, stack, terraform

if TYPE_CHECKING:
    from pathlib import Path

X = 'variable "x" {}\n'


def test_how_grave_each_rule_is() -> None:
    rules = [shipped().rule(code) for code in GRAVE]
    assert {rule.code: (str(rule.severity), str(rule.confidence), rule.fix) for rule in rules} == GRAVE


GRAVE = {
    "MW215": ("warning", "high", "none"),
    "MW233": ("note", "high", "none"),
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
            "stack.yaml:6 PUBLIC_ONLY gives the Airflow UI an address on the internet: everybody"
            " reaches it, and only IAM stands before it"
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
        (dict.fromkeys(ALL_LOGS, "off"), ["no DAG processing, scheduler, task, web server and worker logs of"]),
        ({"worker": ""}, ["The worker logs are left out, and Terraform's provider documents"]),
        ({"task": ""}, []),
        ({"task": "off"}, ["MWAA writes no task logs of"]),
        ({"task": '"WARNING"'}, ["At WARNING the task logs lack"]),
        ({"task": '"ERROR"'}, ["At ERROR the task logs lack"]),
        ({"task": '"CRITICAL"'}, ["At CRITICAL the task logs lack"]),
        ({"task": '"DEBUG"'}, []),
        ({"task": "var.x"}, []),
        ({"task": 'var.x == 1 ? "WARNING" : "INFO"'}, []),
        ({"task": 'var.x == 1 ? "WARNING" : "WARNING"'}, ["At WARNING the task logs lack"]),
        ({name: '"ERROR"' for name in ALL_LOGS if name != "task"}, []),
        ({"scheduler": '"CRITICAL"'}, ["At CRITICAL the scheduler log has"]),
        ({"worker": '"CRITICAL"'}, ["At CRITICAL the worker log has"]),
        ({"dag_processing": '"CRITICAL"'}, ["At CRITICAL the DAG processing log has"]),
        ({"webserver": '"CRITICAL"'}, []),
        ({"webserver": "off", "worker": ""}, ["no web server logs of", "The worker logs are left out"]),
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
            "stack.yaml:10 MWAA writes no worker logs of this environment to CloudWatch, and there is no other place"
            " for them: an error in these parts leaves nothing to read"
        )
    ]
