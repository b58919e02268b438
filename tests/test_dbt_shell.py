"""Shell commands: where they run dbt, with what words, in which folder and with which variables."""

from __future__ import annotations

import pytest

from mwaalint.model.dbt_shell import MAX_CHARACTERS, Invocation, hole, invocation, invocations

SUBCOMMANDS = frozenset({"build", "deps", "docs generate", "run", "seed", "source freshness", "test"})
MWAA = {"AIRFLOW_HOME": "/usr/local/airflow", "HOME": "/usr/local/airflow"}


def runs(command: str, folder: str = "") -> list[Invocation]:
    return invocations(command, folder, MWAA, SUBCOMMANDS)


def places(command: str, folder: str = "") -> list[tuple[str, str]]:
    """Each run as what is read of it first: the words of the command and the folder."""
    return [(run.text, run.folder) for run in runs(command, folder)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cd /dags/shop && dbt run", [("dbt run", "/dags/shop")]),
        ("cd /dags/shop; dbt run", [("dbt run", "/dags/shop")]),
        ("cd /dags/shop\ndbt run\n", [("dbt run", "/dags/shop")]),
        ("cd /dags/shop\r\ndbt run\r\n", [("dbt run", "/dags/shop")]),
        ("cd /dags && cd shop && dbt run", [("dbt run", "/dags/shop")]),
        ("cd /dags/shop/models/.. && dbt run", [("dbt run", "/dags/shop")]),
        ("cd /dags/shop || exit 1; dbt run", [("dbt run", "/dags/shop")]),
        ("pushd /dags/shop; dbt run", [("dbt run", "/dags/shop")]),
        ("cd '/dags/my shop' && dbt run", [("dbt run", "/dags/my shop")]),
        ("cd $AIRFLOW_HOME/dags && dbt run", [("dbt run", "/usr/local/airflow/dags")]),
        ("cd ${AIRFLOW_HOME:-/opt/airflow}/dags && dbt run", [("dbt run", "/usr/local/airflow/dags")]),
        ('cd "${AIRFLOW_HOME}/dags" && dbt run', [("dbt run", "/usr/local/airflow/dags")]),
        ("cd ~/dags && dbt run", [("dbt run", "/usr/local/airflow/dags")]),
        ("D=/dags/shop; cd $D && dbt run", [("dbt run", "/dags/shop")]),
        ("export D=/dags/shop && cd ${D} && dbt run", [("dbt run", "/dags/shop")]),
        ("dbt run", [("dbt run", "")]),
    ],
)
def test_the_folder_is_the_one_changed_to_last(command: str, expected: list[tuple[str, str]]) -> None:
    assert places(command) == expected


@pytest.mark.parametrize(
    "command",
    [
        "cd $UNKNOWN && dbt run",
        "cd $(dirname $0) && dbt run",
        'cd "$(git rev-parse --show-toplevel)" && dbt run',
        "cd `pwd`/shop && dbt run",
        "cd {{ var.value.project }} && dbt run",
        "cd /dags/{{ params.project }} && dbt run",
        "cd relative && dbt run",
        "cd /dags && cd - && dbt run",
        "cd && dbt run",
    ],
)
def test_a_folder_that_the_text_does_not_tell_is_not_guessed(command: str) -> None:
    assert places(command) == [("dbt run", "")]


def test_a_command_may_start_in_a_folder() -> None:
    assert places("dbt run", "/dags/shop") == [("dbt run", "/dags/shop")]
    assert places("cd models && dbt run", "/dags/shop") == [("dbt run", "/dags/shop/models")]


def test_a_subshell_keeps_its_folder_to_itself() -> None:
    assert places("(cd /dags/shop && dbt run); dbt test", "/tmp") == [("dbt run", "/dags/shop"), ("dbt test", "/tmp")]


def test_a_stray_bracket_is_no_harm() -> None:
    assert places("cd /dags/shop ) ; dbt run ))") == [("dbt run", "/dags/shop")]


def test_a_shell_within_the_shell_is_followed() -> None:
    assert places("bash -c 'cd /dags/shop && dbt run'") == [("dbt run", "/dags/shop")]
    assert places("bash -lc 'dbt run'", "/dags/shop") == [("dbt run", "/dags/shop")]
    assert places('sh -e -c "cd /dags/shop; dbt test"') == [("dbt test", "/dags/shop")]


def test_shells_within_shells_within_shells_come_to_an_end() -> None:
    command = "dbt run"
    for _ in range(8):
        command = f'bash -c "{command}"'.replace('"', "'") if '"' not in command else f"bash -c '{command}'"
    assert places(command) == []


@pytest.mark.parametrize(
    "command",
    [
        'docker exec worker bash -c "cd /dags/shop && dbt run"',
        "docker run --rm image dbt run",
        "kubectl exec pod -- dbt run",
        "ssh host 'dbt run'",
        "aws ecs run-task --overrides dbt",
        "echo dbt run",
        'echo "dbt run"',
        "which dbt",
        "dbt --version",
        "dbt init",
        "pip install dbt-core",
        "dbt-coverage compute doc",
        "# cd /dags/shop && dbt run",
        "python transform.py dbt run",
        "bash run_dbt.sh",
        "bash -c",
        "",
        "   \n\t ",
    ],
)
def test_what_runs_no_dbt_here_is_passed_over(command: str) -> None:
    assert places(command, "/dags/shop") == []


