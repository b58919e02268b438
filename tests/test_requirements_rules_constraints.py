"""The rules on constraints and Airflow's own version, beyond the examples of their pages: borders, several files,
places, encodings.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest

from mwaalint.config import Config
from mwaalint.findings import WHOLE_FILE, Confidence, Safety
from tests.deployments import ENVIRONMENT, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

DAG = "from airflow.decorators import dag\n\n\n@dag(schedule=None)\ndef etl():\n    pass\n\n\netl()\n"
UNKNOWN = "unknown"
SAYS_AVAILABLE = "so pip rejects the whole file and installs nothing, while the environment still says AVAILABLE"


def url(airflow: str = "2.10.3", python: str = "3.11") -> str:
    return f"https://raw.githubusercontent.com/apache/airflow/constraints-{airflow}/constraints-{python}.txt"


def environment(version: str) -> str:
    stated = "var.airflow_version" if version == UNKNOWN else f'"{version}"'
    return ENVIRONMENT.replace('"2.10.3"', stated)


def run(
    root: Path, code: str, requirements: str | bytes, version: str = "2.10.3", more: Mapping[str, str] | None = None
) -> RunResult:
    """One rule over a requirements file, in an environment of a version, with more files beside it."""
    files = {"main.tf": environment(version), "requirements.txt": requirements, **(more or {})}
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = check(root, Config(select=(code,)))
    assert not result.crashed
    return result


def only(result: RunResult, code: str) -> Finding:
    (finding,) = [finding for finding in result.findings if finding.code == code]
    return finding


def found(
    root: Path, code: str, requirements: str | bytes, version: str = "2.10.3", more: Mapping[str, str] | None = None
) -> list[str]:
    """What the rule says, as ``2 message`` (in the requirements file) or ``path:2 message``."""
    result = run(root, code, requirements, version, more)
    return [shown(result, finding) for finding in result.findings if finding.code == code]


def shown(result: RunResult, finding: Finding) -> str:
    path = finding.primary.path
    line = result.sources[path].position(finding.primary.span.start).line
    return f"{'' if path == 'requirements.txt' else path + ':'}{line} {finding.message}"


def lines(
    root: Path, code: str, requirements: str | bytes, version: str = "2.10.3", more: Mapping[str, str] | None = None
) -> list[str]:
    return [text.partition(" ")[0] for text in found(root, code, requirements, version, more)]


def related(result: RunResult, finding: Finding) -> list[tuple[str, int, str]]:
    return [
        (place.path, result.sources[place.path].position(place.span.start).line, place.note)
        for place in finding.related
    ]


def fixed(result: RunResult, code: str) -> tuple[Safety, str] | None:
    """How safe the finding's fix is, and the file after it."""
    finding = only(result, code)
    if not finding.fixes:
        return None
    (fix,) = finding.fixes
    data = result.sources[fix.edits[0].path].data
    for edit in sorted(fix.edits, key=lambda edit: edit.span, reverse=True):
        data = data[: edit.span.start] + edit.text + data[edit.span.end :]
    return fix.safety, data.decode()


# MW103 constraint-missing


@pytest.mark.parametrize(
    "line",
    [
        "--constraint https://example.com/c.txt",
        "-c https://example.com/c.txt",
        "# --constraint disabled",
        "# use -c to opt out",
        "my-lib-c >= 1.0",
        "PyJWT==2.0 # pinned by arc-c team",
        "--constraint=https://example.com/c.txt",
        "-chttps://example.com/c.txt",
    ],
)
def test_any_constraint_whatever_mwaa_thinks_of_it_is_not_a_missing_one(line: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW103", f"{line}\nrequests==2.32.3\n") == []


@pytest.mark.parametrize("line", ["my-lib-c>=1.0", "# constraints: none", "# -c", "--no-binary :none:", "pkg-c==1"])
def test_lines_that_mwaa_takes_for_no_constraint(line: str, tmp_path: Path) -> None:
    assert lines(tmp_path, "MW103", f"{line}\nrequests==2.32.3\n") == ["1"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "--index-url https://example.com/simple\n"])
def test_a_file_that_installs_nothing_needs_no_constraint(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW103", text) == []


def test_requirements_for_another_python_install_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, "MW103", 'requests==2.32.3; python_version < "3.8"\n') == []


def test_the_message_counts_what_contradicts_and_names_the_first_three(tmp_path: Path) -> None:
    text = "pandas==1.0\nnumpy==1.0\nlxml==1.0\nrequests==1.0\nsnowflake-connector-python==3.12.3\n"
    assert found(tmp_path, "MW103", text) == [
        (
            "1 no constraint line: MWAA 2.10.3 adds its own constraints and 4 of your 5 requirements contradict them "
            "(pandas==1.0 against 2.1.4, numpy==1.0 against 1.26.4, lxml==1.0 against 5.3.0 and 1 more), so pip "
            "installs nothing from this file"
        )
    ]


