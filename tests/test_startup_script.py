"""What is understood of a startup script: which commands run, in which containers, in which shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.documents import shell
from mwaalint.model.startup import COMPONENTS, StartupScript, Step, program, read_startup
from mwaalint.source import SourceFile

VARIABLES = {"AIRFLOW_HOME": "/usr/local/airflow", "HOME": "/usr/local/airflow"}
ALL = "hybrid scheduler webserver worker"


def read(text: str) -> StartupScript:
    file = SourceFile("startup.sh", Path("startup.sh"), text.encode())
    return read_startup(shell.parse(file), None, VARIABLES)


def step(text: str, name: str) -> Step:
    """The step that runs a program."""
    (found,) = [each for each in read(text).steps if each.program and each.program.name == name]
    return found


def where(text: str, name: str = "job") -> str:
    """The containers that may run a program, after those that certainly do."""
    found = step(text, name)
    return " ".join(sorted(found.certain)) + " / " + " ".join(sorted(found.components))


def only(*components: str) -> str:
    names = " ".join(sorted(components))
    return f"{names} / {names}"


class TestPrograms:
    @pytest.mark.parametrize(
        ("line", "name", "arguments"),
        [
            ("dnf install -y tar", "dnf", ("install", "-y", "tar")),
            ("sudo -E -u airflow dnf install", "dnf", ("install",)),
            ("sudo PIP_USER=1 pip install x", "pip", ("install", "x")),
            ("env -u A B=1 python3 x.py", "python3", ("x.py",)),
            ("timeout -k 5 60 curl -s x", "curl", ("-s", "x")),
            ("time nohup /usr/bin/python3 x.py", "python3", ("x.py",)),
            ("command -v uv", "command", ("-v", "uv")),
            ("command exit", "exit", ()),
            ("sudo", "sudo", ()),
        ],
    )
    def test_words_before_a_program_are_taken_off(self, line: str, name: str, arguments: tuple[str, ...]) -> None:
        found = program(tuple(line.split()))
        assert found is not None
        assert (found.name, found.arguments) == (name, arguments)

    def test_variables_that_the_script_sets_are_filled_in(self) -> None:
        found = step('V="${AIRFLOW_HOME}/venv"\n"$V/bin/job" install $OTHER', "job").program
        assert found is not None
        assert (found.path, found.arguments) == ("/usr/local/airflow/venv/bin/job", ("install", "${OTHER}"))

    def test_a_variable_may_hold_several_words(self) -> None:
        assert step('RUN="sudo job -y"\n$RUN x', "job").program == ("job", "job", ("-y", "x"), ("sudo",))

    def test_a_value_that_is_set_perhaps_is_not_known_afterwards(self) -> None:
        text = 'V=a\nif [ -n "$X" ]; then V=b; "$V/inner"; fi\n"$V/job"'
        assert step(text, "inner").program == ("inner", "b/inner", (), ())
        assert step(text, "job").program == ("job", "${V}/job", (), ())

    @pytest.mark.parametrize("text", ["(V=b)", "V=b | cat", "V=b &", "for i in 1; do V=b; done"])
    def test_what_another_shell_or_a_loop_sets_is_not_known(self, text: str) -> None:
        assert step(f'{text}\n"$V/job"', "job").program == ("job", "${V}/job", (), ())

    def test_unset(self) -> None:
        assert step('V=b; unset V; "$V/job"', "job").program == ("job", "${V}/job", (), ())

    def test_options(self) -> None:
        found = program(("pip", "install", "--target=/tmp/x", "-q", "a"))
        assert found is not None
        assert found.has_option("--target", "-t")
        assert not found.has_option("--prefix")
        assert found.operands == ("install", "a")


class TestComponents:
    @pytest.mark.parametrize(
        ("text", "components"),
        [
            ("job", COMPONENTS),
            ('if [[ "$MWAA_AIRFLOW_COMPONENT" == "worker" ]]; then job; fi', {"worker"}),
            ('if [[ "${MWAA_AIRFLOW_COMPONENT}" != "webserver" ]]; then job; fi', {"scheduler", "worker", "hybrid"}),
            ('if [ "$MWAA_AIRFLOW_COMPONENT" = scheduler ]; then a; else job; fi', {"worker", "webserver", "hybrid"}),
            ('if test "$MWAA_AIRFLOW_COMPONENT" = worker; then job; fi', {"worker"}),
            ('[[ $MWAA_AIRFLOW_COMPONENT == worker ]] && job', {"worker"}),
            ('[[ $MWAA_AIRFLOW_COMPONENT == worker ]] || job', {"scheduler", "webserver", "hybrid"}),
            ('if [[ $MWAA_AIRFLOW_COMPONENT != worker ]]; then exit 0; fi\njob', {"worker"}),
            ('[[ $MWAA_AIRFLOW_COMPONENT == webserver ]] && return\njob', {"scheduler", "worker", "hybrid"}),
            ('[[ $MWAA_AIRFLOW_COMPONENT == worker ]] || exit\njob', {"worker"}),
            ('C=$MWAA_AIRFLOW_COMPONENT\nif [ "$C" = worker ]; then job; fi', {"worker"}),
            ('if [[ ${MWAA_AIRFLOW_COMPONENT:-worker} == worker ]]; then job; fi', {"worker"}),
            ('if [[ ${MWAA_AIRFLOW_COMPONENT,,} == worker ]]; then job; fi', {"worker"}),
            ('case $MWAA_AIRFLOW_COMPONENT in worker|hybrid) job;; *) a;; esac', {"worker", "hybrid"}),
            ('case $MWAA_AIRFLOW_COMPONENT in worker) a;; *) job;; esac', {"scheduler", "webserver", "hybrid"}),
            ('case $MWAA_AIRFLOW_COMPONENT in w*) job;; esac', {"worker", "webserver"}),
            ('if [[ $MWAA_AIRFLOW_COMPONENT =~ ^(worker|scheduler)$ ]]; then job; fi', {"worker", "scheduler"}),
            ('if [[ $MWAA_AIRFLOW_COMPONENT == @(worker|hybrid) ]]; then job; fi', {"worker", "hybrid"}),
            ('if ! [[ $MWAA_AIRFLOW_COMPONENT == webserver ]]; then job; fi', {"scheduler", "worker", "hybrid"}),
            (
                'if [[ $MWAA_AIRFLOW_COMPONENT == worker || $MWAA_AIRFLOW_COMPONENT == scheduler ]]; then job; fi',
                {"worker", "scheduler"},
            ),
            ('if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then a; elif true; then job; fi', COMPONENTS - {"worker"}),
            ('if false; then a; else job; fi', COMPONENTS),
            ('f() { job; }\n[[ $MWAA_AIRFLOW_COMPONENT == worker ]] && f', {"worker"}),
            ('f() { [[ $MWAA_AIRFLOW_COMPONENT == worker ]] || exit; }\nf\njob', {"worker"}),
            ('f() { [[ $MWAA_AIRFLOW_COMPONENT == worker ]] || return; }\nf\njob', COMPONENTS),
            ('([[ $MWAA_AIRFLOW_COMPONENT == worker ]] || exit)\njob', COMPONENTS),
        ],
    )  # fmt: skip
    def test_who_runs_a_command(self, text: str, components: set[str]) -> None:
        assert where(text) == only(*components)

    @pytest.mark.parametrize(
        "text",
        [
            'if [ -f /tmp/x ]; then job; fi',
            'if [[ "$STAGE" == prod ]]; then job; fi',
            'a || job',
            'for i in 1 2; do job; done',
            'while a; do job; done',
            'if [[ $MWAA_AIRFLOW_COMPONENT == $OTHER ]]; then job; fi',
            'case $STAGE in prod) job;; esac',
        ],
    )  # fmt: skip
    def test_a_condition_that_is_not_known_leaves_it_open(self, text: str) -> None:
        assert where(text) == f" / {ALL}"

    def test_what_is_never_reached_is_no_step(self) -> None:
        assert [each.program for each in read("exit 0\njob\n").steps if each.program] == [program(("exit", "0"))]
        assert read("f() { job; }\n").steps == ()

    def test_an_exit_that_may_happen_leaves_the_rest_open(self) -> None:
        assert where("[ -f /tmp/x ] && exit 0\njob") == only(*COMPONENTS)

    def test_both_arms_leave(self) -> None:
        text = "if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then exit 0; else exit 1; fi\njob"
        assert all(each.program is None or each.program.name != "job" for each in read(text).steps)

    def test_a_function_that_calls_itself(self) -> None:
        assert where("f() { job; f; }\nf") == only(*COMPONENTS)

    def test_functions_that_call_each_other_many_times(self) -> None:
        text = "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }}\n" for i in range(40)) + "f0\n"
        assert len(read(text).steps) < 10_000

    def test_gates_tell_which_way_a_component_takes(self) -> None:
        text = "if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then a; elif [ -f x ]; then b; fi\n"
        text += "case $MWAA_AIRFLOW_COMPONENT in worker) a;; scheduler) b;; esac\n"
        gates = [dict(gate.arms) for gate in read(text).gates]
        assert gates == [{"worker": 0, "scheduler": 1, "webserver": -1, "hybrid": -1}]


class TestShells:
    @pytest.mark.parametrize(
        ("text", "apart", "tested", "piped"),
        [
            ("job", False, False, False),
            ("(job)", True, False, False),
            ("job | cat", True, False, True),
            ("cat | job", True, False, False),
            ("job &", True, True, False),
            ("A=$(job)", True, True, False),
            ("{ job; }", False, False, False),
            ("job || true", False, True, False),
            ("true && job", False, False, False),
            ("if job; then a; fi", False, True, False),
            ("! job", False, True, False),
            ("while job; do a; done", False, True, False),
            ("f() { job; }; f || true", False, True, False),
        ],
    )
    def test_in_which_shell_and_whether_failure_matters(
        self, text: str, apart: bool, tested: bool, piped: bool
    ) -> None:
        found = step(text, "job")
        assert (found.apart, found.tested, found.piped) == (apart, tested, piped)

    @pytest.mark.parametrize(
        ("text", "exported"),
        [
            ("A=1", False),
            ("export A=1", True),
            ("export A", True),
            ("declare -x A=1", True),
            ("typeset -rx A=1", True),
            ("declare -r A=1", False),
            ("export -n A=1", False),
            ("set -a\nA=1", True),
            ("set -o allexport\nA=1", True),
            ("set -a\nset +a\nA=1", False),
            ("(set -a)\nA=1", False),
        ],
    )
    def test_what_is_exported(self, text: str, exported: bool) -> None:
        (found,) = [each for each in read(text).steps if any(item.name == "A" for item in each.assignments)]
        assert found.exports is exported

    def test_the_names_of_all_variables(self) -> None:
        text = "A=1\nexport B\nfor C in x; do read -r D; done\n(E=1)\nF=1 job\n"
        assert read(text).names >= {"A", "B", "C", "D", "E"}

    def test_after_a_syntax_error_nothing_is_taken_for_run(self) -> None:
        assert [each.program and each.program.name for each in read("a\nif b; then\nc\n").steps] == ["a"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "job",
                    "export A=1",
                    "exit 0",
                    "if a; then",
                    "fi",
                    "else",
                    "case $MWAA_AIRFLOW_COMPONENT in",
                    "w) b;;",
                ),
                *("esac", "f() {", "}", "f", "(", ")", "[[ $MWAA_AIRFLOW_COMPONENT == worker ]] &&", "||", "|", "done"),
                *("for i in 1; do", "set -e", "x=$(", "! ", "&"),
            ]
        ),
        max_size=14,
    )
)
def test_any_order_of_lines_comes_to_an_end(lines: list[str]) -> None:
    script = read("\n".join(lines))
    for each in script.steps:
        assert each.certain <= each.components <= COMPONENTS