@pytest.mark.parametrize(
    "command",
    [
        "/usr/local/airflow/.local/bin/dbt run",
        "dbt-ol run",
        "python -m dbt run",
        "python3.11 -m dbt.cli.main run",
        "time dbt run",
        "timeout 600 dbt run",
        "poetry run dbt run",
        "uv run dbt run",
        "nohup dbt run &",
        "if dbt run; then echo ok; fi",
        "if ! dbt run; then exit 1; fi",
        "{ dbt run; }",
        "DBT_PROFILES_DIR=. dbt run",
        "source /usr/local/airflow/venv/bin/activate && dbt run",
        f"{hole('DBT_BIN')} run",
        f"{hole('execution_config.dbt_executable_path')} run",
    ],
)
def test_dbt_is_known_by_its_many_ways_of_being_called(command: str) -> None:
    assert [(run.subcommand, run.text, run.folder) for run in runs(command, "/dags/shop")] == [
        ("run", "dbt run", "/dags/shop")
    ]


def test_an_unknown_program_is_not_taken_for_dbt() -> None:
    assert places(f"{hole('BINARY')} run") == []


def test_each_command_of_a_line_is_one_run() -> None:
    command = "dbt deps && dbt seed --full-refresh && dbt docs generate; dbt source freshness | tee log"
    assert [run.subcommand for run in runs(command)] == ["deps", "seed", "docs generate", "source freshness"]
    assert [run.text for run in runs(command)][1:] == [
        "dbt seed --full-refresh",
        "dbt docs generate",
        "dbt source freshness",
    ]


def test_a_command_may_go_over_several_lines() -> None:
    command = """
        # don't stop here
        set -e
        cd /dags/shop
        dbt --quiet run \\
            --select orders \\
            --target prod
    """
    assert places(command) == [("dbt --quiet run --select orders --target prod", "/dags/shop")]


@pytest.mark.parametrize(
    "redirection", ["2>&1 | tail -20", "> /tmp/out", ">> /tmp/out 2>&1", "&> /tmp/out", "< /dev/null"]
)
def test_redirections_are_no_words_of_the_command(redirection: str) -> None:
    assert places(f"dbt run --target prod {redirection}") == [("dbt run --target prod", "")]


def test_variables_reach_dbt_when_exported_or_set_in_front_of_it() -> None:
    command = "export A=1 B=/tmp/b; C=3; D=4 dbt run; dbt test"
    first, second = runs(command)
    assert {name: first.variables.get(name) for name in "ABCD"} == {"A": "1", "B": "/tmp/b", "C": "3", "D": "4"}
    assert "D" not in second.variables


def test_options_are_read_with_a_blank_or_an_equals_sign() -> None:
    (run,) = runs("dbt --log-path=/tmp/a run --target-path /tmp/b --log-path /tmp/c --select")
    assert (run.option("--log-path"), run.option("--target-path")) == ("/tmp/c", "/tmp/b")
    assert (run.option("--select"), run.option("--project-dir")) == ("", None)


@pytest.mark.parametrize(
    ("command", "certain"),
    [
        ("dbt run --select {{ params.models }}", True),
        ('dbt run --vars \'{"day": "{{ ds }}"}\'', True),
        ("dbt run --select $MODELS", True),
        ("dbt run {{ params.flags }}", False),
        ("dbt run $FLAGS", False),
        ("dbt run {% if params.full %} --full-refresh {% endif %}", False),
        ("source .env && dbt run", False),
        (". /usr/local/airflow/dags/env.sh; dbt run", False),
        (". venv/bin/activate; dbt run", True),
    ],
)
def test_a_command_is_uncertain_when_it_may_say_more_than_it_shows(command: str, certain: bool) -> None:
    assert [run.certain for run in runs(command)] == [certain]


def test_a_caller_who_is_uncertain_makes_every_run_so() -> None:
    found = invocations("bash -c 'dbt run'; dbt test", "", MWAA, SUBCOMMANDS, certain=False)
    assert [run.certain for run in found] == [False, False]


def test_a_command_may_be_a_list_of_words() -> None:
    (run,) = invocation(["dbt", "run", "--select", "my orders"], "/dags/shop", {}, SUBCOMMANDS)
    assert (run.subcommand, run.arguments, run.folder) == ("run", ("run", "--select", "my orders"), "/dags/shop")
    (inner,) = invocation(["bash", "-c", "cd /dags/shop && dbt run"], "", {}, SUBCOMMANDS)
    assert inner.folder == "/dags/shop"
    assert invocation(["ls", "dbt"], "", {}, SUBCOMMANDS) == []


def test_what_is_not_known_shows_as_an_ellipsis() -> None:
    assert places("dbt run --select {{ params.models }}") == [("dbt run --select …", "")]


@pytest.mark.parametrize(
    "command",
    [
        'cd "/dags && dbt run',
        "cd /dags && dbt run '",
        "dbt run " + "x" * MAX_CHARACTERS,
        "{{" * 4000 + " dbt run",
        "(" * 3000 + '"',
        "\\",
        "$" * 5000,
    ],
)
def test_commands_that_no_shell_would_read_are_no_runs(command: str) -> None:
    assert places(command) == []


def test_variables_that_grow_without_end_are_cut_off() -> None:
    command = "A=xxxxxxxxxx; " + "A=$A$A$A$A$A$A$A$A$A$A; " * 9 + "cd /dags/$A && dbt run"
    assert places(command) == [("dbt run", "")]
