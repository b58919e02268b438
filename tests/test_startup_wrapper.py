"""What the pages on startup scripts promise, seen: each of their examples runs in a container's wrapper with bash."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.pages import RULES, Example, examples
from tests.startup_wrapper import Container, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = "startup.sh"
EXAMPLES = [
    example
    for page in sorted((RULES / "startup").glob("*.md"))
    for example in examples(page)
    if SCRIPT in example.files
]


def flagged(code: str) -> list[Example]:
    return [example for example in EXAMPLES if example.code == code and example.expected]


def unflagged(code: str) -> list[Example]:
    return [example for example in EXAMPLES if example.code == code and not example.expected]


def cases(kind: Callable[[str], list[Example]], *codes: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", [example for code in codes for example in kind(code)], ids=str)


def script(example: Example) -> bytes:
    """The example's script; placeholders of Terraform are filled in as Terraform does."""
    data = example.content(SCRIPT)
    if b"templatefile" in example.files.get("main.tf", "").encode():
        data = re.sub(rb"\$\{(\w+)\}", rb"rendered-\1", data)
    return data


def start(example: Example, root: Path, **container: object) -> Outcome:
    return Container(root, **container).start(script(example))  # type: ignore[arg-type]


def variables(example: Example) -> dict[str, str]:
    """The variables that the flagged lines set, with the text they are set to."""
    lines = script(example).decode().splitlines()
    found = {}
    for wanted in example.expected:
        match = re.search(r"\b([A-Z]\w*)=\"?([^\"\s]*)", lines[wanted.line - 1])
        assert match
        found[match[1]] = match[2]
    return found


def test_a_plain_script_is_healthy_and_its_exports_are_kept(tmp_path: Path) -> None:
    outcome = Container(tmp_path).start(b"export A=1\nB=2\nfalse\nexit 3\nexport C=3\n")
    assert outcome.healthy
    assert outcome.environ["A"] == "1"
    assert not {"B", "C"} & set(outcome.environ)


def test_a_syntax_error_does_not_stop_the_container(tmp_path: Path) -> None:
    outcome = Container(tmp_path).start(b"export A=1\nif true; then\nexport B=1\n")
    assert outcome.healthy
    assert "syntax error" in outcome.output


def test_the_shebang_has_no_effect(tmp_path: Path) -> None:
    assert Container(tmp_path).start(b"#!/bin/bash -e\nfalse\n").healthy


@cases(flagged, "MW602")
def test_a_failure_under_set_e_is_the_end_of_the_container(example: Example, tmp_path: Path) -> None:
    assert not start(example, tmp_path, missing=["libaio"] if "libaio" in str(example.expected) else []).healthy


@cases(unflagged, "MW602")
def test_asking_about_failures_keeps_the_container_healthy(example: Example, tmp_path: Path) -> None:
    outcome = start(example, tmp_path, missing=["libaio", "unixODBC"])
    assert outcome.healthy


@cases(flagged, "MW602", "MW611", "MW612")
def test_the_fix_keeps_the_container_healthy(example: Example, tmp_path: Path) -> None:
    if example.diff is None:
        pytest.skip("the page shows no fix for this example")
    fixed = "".join(f"{line[1:]}\n" for line in example.diff.splitlines() if not line.startswith("-"))
    assert Container(tmp_path, missing=["libaio"]).start(fixed.encode()).healthy


@cases(flagged, "MW611", "MW612")
def test_the_environment_is_not_saved(example: Example, tmp_path: Path) -> None:
    assert not start(example, tmp_path).healthy


@cases(unflagged, "MW601", "MW603", "MW604", "MW605", "MW606", "MW608", "MW609", "MW610", "MW611", "MW612", "MW614")
def test_the_environment_is_saved(example: Example, tmp_path: Path) -> None:
    assert start(example, tmp_path).healthy


def test_the_folder_of_airflow_is_told_apart_from_that_of_jq(tmp_path: Path) -> None:
    """Without jq nothing is saved; with jq and without airflow it is, and nothing starts."""
    of_jq, of_airflow = flagged("MW612")
    assert start(of_jq, tmp_path / "jq").saved is None
    outcome = start(of_airflow, tmp_path / "airflow")
    assert outcome.saved is not None
    assert not outcome.healthy


@cases(flagged, "MW605")
def test_what_is_not_exported_is_lost(example: Example, tmp_path: Path) -> None:
    outcome = start(example, tmp_path)
    assert outcome.healthy
    assert not set(variables(example)) & set(outcome.environ)


@cases(unflagged, "MW605")
def test_what_is_exported_in_any_way_is_kept(example: Example, tmp_path: Path) -> None:
    outcome = start(example, tmp_path)
    names = set(re.findall(r"\b(AIRFLOW_\w+)=", example.files[SCRIPT]))
    assert names <= set(outcome.environ)
    for name in names - {"AIRFLOW_HOME"}:
        assert outcome.environ[name] in example.files[SCRIPT]


@cases(flagged, "MW606")
def test_protected_variables_are_set_back(example: Example, tmp_path: Path) -> None:
    outcome = start(example, tmp_path)
    assert outcome.saved
    for name, value in variables(example).items():
        if name == "AIRFLOW__CORE__PARALLELISM":
            continue  # AWS documents it, but the service does it, not the wrapper
        assert outcome.saved[name].endswith(value.rpartition(":")[2].replace("/usr", f"{tmp_path}/usr"))
        assert outcome.environ[name] != outcome.saved[name]


def test_variables_of_ones_own_are_kept(tmp_path: Path) -> None:
    example, *_ = unflagged("MW606")
    outcome = start(example, tmp_path)
    assert outcome.environ["AIRFLOW__CUSTOM__BUCKET"] == "acme-data"
    assert outcome.environ["AIRFLOW_CONN_AWS_DEFAULT"] == "aws://?region_name=us-east-1"
    assert outcome.environ["MWAA__ACME__TEAM"] == "data"


