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
