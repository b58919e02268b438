"""The rules on startup scripts that lose the environment or variables, held to what bash does with the same script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.startup_rules import ENVIRONMENT, fixed, found, lines
from tests.startup_wrapper import Container

if TYPE_CHECKING:
    from pathlib import Path

# "gone" is no program, so it fails; what bash makes of it decides what the rule has to say.
UNDER_SET_E = [
    "gone",
    "gone || true",
    "gone || gone",
    "true && gone",
    "gone && true",
    "gone; true",
    "! gone",
    "if gone; then true; fi",
    "if true; then gone; fi",
    "if ! gone; then gone || true; fi",
    "while gone; do true; done",
    "for i in 1; do gone; done",
    "gone | echo",
    "echo | gone",
    "(gone)",
    "(gone) || true",
    "{ gone; }",
    "gone &",
    "A=$(gone)",
    "A=$(gone || true)",
    "A=$(gone || gone)",
    "export A=$(gone)",
    "echo $(gone)",
    "echo a $(gone) b",
    "f() { gone; }",
    "f() { gone; }\nf",
    "f() { gone; }\nf || true",
    "f() { gone || true; }\nf",
    "case a in a) gone ;; esac",
    "case a in a) gone || true ;; esac",
    "set +e\ngone",
    "set +e\ngone\nset -e",
    "set +o errexit\ngone",
    "gone || exit 1",
    "gone || { echo no; exit 3; }",
    "echo a\nexport B=1\nA=1",
    "exit 0\ngone",
    "true",
    "printf x",
    "gone | echo || true",
    "(set +e; true)\ntrue",
    "gone && true\ntrue",
    "if true; then gone && true; fi",
    "{ gone && echo; }",
    "[ -z a ] && true",
    "[ -n a ] && true",
]


@pytest.mark.parametrize("script", UNDER_SET_E)
def test_mw602_says_what_bash_does(tmp_path: Path, script: str) -> None:
    text = f"set -e\n{script}\n"
    dies = not Container(tmp_path / "container").start(text.encode()).healthy
    assert bool(lines(tmp_path / "project", "MW602", text)) is dies


@pytest.mark.parametrize("script", ["gone | echo", "gone | echo || true", "true | gone", "true | echo"])
def test_mw602_says_what_bash_does_with_pipefail(tmp_path: Path, script: str) -> None:
    text = f"set -eo pipefail\n{script}\n"
    dies = not Container(tmp_path / "container").start(text.encode()).healthy
    assert bool(lines(tmp_path / "project", "MW602", text)) is dies


@pytest.mark.parametrize(
    "script",
    [
        "export A=$UNSET",
        'export A="${UNSET:-x}"',
        'export A="${UNSET-}"',
        "echo $UNSET",
        '[[ -n "$UNSET" ]] && true',
        "if [[ $UNSET == a ]]; then true; fi",
        "UNSET=1\necho $UNSET",
        "for UNSET in 1; do echo $UNSET; done",
        "read -r UNSET < /dev/null || true\necho $UNSET",
        "echo $HOME $PATH $AIRFLOW_HOME $MWAA_AIRFLOW_COMPONENT $PWD $RANDOM $?",
        "(echo $UNSET) || true",
        "set +u\necho $UNSET",
        "f() { echo $UNSET; }",
        "f() { echo $UNSET; }\nf",
        "cat <<'EOF'\n$UNSET\nEOF",
    ],
)
def test_mw602_says_what_bash_does_with_unset_variables(tmp_path: Path, script: str) -> None:
    text = f"set -u\n{script}\n"
    dies = not Container(tmp_path / "container").start(text.encode()).healthy
    assert bool(lines(tmp_path / "project", "MW602", text)) is dies


@pytest.mark.parametrize("option", ["-e", "-eu", "-ex", "-o errexit", "-euo pipefail", "-x -e", "-o pipefail -e"])
def test_mw602_knows_every_spelling_and_its_fix_helps(tmp_path: Path, option: str) -> None:
    text = f"set {option}\ngone\n".encode()
    assert not Container(tmp_path / "before").start(text).healthy
    after = fixed(tmp_path / "project", "MW602", text)
    assert after != text
    assert Container(tmp_path / "after").start(after).healthy


@pytest.mark.parametrize(
    "script", ["set -x\ngone\n", "set -o pipefail\ngone | cat\n", "#!/bin/bash -e\ngone\n", "bash -e -c gone\n"]
)
def test_mw602_leaves_other_options_alone(tmp_path: Path, script: str) -> None:
    assert lines(tmp_path, "MW602", script) == []


@pytest.mark.parametrize(
    ("airflow", "reported"), [("2.8.1", False), ("2.9.2", True), ("3.2.1", True), ("${var.x}", True)]
)
@pytest.mark.parametrize(
    ("code", "script"), [("MW602", "set -e\ngone\n"), ("MW611", "\\exit 0\n"), ("MW612", "PATH=/opt/bin\n")]
)
def test_the_wrapper_is_known_from_one_version_on(
    tmp_path: Path, code: str, script: str, airflow: str, reported: bool
) -> None:
    assert bool(lines(tmp_path, code, script, airflow=airflow)) is reported


LEAVES = [
    "exit 0", "\\exit 0", "'exit' 0", '"exit"', "builtin exit", "command exit 0", "exec true", "exec >/tmp/log",
    "exec 3>&1",
    "exec {fd}>/dev/null", "(exec true)", "exec true | cat", "f() { exec true; }", "f() { exec true; }\nf", "kill $$",
    "kill -TERM $$", "kill -0 $$ || true", "return 0", "(\\exit 1)", "A=$(\\exit 1)", "echo exec", "bash -c 'exit 1'",
    "eval 'exit 0'", "trap 'exit 0' ERR\nfalse", "if false; then \\exit 0; fi",
]  # fmt: skip


@pytest.mark.parametrize("script", LEAVES)
def test_mw611_says_what_bash_does(tmp_path: Path, script: str) -> None:
    if script == "kill -0 $$ || true":
        pytest.skip("signal 0 only asks whether the process is there; nobody writes it in a startup script")
    dies = not Container(tmp_path / "container").start(f"export A=1\n{script}\n".encode()).healthy
    assert bool(lines(tmp_path / "project", "MW611", f"export A=1\n{script}\n")) is dies


@pytest.mark.parametrize("written", ["\\exit 0", "builtin exit 0", "command  exit 0", "'exit' 0"])
def test_mw611_fixes_only_the_word(tmp_path: Path, written: str) -> None:
    before = f"export A=1  # first\r\n\t{written} # last\r\n".encode()
    assert fixed(tmp_path, "MW611", before) == b"export A=1  # first\r\n\texit 0 # last\r\n"


PATHS = [
    ("export PATH=/opt/bin", True),
    ("PATH=/opt/bin", True),
    ("export PATH=$PATH:/opt/bin", False),
    ('export PATH="/opt/bin:${PATH}"', False),
    ("PATH=/opt/bin ls || true", False),
    ("(export PATH=/opt/bin)", False),
    ("OLD=$PATH\nPATH=/opt/bin\nPATH=$OLD", False),
    ("PATH=/opt/bin\nPATH=$PATH:/usr/bin", True),
    ("PATH+=:/opt/bin", False),
    ("A=/opt/bin\nexport PATH=$A", True),
    ("declare -x PATH=/opt/bin", True),
    ("export PATH=/usr/local/airflow/.local/bin:/usr/bin:/bin", False),
    ("export PATH=~/.local/bin:/usr/bin", False),
    ("f() { export PATH=/opt/bin; }", False),
]


@pytest.mark.parametrize(("script", "reported"), PATHS)
def test_mw612_says_what_bash_does(tmp_path: Path, script: str, reported: bool) -> None:
    dies = not Container(tmp_path / "container").start(f"{script}\n".encode()).healthy
    assert dies is reported
    assert bool(lines(tmp_path / "project", "MW612", f"{script}\n")) is reported


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("export PATH=/opt/bin", "export PATH=$PATH:/opt/bin"),
        ('export PATH="/opt/bin"', 'export PATH="$PATH:/opt/bin"'),
        ("export PATH='/opt/bin'", 'export PATH="$PATH:/opt/bin"'),
        ("A=1 PATH=/opt/bin # x", "A=1 PATH=$PATH:/opt/bin # x"),
    ],
)
def test_mw612_fix_is_exact(tmp_path: Path, before: str, after: str) -> None:
    assert fixed(tmp_path / "a", "MW612", f"echo ü\n{before}\n".encode()) == f"echo ü\n{after}\n".encode()
    assert Container(tmp_path / "b").start(f"{after}\n".encode()).healthy


EXPORTS = [
    "AIRFLOW_VAR_A=1", "export AIRFLOW_VAR_A=1", "AIRFLOW_VAR_A=1\nexport AIRFLOW_VAR_A",
    "export AIRFLOW_VAR_A\nAIRFLOW_VAR_A=1",
    "declare -x AIRFLOW_VAR_A=1", "typeset -x AIRFLOW_VAR_A=1", "declare AIRFLOW_VAR_A=1", "readonly AIRFLOW_VAR_A=1",
    "set -a\nAIRFLOW_VAR_A=1", "set -o allexport\nAIRFLOW_VAR_A=1\nset +a", "set -a\nset +a\nAIRFLOW_VAR_A=1",
    "f() { AIRFLOW_VAR_A=1; }\nf", "f() { export AIRFLOW_VAR_A=1; }\nf", "{ AIRFLOW_VAR_A=1; }",
    "if true; then AIRFLOW_VAR_A=1; fi", "B=2 AIRFLOW_VAR_A=1",
]  # fmt: skip


@pytest.mark.parametrize("script", EXPORTS)
def test_mw605_says_what_bash_does(tmp_path: Path, script: str) -> None:
    lost = "AIRFLOW_VAR_A" not in Container(tmp_path / "container").start(f"{script}\n".encode()).environ
    assert bool(lines(tmp_path / "project", "MW605", f"{script}\n")) is lost


@pytest.mark.parametrize(
    "script",
    [
        "AIRFLOW_VAR_A=1 python3 x.py\n",
        "f() { local AIRFLOW_VAR_A=1; }\nf\n",
        "AIRFLOW_HOME=/usr/local/airflow\n",
        "AIRFLOW_VAR_A=1\ncat > /tmp/env <<EOF\nexport AIRFLOW_VAR_A=$AIRFLOW_VAR_A\nEOF\n",
        "# AIRFLOW_VAR_A=1\n",
        'echo "AIRFLOW_VAR_A=1"\n',
        "AIRFLOW_BUCKET=x\n",
    ],
)
def test_mw605_leaves_alone(tmp_path: Path, script: str) -> None:
    assert lines(tmp_path, "MW605", script) == []


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ('echo "export A=1" >> ~/.bashrc\n', True),
        ("echo 'A=1' >> /etc/environment\n", True),
        ('echo "export A=1" > "$HOME/.bash_profile"\n', True),
        ('echo "export A=1" >> ~/.bashrc\n. ~/.bashrc\n', False),
        ('echo "export A=1" >> ~/.bashrc\nsource "$HOME/.bashrc"\n', False),
        ('export A=1\necho "export A=1" >> ~/.bashrc\n', False),
        ('echo "export A=1" >> /tmp/env\n', False),
        ('echo "done" >> ~/.bashrc\n', False),
    ],
)
def test_mw605_says_what_bash_does_with_profiles(tmp_path: Path, script: str, reported: bool) -> None:
    if "/etc/" not in script:
        lost = "A" not in Container(tmp_path / "container").start(script.encode()).environ
        assert lost or not reported
    assert bool(lines(tmp_path / "project", "MW605", script)) is reported


READS = "import os\nfrom airflow import DAG\nwith DAG('a'):\n    x = {}\n"


@pytest.mark.parametrize(
    ("read", "script", "reported"),
    [
        ("os.environ['TARGET']", "TARGET=x\n", True),
        ("os.environ.get('TARGET')", "TARGET=x\n", True),
        ("os.getenv('TARGET', 'y')", "TARGET=x\n", True),
        ("os.environ['TARGET']", "TARGET=x\necho $TARGET\n", True),
        ("os.environ['TARGET']", "TARGET=x\ndbt build -t $TARGET\n", True),
        ("os.getenv('TARGET')", "TARGET=x\ndbt build -t $TARGET\n", False),
        ("os.environ['OTHER']", "TARGET=x\n", False),
        ("1  # os.environ['TARGET']", "TARGET=x\n", False),
        ("os.environ['target']", "target=x\n", False),
    ],
)
def test_mw605_variables_that_dags_read(tmp_path: Path, read: str, script: str, reported: bool) -> None:
    others = {"dags/a.py": READS.format(read)}
    assert bool(lines(tmp_path, "MW605", script, others=others)) is reported


def test_mw605_variables_that_dbt_reads(tmp_path: Path) -> None:
    others = {"dags/a.py": READS.format(1), "dags/dbt/profiles.yml": "x: \"{{ env_var('DB_HOST') }}\"\n"}
    assert found(tmp_path, "MW605", "DB_HOST=x\nDB_PORT=1\n", others=others) == [(1, "DB_HOST")]


def test_mw605_an_option_of_the_environment_is_exported_already(tmp_path: Path) -> None:
    main = ENVIRONMENT.format(airflow="2.10.3", size="mw1.small", access="PUBLIC_ONLY").replace(
        "startup_script", 'airflow_configuration_options = { "core.parallelism" = "4" }\n  startup_script'
    )
    script = "AIRFLOW__CORE__PARALLELISM=8\nAIRFLOW__CORE__DAGS_FOLDER=x\n"
    assert found(tmp_path, "MW605", script, others={"main.tf": main}) == [(2, "AIRFLOW__CORE__DAGS_FOLDER")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"  AIRFLOW_VAR_A=$(x)  # y\r\n", b"  export AIRFLOW_VAR_A=$(x)  # y\r\n"),
        (b"\xef\xbb\xbfAIRFLOW_VAR_A=1", b"\xef\xbb\xbfexport AIRFLOW_VAR_A=1"),
        ("echo ü; AIRFLOW_VAR_A=1\n".encode("latin-1"), "echo ü; export AIRFLOW_VAR_A=1\n".encode("latin-1")),
        (b"B=1 AIRFLOW_VAR_A=1\n", b"B=1 AIRFLOW_VAR_A=1\n"),
        (b"AIRFLOW_VAR_A=(1 2)\n", b"AIRFLOW_VAR_A=(1 2)\n"),
    ],
)
def test_mw605_fix_is_exact(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert fixed(tmp_path, "MW605", before) == after
