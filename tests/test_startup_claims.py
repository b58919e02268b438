"""What the pages on startup scripts say of MWAA beyond their examples: each sentence is put to bash, pip or Python."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.startup_rules import lines
from tests.startup_wrapper import Container, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from pytest import TempPathFactory

COMPONENTS = ("scheduler", "worker", "webserver", "hybrid")


class TestTheLimit:
    """MW609: after 4 minutes and 55 seconds the script is ended, and what it exported is lost."""

    def test_waits_add_up(self, tmp_path: Path) -> None:
        outcome = Container(tmp_path).start(b"export A=1\nsleep 160\nsleep 160\n")
        assert outcome.timed_out
        assert outcome.saved is None
        assert outcome.environ == {}

    def test_a_shorter_wait_is_allowed(self, tmp_path: Path) -> None:
        outcome = Container(tmp_path).start(b"export A=1\nsleep 60\nexport B=2\n")
        assert outcome.healthy
        assert not outcome.timed_out
        assert outcome.environ["A"] + outcome.environ["B"] == "12"

    def test_what_runs_in_the_background_is_not_waited_for(self, tmp_path: Path) -> None:
        script = "sleep 600 > /dev/null 2>&1 &\nexport A=1\n"
        assert Container(tmp_path / "container").start(script.encode()).environ["A"] == "1"
        assert lines(tmp_path / "project", "MW609", script) == []


class TestHowItEnds:
    """MW602 and MW611: exit is an alias that saves the environment first, wherever it stands."""

    @pytest.mark.parametrize(
        "script",
        [
            "export A=1\nexit\nexport A=2\n",
            "export A=1\nif true; then exit 3; fi\nexport A=2\n",
            "export A=1\nstop() { exit 1; }\nstop\nexport A=2\n",
            "export A=1\nfalse || exit 1\nexport A=2\n",
            "export A=1\nfor each in 1 2; do exit; done\nexport A=2\n",
            "set -e\nexport A=1\ntrue\nexit 1\n",
            "export A=1\nreturn 1\nexport A=2\n",
        ],
    )
    def test_what_was_exported_until_then_is_kept(self, tmp_path: Path, script: str) -> None:
        outcome = Container(tmp_path / "container").start(script.encode())
        assert outcome.healthy
        assert outcome.environ["A"] == "1"
        assert lines(tmp_path / "a", "MW602", script) == lines(tmp_path / "b", "MW611", script) == []

    def test_a_trap_of_ones_own_does_not_keep_mwaa_from_saving(self, tmp_path: Path) -> None:
        assert Container(tmp_path).start(b"trap 'echo bye' EXIT\nexport A=1\n").environ["A"] == "1"

    def test_in_a_subshell_it_is_the_subshells_own_end(self, tmp_path: Path) -> None:
        assert Container(tmp_path).start(b"(set -e; false; true)\n(\\exit 1)\nexport A=1\n").environ["A"] == "1"


STEPS = [
    *(
        "true",
        "false",
        "false || true",
        "! false",
        "export A=1",
        "A=$(false)",
        "A=$(false) || true",
        "A=$(false; true)",
    ),
    *("export B=$(false)", "if false; then true; fi", "if true; then false; fi", "false && true", "true && true"),
    *("set +e", "set -e", "(false)", "(false) || true", "(set +e; false; true)", "f() { false; }", "g() { true; }"),
    *("false | true", "true | false", "while false; do true; done", "for i in 1; do true; done", "exit 0"),
    *(
        "for i in 1; do false; done",
        "{ false; }",
        "{ true; false; } || true",
        "[[ -n $HOME ]]",
        "test -n '' || echo no",
    ),
    *("case a in a) false;; esac", "case a in b) false;; esac", "false &", "echo $(false)", ": $(false)"),
]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
@example(["set +e", "false"])
@example(["f() { false; }", "true"])
def test_scripts_under_set_e_end_as_foretold(tmp_path_factory: TempPathFactory, steps: list[str]) -> None:
    """MW602 on scripts nobody thought of: reported if and only if the container does not get healthy."""
    root = tmp_path_factory.mktemp("random")
    script = "\n".join(["set -e", *steps, ""])
    outcome = Container(root / "container").start(script.encode())
    assert bool(lines(root / "project", "MW602", script)) is not outcome.healthy, script


JOB = "sudo dnf install -y tar"
GATES = [
    "if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then JOB; fi",
    "if [[ $MWAA_AIRFLOW_COMPONENT == scheduler ]]; then JOB; fi",
    "if [[ $MWAA_AIRFLOW_COMPONENT == webserver ]]; then JOB; fi",
    "if [[ $MWAA_AIRFLOW_COMPONENT != webserver ]]; then JOB; fi",
    'if [ "$MWAA_AIRFLOW_COMPONENT" = worker ] || [ "$MWAA_AIRFLOW_COMPONENT" = scheduler ]; then JOB; fi',
    "if [[ $MWAA_AIRFLOW_COMPONENT == worker || $MWAA_AIRFLOW_COMPONENT == hybrid ]]; then JOB; fi",
    "[[ $MWAA_AIRFLOW_COMPONENT == worker ]] && JOB",
    "[[ $MWAA_AIRFLOW_COMPONENT == webserver ]] || JOB",
    "[[ $MWAA_AIRFLOW_COMPONENT != worker ]] && exit 0\nJOB",
    "[[ $MWAA_AIRFLOW_COMPONENT == webserver ]] && exit 0\nJOB",
    "case $MWAA_AIRFLOW_COMPONENT in worker) JOB;; esac",
    "case $MWAA_AIRFLOW_COMPONENT in worker|hybrid) JOB;; esac",
    "case $MWAA_AIRFLOW_COMPONENT in webserver) :;; *) JOB;; esac",
    "C=$MWAA_AIRFLOW_COMPONENT\nif [ $C = worker ]; then JOB; fi",
    "JOB",
]


@pytest.mark.parametrize("gate", GATES)
def test_hybrid_is_left_out_as_foretold(tmp_path: Path, gate: str) -> None:
    """MW608: reported if and only if hybrid is treated as the web server, and worker or scheduler are not."""
    script = gate.replace("JOB", JOB) + "\n"
    done = {each: bool(Container(tmp_path / each, each).start(script.encode()).installed) for each in COMPONENTS}
    left_out = done["hybrid"] == done["webserver"] and {done["worker"], done["scheduler"]} != {done["webserver"]}
    assert bool(lines(tmp_path / "project", "MW608", script, size="mw1.micro")) is left_out


@pytest.mark.parametrize("name", ["triggerer", "dag-processor", "web", "api-server", "Worker"])
def test_no_component_has_any_other_name(tmp_path: Path, name: str) -> None:
    """MW608: what stands under such a name runs nowhere."""
    script = f"if [[ $MWAA_AIRFLOW_COMPONENT == {name} ]]; then {JOB}; fi\n"
    assert len(lines(tmp_path / "project", "MW608", script)) == 1
    assert not any(Container(tmp_path / each, each).start(script.encode()).installed for each in COMPONENTS)


PIP_USER = [
    *("export PIP_USER=true", "export PIP_USER=1", "export PIP_USER\nPIP_USER=true", "declare -x PIP_USER=yes"),
    *("PIP_USER=true\nexport PIP_USER", "PIP_USER=true", "PIP_USER=true pip list", "(export PIP_USER=true)"),
    *("export PIP_USER=true\nunset PIP_USER", "export PIP_USER=true\nexport PIP_USER=false", "export PIP_USER=false"),
    *("set -a\nPIP_USER=1", "f() { export PIP_USER=true; }", "f() { export PIP_USER=true; }\nf"),
]


@pytest.mark.parametrize("script", PIP_USER)
def test_pip_user_stays_set_as_foretold(tmp_path: Path, script: str) -> None:
    """MW601: reported if and only if the tasks have it."""
    kept = Container(tmp_path / "container").start(f"{script}\n".encode()).environ.get("PIP_USER", "false") != "false"
    assert bool(lines(tmp_path / "project", "MW601", f"{script}\n")) is kept


@pytest.fixture(scope="module")
def environment(tmp_path_factory: TempPathFactory) -> Path:
    """A virtual environment with the packages of the system, and a wheel beside it."""
    root = tmp_path_factory.mktemp("pip")
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", root / "venv"], check=True)
    with zipfile.ZipFile(root / "acme-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("acme.py", "X = 1\n")
        wheel.writestr("acme-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        wheel.writestr("acme-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("acme-1.0.dist-info/RECORD", "")
    return root


def install(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return subprocess.run(
        [
            root / "venv/bin/python",
            "-m",
            "pip",
            "install",
            "--no-index",
            "--no-cache-dir",
            root / "acme-1.0-py3-none-any.whl",
        ],
        env={**clean, "PYTHONUSERBASE": str(root / "user"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


class TestPipItself:
    """MW601: what PIP_USER does in the virtual environment of a task."""

    def test_with_the_systems_packages_it_installs_beside_airflow(self, environment: Path) -> None:
        assert install(environment, PIP_USER="true").returncode == 0
        assert list((environment / "user").rglob("acme.py"))
        assert not list((environment / "venv").rglob("acme.py"))

    def test_without_them_it_refuses(self, environment: Path) -> None:
        settings_of = environment / "venv/pyvenv.cfg"
        settings_of.write_text(settings_of.read_text().replace("site-packages = true", "site-packages = false"))
        outcome = install(environment, PIP_USER="true")
        assert outcome.returncode != 0
        assert "not visible in this virtualenv" in outcome.stderr

    def test_without_pip_user_it_installs_where_it_should(self, environment: Path) -> None:
        assert install(environment).returncode == 0
        assert list((environment / "venv").rglob("acme.py"))


PROTECTED = [
    *("export PYTHONPATH=/x", "export AWS_REGION=us-east-1", "export AIRFLOW_HOME=/x", "export AIRFLOW_VERSION=2.9.2"),
    *("export AIRFLOW__CORE__EXECUTOR=LocalExecutor", "export AIRFLOW__CORE__LOAD_EXAMPLES=True"),
    *("export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=60", "export AIRFLOW_VAR_A=1", "export AIRFLOW_CONN_A=aws://"),
    *(
        "export AIRFLOW_CONN_AWS_DEFAULT=aws://x",
        "export MWAA__ACME=1",
        "export AIRFLOW__CUSTOM__A=1",
        "export STAGE=a",
    ),
]


@pytest.mark.parametrize("script", PROTECTED)
def test_variables_are_set_back_as_foretold(tmp_path: Path, script: str) -> None:
    """MW606: reported if and only if Airflow gets another value than the script has set."""
    name = script.split()[1].partition("=")[0]
    outcome = Container(tmp_path / "container").start(f"{script}\n".encode())
    assert outcome.saved is not None
    set_back = outcome.saved[name] != outcome.environ[name]
    assert bool(lines(tmp_path / "project", "MW606", f"{script}\n")) is set_back


def reading(outcome: Outcome, name: str) -> subprocess.CompletedProcess[str]:
    """What becomes of a DAG file that reads a variable when it is imported."""
    code = f"import os; os.environ['{name}']"
    return subprocess.run(
        [sys.executable, "-c", code], env=dict(outcome.environ), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("gate", "components"), [("== worker", ["worker"]), ("!= webserver", ["worker", "scheduler"])])
def test_a_file_reads_its_variable_where_it_is_set(tmp_path: Path, gate: str, components: list[str]) -> None:
    """MW603: the file ends in KeyError where the variable is for others only."""
    script = f"if [[ $MWAA_AIRFLOW_COMPONENT {gate} ]]; then export STAGE=prod; fi\n"
    for component in ("worker", "scheduler"):
        done = reading(Container(tmp_path / component, component).start(script.encode()), "STAGE")
        assert ("KeyError: 'STAGE'" in done.stderr) is (component not in components)
    dags = {"dags/a.py": "import os\nfrom airflow import DAG\nX = os.environ['STAGE']\nDAG('a')\n"}
    assert bool(lines(tmp_path / "project", "MW603", script, others=dags)) is ("scheduler" not in components)


@pytest.mark.parametrize(
    ("script", "installed"),
    [
        ("sudo dnf install tar", False),
        ("sudo dnf install -y tar", True),
        ("sudo dnf -qy install tar", True),
        ("echo y | sudo dnf install tar", True),
        ("sudo dnf install tar <<< y", True),
        ("dnf install -y tar", False),
        ("apt-get install -y tar", False),
        ("sudo apk add tar", False),
        ("command -v apt-get && apt-get install -y tar", False),
    ],
)
def test_packages_are_installed_as_foretold(tmp_path: Path, script: str, installed: bool) -> None:
    """MW610: what is reported installs nothing, and the container starts without it."""
    outcome = Container(tmp_path / "container").start(f"{script}\n".encode())
    assert outcome.healthy
    assert bool(outcome.installed) is installed
    reported = bool(lines(tmp_path / "project", "MW610", f"{script}\n"))
    assert reported is (not installed and "command -v" not in script)