@cases(flagged, "MW610")
def test_nothing_is_installed(example: Example, tmp_path: Path) -> None:
    outcome = start(example, tmp_path)
    assert outcome.healthy
    assert outcome.installed == frozenset()
    assert re.search("command not found|not found|Operation aborted|superuser", outcome.output)


@cases(unflagged, "MW610")
def test_packages_are_installed(example: Example, tmp_path: Path) -> None:
    assert start(example, tmp_path).installed & {"libaio", "unixODBC", "unixODBC-devel"}


@cases(flagged, "MW613")
def test_values_end_in_a_carriage_return(example: Example, tmp_path: Path) -> None:
    assert start(example, tmp_path).environ["DBT_TARGET"] == "prod\r"


def test_with_newlines_of_linux_values_are_as_written(tmp_path: Path) -> None:
    example, *_ = unflagged("MW613")
    assert start(example, tmp_path).environ["DBT_TARGET"] == "prod"


@cases(flagged, "MW601")
def test_pip_user_reaches_the_tasks(example: Example, tmp_path: Path) -> None:
    assert start(example, tmp_path).environ["PIP_USER"] == "true"


@cases(unflagged, "MW601")
def test_pip_user_does_not_reach_the_tasks(example: Example, tmp_path: Path) -> None:
    assert start(example, tmp_path).environ.get("PIP_USER") != "true"


def needed(example: Example, root: Path, component: str) -> bool:
    """Whether a component has what the page's finding is about: the variable, or the virtual environment."""
    outcome = start(example, root, component=component)
    assert outcome.healthy
    if "dbt_venv" in example.files[SCRIPT]:
        return (root / "usr/local/airflow/dbt_venv/bin/pip").exists()
    return "ORDERS_BUCKET" in outcome.environ


@cases(flagged, "MW603")
def test_the_scheduler_lacks_what_the_worker_has(example: Example, tmp_path: Path) -> None:
    assert needed(example, tmp_path / "worker", "worker")
    assert not needed(example, tmp_path / "scheduler", "scheduler")


def test_what_is_made_for_all_but_the_web_server_is_there(tmp_path: Path) -> None:
    example, *_ = unflagged("MW603")
    assert start(example, tmp_path / "scheduler", component="scheduler").environ["STAGE"] == "prod"
    assert "STAGE" not in start(example, tmp_path / "webserver", component="webserver").environ


@cases(flagged, "MW604")
def test_pip_installs_into_airflows_own_python(example: Example, tmp_path: Path) -> None:
    installed = [line for line in start(example, tmp_path).pip if " install " in line]
    assert len(installed) == len(example.expected)
    assert all(line.startswith("/usr/bin ") for line in installed)


def test_pip_of_a_virtual_environment_installs_into_it(tmp_path: Path) -> None:
    example, *_ = unflagged("MW604")
    installed = start(example, tmp_path).pip
    assert len(installed) == 2
    assert all(line.startswith("/usr/local/airflow/dbt_venv/bin ") for line in installed)


@cases(flagged, "MW607")
def test_without_internet_the_container_never_gets_healthy(example: Example, tmp_path: Path) -> None:
    of_subnets = "aws_subnet" in example.files["main.tf"]
    component = "worker" if of_subnets else "webserver"
    outcome = start(example, tmp_path / "inside", component=component, online=False, packages=of_subnets)
    assert outcome.timed_out
    assert not outcome.healthy
    assert start(example, tmp_path / "outside", component="worker").healthy


@cases(unflagged, "MW607")
def test_without_downloads_the_web_server_needs_no_internet(example: Example, tmp_path: Path) -> None:
    known = "PRIVATE_ONLY" in example.files["main.tf"]
    assert start(example, tmp_path, component="webserver", online=not known).healthy


@cases(flagged, "MW608")
def test_hybrid_is_left_out_or_nobody_is_meant(example: Example, tmp_path: Path) -> None:
    wanted = next(word for word in ("libaio", "POOL") if word in example.files[SCRIPT])
    for component in ("hybrid", "webserver"):
        outcome = start(example, tmp_path / component, component=component)
        assert outcome.healthy
        assert not {wanted} & {*outcome.installed, *outcome.environ}


@cases(flagged, "MW608")
def test_the_worker_has_what_hybrid_lacks(example: Example, tmp_path: Path) -> None:
    if "triggerer" in example.files[SCRIPT]:
        pytest.skip("no component has this name")
    assert "libaio" in start(example, tmp_path, component="worker").installed


def test_hybrid_is_not_the_web_server(tmp_path: Path) -> None:
    example, *_ = unflagged("MW608")
    assert start(example, tmp_path, component="hybrid").installed == {"libaio", "unixODBC"}


@cases(flagged, "MW609")
def test_a_slow_script_is_ended_and_the_environment_lost(example: Example, tmp_path: Path) -> None:
    outcome = start(example, tmp_path)
    assert outcome.timed_out
    assert outcome.saved is None


@cases(flagged, "MW614")
def test_the_configuration_option_wins(example: Example, tmp_path: Path) -> None:
    ((name, value),) = variables(example).items()
    outcome = start(example, tmp_path, options={name: "40"})
    assert outcome.saved is not None
    assert outcome.saved[name] == value
    assert outcome.environ[name] == "40"


def test_every_startup_rule_has_been_seen() -> None:
    """A rule on startup scripts whose claim nobody watched would be an opinion."""
    source = Path(__file__).read_text(encoding="utf-8")
    rules = {example.code for example in EXAMPLES}
    assert {code for code in rules if f'(flagged, "{code}"' in source or f', "{code}"' in source} == rules
