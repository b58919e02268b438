"""The README tells the truth: its output, its table and its two commands."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from mwaalint.cli.app import app
from tools import generate

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_what_is_generated_is_fresh() -> None:
    assert generate.regenerated(README) == README


def test_there_is_an_example_and_a_table_to_keep_fresh() -> None:
    assert re.findall(r"<!-- generated: ([\w-]+) -->", README) == ["example", "rules"]


def test_a_stale_block_is_written_anew_and_the_rest_is_left_alone() -> None:
    stale = README.replace("| [MW103](", "| [MW999](", 1)
    assert stale != README
    assert generate.regenerated(stale) == README


def test_the_two_commands_are_the_ones_that_ci_runs() -> None:
    script = (Path(__file__).parent.parent / ".ci" / "run").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m venv .*$", README, re.M)
    assert len(commands) == 2
    assert "mwaalint check examples/etl --fail-on never" in commands[0]
    assert commands[1].endswith("-m pytest")
    assert "readme_commands" in script


def test_every_option_the_readme_names_exists() -> None:
    shown = "".join(CliRunner().invoke(app, [command, "--help"]).output for command in app.commands)
    named = set(re.findall(r"`(--[a-z-]+)", README))
    assert named - set(re.findall(r"--[a-z-]+", shown)) - {"--constraint"} == set()
