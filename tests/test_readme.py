"""The README tells the truth: its output, its table and its two commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mwaalint.cli.app import app
from mwaalint.rulebook import shipped
from tools import generate

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_what_is_generated_is_fresh() -> None:
    assert generate.regenerated(README) == README


def test_there_is_an_example_and_a_table_to_keep_fresh() -> None:
    assert re.findall(r"<!-- generated: ([\w-]+) -->", README) == ["example", "complaints", "rules"]


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


def complaints(folder: Path, text: str) -> Path:
    path = folder / "complaints.yaml"
    path.write_text(text, encoding="utf-8")
    return path


ALL_KEYS = "".join(
    f"{key}: {{hurts: Something.}}\n" for key in sorted({key for rule in shipped().all() for key in rule.answers})
)


def test_a_complaint_shows_the_rules_whose_pages_answer_it_or_why_none_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "slow: {hurts: It takes long., unseen: It does.}\n"
    monkeypatch.setattr(generate, "COMPLAINTS", complaints(tmp_path, ALL_KEYS + told))
    lines = generate.complaints_table().splitlines()
    assert lines[-1] == "| It takes long. | It does. |"
    assert any(
        "[MW231](rules/environment/MW231-min-workers-above-one.md) min-workers-above-one" in each for each in lines
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ALL_KEYS + "lonely: {hurts: Nobody cares.}", "lonely is answered by pages or unseen"),
        (ALL_KEYS.replace("idle-workers: {", "idle-workers: {unseen: No., "), "idle-workers is answered by pages or"),
        (ALL_KEYS.replace("idle-workers", "busy-workers"), r"does not have: \['idle-workers'\]"),
    ],
)
def test_a_complaint_without_an_answer_is_not_passed_over(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "COMPLAINTS", complaints(tmp_path, text))
    with pytest.raises(ValueError, match=said):
        generate.complaints_table()
