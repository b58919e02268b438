"""What the pages on startup scripts promise, seen: each of their examples runs in a container's wrapper with bash."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.pages import RULES, Example, examples
from tests.startup_wrapper import Container, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


@cases(unflagged, "MW611", "MW612", "MW605", "MW606", "MW610")
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