def test_one_of_several_contradicts(tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW103", "snowflake-connector-python==3.12.3\npandas==1.0\n")
    assert "1 of your 2 requirements contradicts them (pandas==1.0 against 2.1.4)" in message


def test_what_mwaa_decides_is_named_and_what_nothing_pins_is_not(tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW103", "unheard-of\npandas\nlxml>=4\nsnowflake-connector-python==3.12.3\n")
    assert message.endswith("which fit today, but they rather than this file decide the version of lxml, pandas")


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2.4.3", "nothing constrains this install on MWAA 2.4.3"),
        ("2.5.1", "MWAA 2.5.1 adds its own constraints"),
        ("2.7.2", "MWAA 2.7.2 adds its own constraints"),
        ("3.0.6", "MWAA 3.0.6 adds its own constraints"),
        ("9.9.9", "MWAA (from Airflow 2.5.1 on) adds its own constraints"),
        (UNKNOWN, "MWAA (from Airflow 2.5.1 on) adds its own constraints"),
    ],
)
def test_what_happens_depends_on_the_version(version: str, words: str, tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW103", "some-package==1.0\n", version)
    assert message.startswith(f"1 no constraint line: {words}")


@pytest.mark.parametrize(("version", "sure"), [("2.5.1", Confidence.MEDIUM), ("2.6.3", Confidence.MEDIUM)])
def test_what_only_users_report_is_less_sure(version: str, sure: Confidence, tmp_path: Path) -> None:
    result = run(tmp_path, "MW103", "some-package==1.0\n", version)
    assert only(result, "MW103").confidence == sure


@pytest.mark.parametrize("version", ["2.4.3", "2.7.2", "2.10.3"])
def test_what_is_documented_or_older_is_sure(version: str, tmp_path: Path) -> None:
    result = run(tmp_path, "MW103", "some-package==1.0\n", version)
    assert only(result, "MW103").confidence == Confidence.HIGH


@pytest.mark.parametrize("top", ["# Ours\n", "\n", "", "\r\n"])
def test_the_place_is_the_first_line_where_the_line_belongs(tmp_path: Path, top: str) -> None:
    result = run(tmp_path, "MW103", f"{top}requests==2.32.3\n")
    finding = only(result, "MW103")
    assert shown(result, finding).startswith("1 ")
    assert finding.primary.span != WHOLE_FILE
    assert related(result, finding) == []


def test_a_file_that_only_includes_another_is_flagged_itself(tmp_path: Path) -> None:
    more = {"base.txt": "requests==1.0\n"}
    assert lines(tmp_path, "MW103", "-r base.txt\n", more=more) == ["1"]


def test_constraints_of_an_included_file_are_not_seen_by_mwaa(tmp_path: Path) -> None:
    more = {"base.txt": f"-c {url()}\nsnowflake-connector-python==3.12.3\n"}
    assert lines(tmp_path, "MW103", "-r base.txt\n", more=more) == ["1"]
    assert found(tmp_path, "MW103", "-r base.txt\n", "2.4.3", more) == []


def test_the_line_is_added_when_everything_fits(tmp_path: Path) -> None:
    result = run(tmp_path, "MW103", "# Ours\nsnowflake-connector-python==3.12.3\n")
    after = f'--constraint "{url()}"\n# Ours\nsnowflake-connector-python==3.12.3\n'
    assert fixed(result, "MW103") == (Safety.SAFE, after)


@pytest.mark.parametrize(
    ("requirements", "version"),
    [
        ("pandas==1.0\n", "2.10.3"),
        ("flask==3.0\n", "2.10.3"),
        ("fluent-logger==0.1\n", "2.10.3"),
        ("pandas==1.0\n", "2.4.3"),
        ("pandas==2.1.4\n", UNKNOWN),
        ("pandas==2.1.4\n", "2.10.99"),
    ],
)
def test_no_line_is_added_that_would_not_fit_or_is_not_known(requirements: str, version: str, tmp_path: Path) -> None:
    assert fixed(run(tmp_path, "MW103", requirements, version), "MW103") is None


def test_the_added_line_is_airflows_own_file_so_its_pins_count_too(tmp_path: Path) -> None:
    """MWAA's copy for 2.11.2 has another sagemaker-studio than the file that the line names."""
    assert fixed(run(tmp_path, "MW103", "sagemaker-studio==1.0.26\n", "2.11.2"), "MW103") is None


@pytest.mark.parametrize(
    ("requirements", "version"),
    [("some-package==1.0\n", "2.4.3"), ("--index-url https://example.com/simple\nsome-package==1.0\n", "2.10.3")],
)
def test_adding_the_line_is_unsafe_where_it_changes_the_install(
    requirements: str, version: str, tmp_path: Path
) -> None:
    fix = fixed(run(tmp_path, "MW103", requirements, version), "MW103")
    assert fix is not None
    assert fix[0] == Safety.UNSAFE


# MW101 pin-conflicts-constraint


def test_the_message_names_both_versions_and_what_happens(tmp_path: Path) -> None:
    assert found(tmp_path, "MW101", f"-c {url()}\nPandas [performance] == 1.0 ; python_version > '3'  # old\n") == [
        f"2 Pandas==1.0 cannot be installed: the constraints of Airflow 2.10.3 pin pandas==2.1.4, {SAYS_AVAILABLE}"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "pandas",
        "pandas==2.1.4",
        "pandas==2.1.*",
        "pandas>=2,<3",
        "pandas~=2.1.0",
        "pandas!=2.2",
        "pandas @ https://example.com/pandas-1.0-py3-none-any.whl",
        "https://example.com/pandas-1.0-py3-none-any.whl",
        "unheard-of==1.0",
        "flask==3.0",
        "apache-airflow==2.9.2",
    ],
)
def test_what_fits_what_is_a_url_and_what_other_rules_speak_of_is_silent(line: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW101", f"-c {url()}\n{line}\n") == []


@pytest.mark.parametrize("line", ["pandas==2.1.3", "pandas>2.1.4", "pandas<2", "pandas~=1.0", "pandas!=2.1.4"])
def test_every_operator_that_leaves_the_pin_out(line: str, tmp_path: Path) -> None:
    assert lines(tmp_path, "MW101", f"-c {url()}\n{line}\n") == ["2"]


def test_a_commented_constraint_leaves_only_the_essential_pins(tmp_path: Path) -> None:
    assert found(tmp_path, "MW101", f"# -c {url()}\npandas==1.0\n") == []


def test_without_a_line_mwaas_own_constraints_count(tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW101", "pandas==1.0\n")
    assert message.startswith("1 pandas==1.0 cannot be installed: MWAA 2.10.3 adds its own constraints, which pin")


def test_before_251_nothing_counts_without_a_line(tmp_path: Path) -> None:
    assert found(tmp_path, "MW101", "pandas==1.0\n", "2.4.3") == []


def test_forced_constraints_below_272_are_less_sure_and_a_line_is_sure(tmp_path: Path) -> None:
    forced = run(tmp_path, "MW101", "pandas==1.0\n", "2.6.3")
    assert only(forced, "MW101").confidence == Confidence.MEDIUM
    named = run(tmp_path, "MW101", f"-c {url('2.6.3', '3.10')}\npandas==1.0\n", "2.6.3")
    assert only(named, "MW101").confidence == Confidence.HIGH


def test_a_local_file_is_read_as_it_is(tmp_path: Path) -> None:
    text = "-c /usr/local/airflow/dags/constraints.txt\npandas==2.1.4\nlxml==5.3.0\n"
    more = {"dags/etl.py": DAG, "dags/constraints.txt": "pandas==1.5.3\n"}
    result = run(tmp_path, "MW101", text, more=more)
    assert shown(result, only(result, "MW101")) == (
        f"2 pandas==2.1.4 cannot be installed: dags/constraints.txt pins pandas==1.5.3, {SAYS_AVAILABLE}"
    )
    assert related(result, only(result, "MW101")) == [("requirements.txt", 1, "pins pandas==1.5.3")]


@pytest.mark.parametrize(
    "line",
    ["https://example.com/c.txt", "/usr/local/airflow/dags/c.txt", "${CONSTRAINTS}", url("2.10.99"), url("main")],
)
def test_constraints_nobody_here_knows_contradict_nothing(line: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW101", f"-c {line}\npandas==1.0\n", UNKNOWN) == []


def test_constraints_without_providers_say_nothing_of_a_provider(tmp_path: Path) -> None:
    line = url().replace("constraints-3.11", "constraints-no-providers-3.11")
    assert found(tmp_path, "MW101", f"-c {line}\napache-airflow-providers-amazon==1.0\n") == []


def test_a_line_for_another_version_explains_a_pin_that_fits_the_environment(tmp_path: Path) -> None:
    """constraints-2.8.1 has 3.6.0 and MWAA 2.10.3 has 3.12.3: the line is what is wrong, and MW105 says so."""
    assert found(tmp_path, "MW101", f"-c {url('2.8.1')}\nsnowflake-connector-python==3.12.3\n") == []
    assert lines(tmp_path, "MW101", f"-c {url('2.8.1')}\nsnowflake-connector-python==1.0\n") == ["2"]


def test_a_copy_with_an_old_name_counts_as_what_it_holds(tmp_path: Path) -> None:
    more = {"dags/etl.py": DAG, "dags/constraints-2.8.1.txt": "# for 2.10.3\npandas==1.5.3\napache-airflow==2.9.2\n"}
    text = "-c /usr/local/airflow/dags/constraints-2.8.1.txt\npandas==2.1.4\napache-airflow==2.8.1\n"
    assert lines(tmp_path, "MW101", text, more=more) == ["2"]
    assert lines(tmp_path, "MW101", text, "2.8.1", more) == ["2"]


def test_pinning_keeps_everything_else_of_the_line(tmp_path: Path) -> None:
    result = run(tmp_path, "MW101", f"-c {url()}\nPandas[xml] == 1.0 ; python_version > '3'  # old\n")
    after = f"-c {url()}\nPandas[xml] == 2.1.4 ; python_version > '3'  # old\n"
    assert fixed(result, "MW101") == (Safety.UNSAFE, after)


@pytest.mark.parametrize(
    "text",
    [
        f"-c {url()}\npandas==1.0 --hash=sha256:{'0' * 64}\n",
        f"-c {url('2.8.1')}\npandas==1.0\n",
        f"-c {url()}\n-c /usr/local/airflow/dags/constraints.txt\npandas==1.0\n",
    ],
)
def test_no_version_is_written_where_none_is_right(text: str, tmp_path: Path) -> None:
    more = {"dags/etl.py": DAG, "dags/constraints.txt": "pandas==1.5.3\n"}
    assert fixed(run(tmp_path, "MW101", text, more=more), "MW101") is None


# MW111 essential-package-override


def test_ranges_and_pins_that_leave_mwaas_version_out(tmp_path: Path) -> None:
    text = f"-c {url()}\nflask>=3\ncelery==5.4.0\nstatsd\nSQLAlchemy-Utils==0.1\nwatchtower<3\nkombu!=5.4.2\n"
    assert lines(tmp_path, "MW111", text) == ["2", "5", "6", "7"]


def test_the_message_names_mwaas_version(tmp_path: Path) -> None:
    assert found(tmp_path, "MW111", "Flask>=3\n", "3.0.6") == [
        (
            "1 Flask>=3 cannot be installed: MWAA 3.0.6 always enforces its own flask==2.2.5, so pip rejects the "
            "whole file and installs nothing from it"
        )
    ]


def test_the_list_is_the_versions_own(tmp_path: Path) -> None:
    """kombu left the list with 2.11.0."""
    assert lines(tmp_path, "MW111", f"-c {url()}\nkombu==5.6.0\n", "2.10.3") == ["2"]
    assert found(tmp_path, "MW111", f"-c {url('2.11.0', '3.12')}\nkombu==5.6.0\n", "2.11.0") == []


@pytest.mark.parametrize("version", ["2.8.1", "2.4.3", UNKNOWN])
def test_versions_without_a_known_list_are_silent(version: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW111", "flask==3.0\nwatchtower==1.0.6\n", version) == []


def test_airflow_itself_is_another_rules(tmp_path: Path) -> None:
    assert found(tmp_path, "MW111", "apache-airflow==2.9.2\n") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# a\nSQLAlchemy==2.0.30  # new\nlxml\n", "# a\nlxml\n"),
        ("SQLAlchemy \\\n  ==2.0.30\nlxml\n", "lxml\n"),
        ("sqlalchemy[asyncio]==2.0.30\nlxml\n", "sqlalchemy[asyncio]==1.4.54\nlxml\n"),
        ("gevent==25.1\n", "gevent==24.10.3\n"),
    ],
)
def test_the_line_goes_unless_something_would_go_with_it(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(run(tmp_path, "MW111", before), "MW111") == (Safety.SAFE, after)


def test_a_file_with_hashes_is_left_alone(tmp_path: Path) -> None:
    text = f"flask==3.0\nlxml==5.3.0 --hash=sha256:{'0' * 64}\n"
    assert fixed(run(tmp_path, "MW111", text), "MW111") is None


# MW105 constraint-airflow-version-mismatch


def test_the_environments_version_is_shown_beside(tmp_path: Path) -> None:
    result = run(tmp_path, "MW105", f"-c {url('2.8.1')}\nlxml\n")
    finding = only(result, "MW105")
    assert shown(result, finding).startswith(
        "1 these are the constraints of Airflow 2.8.1, but the environment runs 2.10.3"
    )
    assert related(result, finding) == [("main.tf", 3, "the environment's version: Airflow 2.10.3")]


@pytest.mark.parametrize("ref", ["main", "2-10", "latest"])
def test_branches_follow_no_release(ref: str, tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW105", f"-c {url(ref)}\nlxml\n")
    assert message.startswith(f"1 these constraints follow Airflow's {ref} branch")


@pytest.mark.parametrize(
    ("line", "after"),
    [
        (f'-c "{url("2.8.1")}"  # MWAA', f'-c "{url()}"  # MWAA'),
        (f"--constraint={url('2.5.1', '3.10')}", f"--constraint={url()}"),
        (
            "-c https://github.com/apache/airflow/raw/constraints-main/constraints-no-providers-3.8.txt",
            "-c https://github.com/apache/airflow/raw/constraints-2.10.3/constraints-no-providers-3.11.txt",
        ),
    ],
)
def test_only_the_versions_in_the_url_change(line: str, after: str, tmp_path: Path) -> None:
    result = run(tmp_path, "MW105", f"# x\n{line}\nlxml\n")
    assert fixed(result, "MW105") == (Safety.SAFE, f"# x\n{after}\nlxml\n")


def test_a_wrong_line_beside_the_right_one_goes(tmp_path: Path) -> None:
    result = run(tmp_path, "MW105", f"-c {url()}\n--constraint {url('2.9.2')}\nlxml\n")
    assert fixed(result, "MW105") == (Safety.SAFE, f"-c {url()}\nlxml\n")


def test_a_version_that_mwaa_does_not_offer_gets_no_fix(tmp_path: Path) -> None:
    assert fixed(run(tmp_path, "MW105", f"-c {url('2.10.3')}\nlxml\n", "2.10.5"), "MW105") is None


@pytest.mark.parametrize(
    "value",
    [
        "https://nexus.example.com/constraints-2.8.1/constraints-3.11.txt",
        "/usr/local/airflow/dags/constraints-2.8.1.txt",
        "/usr/local/airflow/dags/constraints-2.8.1-3.11.txt",
    ],
)
def test_other_places_are_judged_by_the_name_with_less_certainty(value: str, tmp_path: Path) -> None:
    result = run(tmp_path, "MW105", f"-c {value}\nlxml\n")
    finding = only(result, "MW105")
    assert (finding.message, finding.confidence, finding.fixes) == (
        "the name of this constraints file says Airflow 2.8.1, but the environment runs 2.10.3",
        Confidence.MEDIUM,
        (),
    )


@pytest.mark.parametrize(
    "value",
    [
        "/usr/local/airflow/dags/constraints-3.11-updated.txt",
        "/usr/local/airflow/dags/constraints-3.11.4.txt",
        "/usr/local/airflow/dags/constraints.txt",
        "https://nexus.example.com/constraints-main/constraints-3.11.txt",
        "${CONSTRAINTS}",
        "${AIRFLOW_CONSTRAINTS_FILE}",
        url(),
    ],
)
def test_names_that_say_nothing_of_another_airflow_are_silent(value: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW105", f"-c {value}\nlxml\n") == []


def test_two_versions_cannot_both_be_right_even_when_the_environments_is_not_known(tmp_path: Path) -> None:
    result = run(tmp_path, "MW105", f"-c {url('2.8.1')}\n-c {url('2.9.2')}\nlxml\n", UNKNOWN)
    finding = only(result, "MW105")
    assert shown(result, finding).startswith("2 two constraints files, for Airflow 2.8.1 and 2.9.2")
    assert related(result, finding) == [("requirements.txt", 1, "the other constraints file")]


def test_an_unknown_version_and_one_line_is_silent(tmp_path: Path) -> None:
    assert found(tmp_path, "MW105", f"-c {url('main')}\nlxml\n", UNKNOWN) == []
    assert found(tmp_path, "MW105", f"-c {url()}\n-c {url()}\nlxml\n", UNKNOWN) == []
    assert found(tmp_path, "MW105", f"-c {url('main')}\n-c {url('main')}\nlxml\n", UNKNOWN) == []


# MW106 constraint-python-mismatch


@pytest.mark.parametrize(
    ("airflow", "right"),
    [("2.2.2", "3.7"), ("2.6.3", "3.10"), ("2.7.2", "3.11"), ("2.10.3", "3.11"), ("2.11.0", "3.12"), ("3.3.1", "3.12")],
)
@pytest.mark.parametrize("python", ["3.7", "3.10", "3.11", "3.12"])
def test_each_airflow_version_has_one_python(airflow: str, right: str, python: str, tmp_path: Path) -> None:
    expected = [] if python == right else ["1"]
    assert lines(tmp_path, "MW106", f"-c {url(airflow, python)}\nlxml\n", airflow) == expected


def test_the_url_alone_is_enough_when_the_version_is_not_known(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW106", f"-c {url('2.7.2', '3.10')}\nlxml\n", UNKNOWN) == ["1"]


def test_a_line_for_another_airflow_is_another_rules(tmp_path: Path) -> None:
    assert found(tmp_path, "MW106", f"-c {url('2.5.1', '3.7')}\nlxml\n", "2.10.3") == []


@pytest.mark.parametrize(
    "value",
    [
        "/usr/local/airflow/dags/constraints-2.10.3-3.12.txt",
        "/usr/local/airflow/dags/constraints-3.12.txt",
        url("2.10.99", "3.9"),
    ],
)
def test_files_of_ones_own_and_unknown_versions_are_silent(value: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW106", f"-c {value}\nlxml\n", UNKNOWN) == []


def test_a_mirror_is_flagged_and_its_url_is_not_rewritten(tmp_path: Path) -> None:
    result = run(tmp_path, "MW106", "-c https://nexus.example.com/constraints-2.10.3/constraints-3.12.txt\nlxml\n")
    assert shown(result, only(result, "MW106")).startswith("1 these constraints are for Python 3.12")
    assert fixed(result, "MW106") is None


def test_only_the_python_in_the_url_changes(tmp_path: Path) -> None:
    result = run(tmp_path, "MW106", f"--constraint '{url(python='3.8')}'  # x\nlxml\n")
    assert fixed(result, "MW106") == (Safety.SAFE, f"--constraint '{url()}'  # x\nlxml\n")


WIRED = """\
resource "aws_mwaa_environment" "etl" {
  name                 = "etl"
  airflow_version      = "2.10.3"
  requirements_s3_path = "requirements.txt"
}
"""


def in_scripts(root: Path, files: Mapping[str, str], declared: str = WIRED) -> RunResult:
    for path, text in {"main.tf": declared, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return check(root, Config(select=("MW106",)))


@pytest.mark.parametrize(
    "script",
    [
        f'URL="{url(python="3.12")}"\necho "-c $URL" > requirements.txt\n',
        f"URL='{url(python='3.12')}'\necho \"--constraint ${{URL}}\" > requirements.txt\n",
        f'export URL={url(python="3.12")}\n{{ printf "-c $URL\\n"; cat in.txt; }} > requirements.txt\n',
        f'\necho "-c {url(python="3.12")}" >> requirements.txt\n',
        f'\necho -e "-c \\"{url(python="3.12")}\\"" >> requirements.txt\n',
    ],
)
def test_scripts_that_write_the_line(script: str, tmp_path: Path) -> None:
    result = in_scripts(tmp_path, {"deploy.sh": script})
    finding = only(result, "MW106")
    expected_line = 2 if script.startswith("\n") else 1
    assert shown(result, finding).startswith(
        f"deploy.sh:{expected_line} this script writes a constraint line for Python 3.12"
    )


@pytest.mark.parametrize(
    "script",
    [
        f'URL="{url()}"\necho "-c $URL" > requirements.txt\n',
        f'URL="{url(python="3.12")}"\nuv pip install pytest --constraint "$URL"\n',
        f'pip install pytest -c "{url(python="3.12")}"\n',
        f'URL="{url(python="3.12")}"\nOTHER="{url()}"\necho "-c $OTHER" > requirements.txt\n',
        f'URL="{url(python="3.12")}"\necho "see -c $URL"\n',
        f'URL="{url("2.9.2", "3.12")}"\necho "-c $URL" > requirements.txt\n',
        f'URL="{url("2.10.99", "3.9")}"\necho "-c $URL" > requirements.txt\n',
    ],
)
def test_scripts_that_write_no_wrong_line(script: str, tmp_path: Path) -> None:
    assert in_scripts(tmp_path, {"deploy.sh": script}).findings == ()


def test_a_script_without_an_environment_is_nobodys_business(tmp_path: Path) -> None:
    script = f'URL="{url(python="3.12")}"\necho "-c $URL" > requirements.txt\n'
    assert in_scripts(tmp_path, {"deploy.sh": script}, declared="").findings == ()


def test_a_script_beside_files_that_only_look_like_mwaas_is_not_read(tmp_path: Path) -> None:
    script = (
        f'URL="{url(python="3.12")}"\necho "-c $URL" > r.txt\naws s3 cp requirements.txt s3://mwaa/requirements.txt\n'
    )
    files = {"deploy.sh": script, "requirements.txt": f"-c {url()}\nlxml\n", "dags/etl.py": DAG}
    result = in_scripts(tmp_path, files, declared="# for Amazon MWAA\n")
    assert [deployment.environment for deployment in result.deployments] == [None]
    assert result.findings == ()


def test_the_project_that_the_script_compiles_is_shown_when_it_shuts_mwaas_python_out(tmp_path: Path) -> None:
    script = f'URL="{url(python="3.12")}"\n{{ echo "-c $URL"; uv pip compile infra/pyproject.toml; }} > r.txt\n'
    project = '[project]\nname = "x"\nrequires-python = ">=3.12,<3.13"\n'
    result = in_scripts(tmp_path, {"deploy.sh": script, "infra/pyproject.toml": project})
    assert related(result, only(result, "MW106")) == [("infra/pyproject.toml", 3, "leaves Python 3.11 out")]


@pytest.mark.parametrize("versions", [">=3.11", ">=3.11.4,<3.13", "~=3.11", "nonsense"])
def test_a_project_that_allows_mwaas_python_is_not_shown(versions: str, tmp_path: Path) -> None:
    script = f'URL="{url(python="3.12")}"\n{{ echo "-c $URL"; uv pip compile pyproject.toml; }} > r.txt\n'
    project = f'[project]\nrequires-python = "{versions}"\n'
    result = in_scripts(tmp_path, {"deploy.sh": script, "pyproject.toml": project})
    assert related(result, only(result, "MW106")) == []


def test_a_script_is_rewritten_only_on_request(tmp_path: Path) -> None:
    script = f'URL="{url(python="3.12")}"\necho "-c $URL" > requirements.txt\n'
    result = in_scripts(tmp_path, {"deploy.sh": script})
    assert fixed(result, "MW106") == (Safety.UNSAFE, script.replace("3.12.txt", "3.11.txt"))


# MW107 core-airflow-repinned


@pytest.mark.parametrize("line", ["apache-airflow==2.10.1", "apache_airflow[amazon]<2.10", "Apache-Airflow~=2.9.0"])
def test_another_airflow_is_refused_from_292_on(line: str, tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW107", f"-c {url()}\n{line}\n")
    assert "is not the environment's Airflow 2.10.3, which MWAA always enforces" in message


def test_another_airflow_is_installed_before(tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW107", f"-c {url('2.8.1')}\napache-airflow==2.9.2\n", "2.8.1")
    assert message.startswith("2 apache-airflow==2.9.2 is not the environment's Airflow 2.8.1: pip replaces Airflow")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (f"-c {url()}\napache-airflow==2.10.3\n", "2.10.3"),
        (f"-c {url()}\napache-airflow>=2.7\n", "2.10.3"),
        ("apache-airflow\n", "2.10.3"),
        (f"-c {url('2.8.1')}\napache-airflow>=2.7\n", "2.8.1"),
        ("apache-airflow==2.8.1\n", "2.8.1"),
        ("apache-airflow==2.8.1\n", UNKNOWN),
        ("-c c.txt\napache-airflow>=2\n", UNKNOWN),
        ("apache-airflow @ https://example.com/apache_airflow-2.9.2-py3-none-any.whl\n", "2.8.1"),
        ("apache-airflow-providers-amazon==1.0\napache-airflow-client\n", "2.8.1"),
        ('apache-airflow==1.0; python_version < "3.8"\n', "2.8.1"),
        ("apache-airflow>=2.7\n", "2.12.0"),
    ],
)
def test_the_right_version_or_one_that_something_holds(text: str, version: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW107", text, version) == []


@pytest.mark.parametrize("line", ["apache-airflow", "apache-airflow[amazon]>=2.7", "apache-airflow==2.8.*"])
def test_an_open_version_that_nothing_holds(line: str, tmp_path: Path) -> None:
    result = run(tmp_path, "MW107", f"{line}\n", "2.8.1")
    assert "leaves the version open, and nothing on MWAA 2.8.1 pins it" in only(result, "MW107").message
    after = {"apache-airflow[amazon]>=2.7": "apache-airflow[amazon]==2.8.1\n"}.get(line, "apache-airflow==2.8.1\n")
    assert fixed(result, "MW107") == (Safety.SAFE, after)


def test_an_open_version_on_an_unknown_environment_is_less_sure(tmp_path: Path) -> None:
    finding = only(run(tmp_path, "MW107", "apache-airflow>=2\n", UNKNOWN), "MW107")
    assert (finding.confidence, finding.fixes) == (Confidence.MEDIUM, ())


def test_a_version_that_mwaa_went_past_is_no_environments(tmp_path: Path) -> None:
    result = run(tmp_path, "MW107", "apache-airflow[amazon]==2.7.1\n", UNKNOWN)
    assert "MWAA never offered the Airflow that apache-airflow==2.7.1 asks for" in only(result, "MW107").message
    assert fixed(result, "MW107") is None


@pytest.mark.parametrize("version", ["2.7.9", "9.0.0", "2.7", "main"])
def test_a_version_that_mwaa_may_offer_some_day_is_left_alone(version: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW107", f"-c c.txt\napache-airflow=={version}\n", UNKNOWN) == []


def test_an_environment_version_that_does_not_exist_is_not_written(tmp_path: Path) -> None:
    assert fixed(run(tmp_path, "MW107", "apache-airflow==2.10.3\n", "2.10.5"), "MW107") is None


# MW117 constraint-spelling-not-recognised


@pytest.mark.parametrize(
    ("line", "spelling", "after"),
    [
        ("--constraint=c.txt", "--constraint=", "--constraint c.txt"),
        ('--constraint="c.txt"  # x', "--constraint=", '--constraint "c.txt"  # x'),
        ("-cc.txt", "-c", "--constraint c.txt"),
        ("-c=c.txt", "-c=", "--constraint c.txt"),
        ("-c\tc.txt", "-c<tab>", "--constraint c.txt"),
        ("--constraint\t'c.txt'", "--constraint<tab>", "--constraint 'c.txt'"),
        ("--constr c.txt", "--constr", "--constraint c.txt"),
    ],
)
def test_spellings_that_only_pip_knows(line: str, spelling: str, after: str, tmp_path: Path) -> None:
    result = run(tmp_path, "MW117", f"# x\n{line}\nlxml\n")
    assert f"with a space, not for '{spelling}', so it adds its own" in only(result, "MW117").message
    assert fixed(result, "MW117") == (Safety.SAFE, f"# x\n{after}\nlxml\n")


def test_all_lines_are_rewritten_at_once(tmp_path: Path) -> None:
    result = run(tmp_path, "MW117", "-ca.txt\nlxml\n--constraint=b.txt\n")
    assert fixed(result, "MW117") == (Safety.SAFE, "--constraint a.txt\nlxml\n--constraint b.txt\n")


@pytest.mark.parametrize(
    "text",
    [
        "--constraint c.txt\nlxml\n",
        "--constraint \\\nc.txt\nlxml\n",
        "--constraint=c.txt\n# -c c.txt\nlxml\n",
        "--constraint=c.txt\n-c d.txt\nlxml\n",
        "--constraint=c.txt\n",
        "lxml\n",
    ],
)
def test_what_mwaa_sees_or_what_installs_nothing(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW117", text) == []


def test_before_251_the_spelling_does_not_matter(tmp_path: Path) -> None:
    assert found(tmp_path, "MW117", "--constraint=c.txt\nlxml\n", "2.4.3") == []


# MW121 constraint-disabled-by-comment and MW124 constraint-commented


@pytest.mark.parametrize(
    "line",
    [
        "#    uv pip compile -c constraints.txt in.txt",
        "# use -c to opt out",
        "lxml==5.3.0  # via -c constraints.txt",
        "#    pip-compile --constraint c.txt --output-file=requirements.txt",
        "# -c and --constraint are not used here",
    ],
)
def test_comments_that_are_no_constraint_lines(line: str, tmp_path: Path) -> None:
    assert lines(tmp_path, "MW121", f"requests==2.32.3\n{line}\n") == ["2"]
    assert found(tmp_path, "MW124", f"requests==2.32.3\n{line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        f"# -c {url()}",
        f'#--constraint "{url()}"',
        "  ## --constraint /usr/local/airflow/dags/constraints.txt",
        "# -c constraints.txt until dbt follows",
        "# --constraint disabled",
    ],
)
def test_comments_that_were_constraint_lines(line: str, tmp_path: Path) -> None:
    assert lines(tmp_path, "MW124", f"requests==2.32.3\n{line}\n") == ["2"]
    assert found(tmp_path, "MW121", f"requests==2.32.3\n{line}\n") == []


def test_annotations_of_a_lock_tool_end_with_their_comment(tmp_path: Path) -> None:
    annotated = "lxml==5.3.0\n    # via\n    #   -c constraints.txt\n    #   parsel\nrequests==2.32.3\n"
    assert lines(tmp_path, "MW121", annotated) == ["3"]
    assert lines(tmp_path, "MW124", f"{annotated}# -c constraints.txt\n") == ["6"]
    assert found(tmp_path, "MW121", f"{annotated}# -c constraints.txt\n") == []


@pytest.mark.parametrize("code", ["MW121", "MW124"])
@pytest.mark.parametrize(
    "text",
    [
        f"# -c {url()}\n# use -c x\n-c {url()}\nlxml\n",
        f"# -c {url()}\n# use -c x\n--constraint={url()}\nlxml\n",
        f"# -c {url()}\n",
        "# -c x\n--no-index\n--find-links /usr/local/airflow/plugins\nlxml==5.3.0\n",
        "lxml==5.3.0\n",
    ],
)
def test_a_comment_does_no_harm_beside_a_constraint_and_where_nothing_is_fetched(
    code: str, text: str, tmp_path: Path
) -> None:
    assert found(tmp_path, code, text) == []


@pytest.mark.parametrize("code", ["MW121", "MW124"])
def test_before_251_there_is_nothing_to_switch_off(code: str, tmp_path: Path) -> None:
    text = "# use -c x\nlxml==4.9.0\n" if code == "MW121" else "# -c x.txt\nlxml==4.9.0\n"
    assert found(tmp_path, code, text, "2.4.3") == []
    assert lines(tmp_path, code, text, "2.5.1") == ["1"]


def test_the_constraint_that_a_comment_switched_off_is_added_when_it_fits(tmp_path: Path) -> None:
    result = run(tmp_path, "MW121", "# uv -c c.txt\nsnowflake-connector-python==3.12.3\n")
    after = f'--constraint "{url()}"\n# uv -c c.txt\nsnowflake-connector-python==3.12.3\n'
    assert fixed(result, "MW121") == (Safety.SAFE, after)
    assert fixed(run(tmp_path, "MW121", "# uv -c c.txt\npandas==1.0\n"), "MW121") is None


def test_a_package_name_that_ends_like_the_option(tmp_path: Path) -> None:
    (message,) = found(tmp_path, "MW121", "lxml==5.3.0\nyajl-c >= 1.0\n")
    assert message.startswith("2 the text '-c ' in this line is not an option, but MWAA takes it for a constraint line")


def test_the_pins_that_the_constraints_would_refuse_are_shown(tmp_path: Path) -> None:
    result = run(tmp_path, "MW124", f"# -c {url()}\npandas==1.0\nlxml==5.3.0\nnumpy==1.0\n")
    assert related(result, only(result, "MW124")) == [
        ("requirements.txt", 2, "the constraints of Airflow 2.10.3 pin 2.1.4"),
        ("requirements.txt", 4, "the constraints of Airflow 2.10.3 pin 1.26.4"),
    ]


def test_five_of_those_pins_are_enough(tmp_path: Path) -> None:
    pins = "".join(f"{name}==0.1\n" for name in ("pandas", "numpy", "lxml", "requests", "boto3", "attrs"))
    result = run(tmp_path, "MW124", f"# -c {url()}\n{pins}")
    assert [line for _, line, _ in related(result, only(result, "MW124"))] == [2, 3, 4, 5, 6]


def test_open_versions_are_named_and_urls_count_as_fixed(tmp_path: Path) -> None:
    text = "# -c c.txt\na\nb>1\nc==1.*\nd~=1.0\ne\nf\ng\nh==1\ni @ https://example.com/i-1.0-py3-none-any.whl\n"
    (message,) = found(tmp_path, "MW124", text)
    assert "nothing pins the versions of a, b, c, d, e and 2 more, so each new worker" in message


# MW126 requirements-not-utf8


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (codecs.BOM_UTF16_LE + "lxml==5.3.0\r\n".encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + "lxml==5.3.0\r\n".encode("utf-16-be"), "UTF-16"),
        (codecs.BOM_UTF32_LE + "lxml==5.3.0\r\n".encode("utf-32-le"), "UTF-32"),
        (codecs.BOM_UTF32_BE + "lxml==5.3.0\r\n".encode("utf-32-be"), "UTF-32"),
    ],
)
def test_marked_encodings_become_utf8_with_their_line_ends(data: bytes, name: str, tmp_path: Path) -> None:
    result = run(tmp_path, "MW126", data)
    read = f"the file is {name}, not UTF-8: MWAA's images read it by its byte order mark"
    assert only(result, "MW126").message.startswith(read)
    assert fixed(result, "MW126") == (Safety.SAFE, "lxml==5.3.0\r\n")


def test_the_message_keeps_to_what_is_known_of_the_version(tmp_path: Path) -> None:
    data = codecs.BOM_UTF16_LE + "lxml==5.3.0\n".encode("utf-16-le")
    assert "on the environment's 2.8.1, where the line goes unseen" in found(tmp_path, "MW126", data, "2.8.1")[0]
    assert "read it by its byte order mark for now" in found(tmp_path, "MW126", data, UNKNOWN)[0]
    assert found(tmp_path, "MW126", data, "2.4.3") == []


@pytest.mark.parametrize(
    "data",
    [
        b"lxml==5.3.0\n",
        "# größer\nlxml==5.3.0\n".encode(),
        codecs.BOM_UTF8 + "# größer\nlxml==5.3.0\n".encode(),
        "# -*- coding: latin-1 -*-\n# größer\nlxml==5.3.0\n".encode("latin-1"),
    ],
)
def test_utf8_and_what_names_its_encoding_are_fine(data: bytes, tmp_path: Path) -> None:
    assert found(tmp_path, "MW126", data) == []


def test_the_first_line_that_cannot_be_decoded_is_the_place(tmp_path: Path) -> None:
    data = b"lxml==5.3.0\r\n# gr\xf6\xdfer \x96 x\r\n# \xe9\r\n"
    result = run(tmp_path, "MW126", data)
    assert shown(result, only(result, "MW126")).startswith("2 line 2 is not UTF-8: MWAA cannot search the file")
    assert fixed(result, "MW126") == (Safety.SAFE, "lxml==5.3.0\r\n# größer – x\r\n# é\r\n")


def test_a_guessed_letter_outside_of_comments_is_unsafe(tmp_path: Path) -> None:
    data = b"lxml @ file:///usr/local/airflow/plugins/gr\xf6\xdfe/lxml-5.3.0-py3-none-any.whl\n"
    fix = fixed(run(tmp_path, "MW126", data), "MW126")
    assert fix is not None
    assert fix[0] == Safety.UNSAFE


def test_before_292_an_undecodable_file_is_pips_problem(tmp_path: Path) -> None:
    assert found(tmp_path, "MW126", b"# \xe9\nlxml==5.1.0\n", "2.8.1") == [
        "1 line 1 is not UTF-8: pip may be unable to read the file, and then installs nothing from it"
    ]


def test_a_file_that_names_the_wrong_encoding_is_not_rewritten(tmp_path: Path) -> None:
    assert fixed(run(tmp_path, "MW126", b"# coding: ascii\n# \xe9\nlxml==5.3.0\n"), "MW126") is None


def test_other_rules_see_the_same_text_in_any_encoding(tmp_path: Path) -> None:
    text = f"--constraint={url()}\npandas==1.0\n"
    data = codecs.BOM_UTF16_LE + text.encode("utf-16-le")
    assert lines(tmp_path, "MW117", data) == ["1"]
    assert lines(tmp_path, "MW101", data) == ["2"]
