"""The rules on single lines (MW109, MW118, MW123, MW125), beyond the examples of their pages."""

from __future__ import annotations

import codecs
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.documents.requirements import read_requirements
from mwaalint.findings import Confidence, Safety
from mwaalint.source import SourceFile
from tests.requirement_rules import OFF, UPSTREAM, URL, environment, findings, fixed, found, lines

if TYPE_CHECKING:
    from mwaalint.documents.requirements import Requirement

DRIFT = (
    "each new worker installs the newest release of the day, so workers drift apart and a release can break a "
    "running environment"
)
UNKNOWN = environment("var.airflow_version") + 'variable "airflow_version" {}\n'
DAG = "from airflow import DAG\n\ndag = DAG('etl')\n"
HASH = "--hash=sha256:" + "0" * 64


# --- MW109 requirement-unpinned -------------------------------------------------------------------------------------


def test_a_range_and_a_bare_name_are_told_apart(tmp_path: Path) -> None:
    text = f"{UPSTREAM}Great_Expectations >=0.18.0, <2  # quality\nsoda-core\n"
    assert found(tmp_path, "MW109", text) == [
        f"requirements.txt:2 warning great-expectations<2,>=0.18.0 is not pinned by any constraint: {DRIFT}",
        f"requirements.txt:3 warning soda-core has no version and no constraint pins it: {DRIFT}",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "soda-core",
        "soda-core>=3",
        "soda-core>3",
        "soda-core<4",
        "soda-core~=3.3.0",
        "soda-core==3.*",
        "soda-core!=3.3.1",
        "soda-core[spark]>=3",
        "soda-core>=3; python_version >= '3.10'",
        "soda-core>=3; sys_platform == 'linux' and platform_machine == 'x86_64'",
        "soda-core \\\n  >=3",
    ],
)
def test_what_admits_several_versions_is_not_fixed(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, "MW109", f"{UPSTREAM}{line}\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "soda-core==3.3.22",
        "soda-core===3.3.22",
        "soda-core<=3.3.22",
        "soda-core>=3,<=3.3.22",
        "soda-core>=3,==3.3.22",
        "soda-core @ https://example.com/soda_core-3.3.22-py3-none-any.whl",
        "git+https://github.com/sodadata/soda-core",
        "-e git+https://github.com/sodadata/soda-core#egg=soda-core",
        "/usr/local/airflow/plugins/soda_core-3.3.22-py3-none-any.whl",
        f"soda-core {HASH}",
        "soda-core>=3; python_version < '3.9'",
        "soda-core>=3; sys_platform == 'win32'",
        "soda-core>=3; platform_release >= '5'",
        "apache-airflow",
        "apache-airflow[celery]>=2.10",
        "apache-airflow-providers-snowflake",
        "snowflake-connector-python>=3",
        "pandas",
        "boto3",
        "boto3>=1.28",
        "--index-url https://packages.example.com/simple",
        "",
        "# soda-core",
    ],
)
def test_fixed_versions_and_lines_that_are_no_choice_are_left_alone(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, "MW109", f"{UPSTREAM}{line}\n") == []


def test_another_line_of_the_file_can_fix_the_version(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW109", f"{UPSTREAM}soda_core>=3\nSoda.Core==3.3.22\n") == []


def test_a_line_that_does_not_apply_fixes_nothing(tmp_path: Path) -> None:
    text = f"{UPSTREAM}soda-core>=3\nsoda-core==3.3.22; python_version < '3.9'\n"
    assert lines(tmp_path, "MW109", text) == [2]


def test_without_a_constraint_line_mwaas_own_constraints_fix_the_version(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW109", "pandas>=2\nsoda-core>=3\n") == [2]


def test_before_mwaa_added_constraints_nothing_fixes_it(tmp_path: Path) -> None:
    old = {"main.tf": environment('"2.4.3"')}
    assert lines(tmp_path, "MW109", "snowflake-connector-python>=2\nrequests\n", old) == [1]


def test_with_constraints_off_only_the_image_and_the_essential_packages_are_fixed(tmp_path: Path) -> None:
    text = f"{OFF}pandas>=2\ncelery\nrequests>=2\nrequests-aws4auth\n"
    assert lines(tmp_path, "MW109", text) == [2, 5]


def test_a_line_that_moves_an_installed_package_is_not_fixed_by_the_image(tmp_path: Path) -> None:
    """pip keeps what is installed only when it satisfies the line."""
    assert lines(tmp_path, "MW109", f"{OFF}boto3>=1.36\nrequests>=2\n") == [2]


@pytest.mark.parametrize(
    "text",
    [
        "--no-index\n--find-links /usr/local/airflow/plugins\nsoda-core\n",
        '--constraint "https://example.com/constraints.txt"\nsoda-core\n',
        '--constraint "${AIRFLOW__PIP__CONSTRAINTS}"\nsoda-core\n',
        f"--constraint {URL.format('main', '3.11')}\nsoda-core\n",
        f"--constraint {URL.format('2.10.4', '3.11')}\nsoda-core\n",
        f"{UPSTREAM}-c /usr/local/airflow/dags/more.txt\nsoda-core\n",
    ],
)
def test_what_cannot_be_read_may_fix_it(tmp_path: Path, text: str) -> None:
    assert lines(tmp_path, "MW109", text) == []


def test_constraints_of_ones_own_are_read(tmp_path: Path) -> None:
    own = {
        "dags/etl.py": DAG,
        "dags/constraints.txt": "soda-core==3.3.22\nduckdb<=1.1.3\npolars<2\nxarray==2024.1; python_version < '3'\n",
    }
    text = "-c /usr/local/airflow/dags/constraints.txt\nsoda-core\nduckdb\npolars\nxarray\n"
    assert lines(tmp_path, "MW109", text, own) == [4, 5]


def test_lines_of_an_included_file_are_reported_where_they_stand(tmp_path: Path) -> None:
    others = {"dags/etl.py": DAG, "dags/base.txt": "# base\nsoda-core>=3\n"}
    text = f"{UPSTREAM}-r /usr/local/airflow/dags/base.txt\n"
    assert found(tmp_path, "MW109", text, others) == [
        f"dags/base.txt:2 warning soda-core>=3 is not pinned by any constraint: {DRIFT}"
    ]


def test_without_a_version_and_a_constraint_line_mwaa_may_fix_what_any_of_its_constraints_fix(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW109", "pandas\nsoda-core\n", {"main.tf": UNKNOWN}) == [2]


def test_without_a_version_what_the_newest_image_brings_is_left_alone(tmp_path: Path) -> None:
    text = f"{OFF}soda-core\nboto3>=9\n"
    assert lines(tmp_path, "MW109", text, {"main.tf": UNKNOWN}) == [2]


def test_a_version_that_the_catalogue_does_not_know_tells_nothing(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW109", "soda-core\n", {"main.tf": environment('"2.10.9"')}) == []


def test_the_pin_is_the_version_of_mwaas_constraints(tmp_path: Path) -> None:
    text = f"{OFF}Pandas[aws] >=2 ; python_version > '3'  # frames\nduckdb\nsoda-core>=3\npandas>=3\n".replace(
        "pandas>=3\n", "polars>=3\n"
    )
    [first, second, *others] = findings(tmp_path, "MW109", text)
    assert [fix.title for fix in (*first.fixes, *second.fixes)] == [
        "Pin to 2.1.4, the version in MWAA's constraints for 2.10.3",
        "Pin to 1.1.3, the version in MWAA's constraints for 2.10.3",
    ]
    assert first.fixes[0].safety is Safety.UNSAFE
    assert [finding.fixes for finding in others] == [(), ()]
    assert fixed(tmp_path, "MW109", text, unsafe=True).decode() == (
        f"{OFF}Pandas[aws] ==2.1.4 ; python_version > '3'  # frames\nduckdb==1.1.3\nsoda-core>=3\npolars>=3\n"
    )


def test_a_line_that_excludes_mwaas_version_gets_no_pin(tmp_path: Path) -> None:
    assert fixed(tmp_path, "MW109", f"{OFF}pandas>=2.2\n", unsafe=True) == f"{OFF}pandas>=2.2\n".encode()


def test_without_unsafe_fixes_the_line_stays(tmp_path: Path) -> None:
    assert fixed(tmp_path, "MW109", f"{OFF}pandas>=2\n") == f"{OFF}pandas>=2\n".encode()


# --- MW118 duplicate-conflicting-lines ------------------------------------------------------------------------------

TWICE = "is listed twice in the same way: the second line does nothing until somebody changes only one of them"


def conflict(package: str, first: str, second: str) -> str:
    return (
        f"{package} is required as {first} and as {second}: no version satisfies both, so pip gives up and MWAA "
        "installs none of the packages"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("==2.31.0", "==2.32.3"),
        ("==2.31.0", ">=2.32"),
        (">=2.32", "==2.31.0"),
        ("==2.31.0", "==2.32.*"),
        ("~=2.32.0", "==2.31.0"),
        ("===2.31.0", "==2.32.3"),
        ("==2.31.0", "!=2.31.0"),
    ],
)
def test_two_versions_that_exclude_each_other(tmp_path: Path, first: str, second: str) -> None:
    assert found(tmp_path, "MW118", f"requests{first}\nRequests{second}\n") == [
        f"requirements.txt:2 error {conflict('requests', first, second)}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "requests==2.31.0\nrequests-aws4auth==1.3.1\n",
        "requests>=2.31\nrequests<3\n",
        "requests>=3\nrequests<2\n",
        "requests>=2.31\nrequests==2.32.3\n",
        "requests==2.32.3\nrequests[socks]==2.32.3\n",
        "requests==2.31.0; python_version < '3.9'\nrequests==2.32.3; python_version >= '3.9'\n",
        "requests==2.31.0; platform_release < '5'\nrequests==2.32.3\n",
        "requests==2.31.0\nrequests @ https://example.com/requests-2.32.3.tar.gz\n",
        "https://example.com/requests-2.31.0-py3-none-any.whl\nhttps://example.com/requests-2.32.3-py3-none-any.whl\n",
        "requests==2.32\nrequests==2.32.0\nrequests<9\n",
        "requests==2.31.0\n-c /usr/local/airflow/dags/constraints.txt\n",
    ],
)
def test_lines_that_do_not_contradict_each_other_are_left_alone(tmp_path: Path, text: str) -> None:
    others = {"dags/etl.py": DAG, "dags/constraints.txt": "requests==2.32.3\nrequests==2.31.0\n"}
    assert [shown for shown in found(tmp_path, "MW118", text, others) if "error" in shown] == []


def test_without_python_a_marker_decides_nothing(tmp_path: Path) -> None:
    text = "requests==2.31.0; python_version < '3.12'\nrequests==2.32.3; python_version >= '3.12'\n"
    assert lines(tmp_path, "MW118", text, {"main.tf": UNKNOWN}) == []


def test_the_conflict_is_the_second_lines_and_shows_the_first(tmp_path: Path) -> None:
    text = "Foo_Bar==1\n# later\nfoo.bar==2\nfoo-bar==1\nfoo-bar==3\n"
    shown = findings(tmp_path, "MW118", text)
    assert [finding.message for finding in shown] == [
        conflict("foo-bar", "==1", "==2"),
        f"foo-bar {TWICE}",
        conflict("foo-bar", "==1", "==3"),
    ]
    assert [(place.path, place.span, place.note) for place in shown[0].related] == [
        ("requirements.txt", (0, len("Foo_Bar==1")), "the other line")
    ]
    assert [place.note for place in shown[1].related] == ["the first line"]


def test_included_files_are_compared_but_not_repaired(tmp_path: Path) -> None:
    others = {"dags/etl.py": DAG, "dags/base.txt": "requests==2.32.3\nduckdb==1.1.3\n"}
    text = "-r /usr/local/airflow/dags/base.txt\nrequests==2.31.0\nduckdb==1.1.3\n"
    assert found(tmp_path, "MW118", text, others) == [
        f"dags/base.txt:1 error {conflict('requests', '==2.31.0', '==2.32.3')}",
        f"dags/base.txt:2 note duckdb {TWICE}",
    ]
    assert fixed(tmp_path, "MW118", text, others, unsafe=True) == text.encode()


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a==1\nb==1\na==1\n", "a==1\nb==1\n"),
        ("a==1\na==1\na==1", "a==1\n"),
        ("a\nA # again\n", "a\n"),
        ("a>=1,<2\nb\na<2,>=1\n", "a>=1,<2\nb\n"),
        ("a[x,y]==1\na[y,x]==1\nb\n", "a[x,y]==1\nb\n"),
        ("a==1; python_version>'3'\na==1 ; python_version > \"3\"\n", "a==1; python_version>'3'\n"),
        ("a==1\r\na \\\r\n  ==1\r\nb\r\n", "a==1\r\nb\r\n"),
        ("\ufeffa==1\n# é\na==1\n", "\ufeffa==1\n# é\n"),
        # Said twice, but not in the same words: a person decides.
        ("a==1\na==1; python_version>'3'\n", "a==1\na==1; python_version>'3'\n"),
        (f"a==1 {HASH}\na==1 {HASH}\n", f"a==1 {HASH}\na==1 {HASH}\n"),
        ("a==1\na==2\n", "a==1\na==2\n"),
    ],
)
def test_only_a_line_that_repeats_another_is_deleted(tmp_path: Path, text: str, after: str) -> None:
    assert fixed(tmp_path, "MW118", text) == after.encode()


def test_a_second_line_with_another_marker_is_still_told(tmp_path: Path) -> None:
    assert found(tmp_path, "MW118", "a==1\na==1; python_version>'3'\n") == [f"requirements.txt:2 note a {TWICE}"]


@pytest.mark.parametrize("line", ["pkg==1", "pkg=={}", "pkg>={}", "pkg{}==1"])
def test_very_many_lines_take_linear_time(tmp_path: Path, line: str) -> None:
    text = "".join(f"{line.format(number)}\n" for number in range(4_000))
    start = process_time()
    findings(tmp_path, "MW118", text)
    assert process_time() - start < 20


# --- MW123 already-in-base-image ------------------------------------------------------------------------------------


def same(package: str, installed: str, airflow: str = "2.10.3") -> str:
    image = f"is already in MWAA's image for Airflow {airflow} and fits this line, so the line changes nothing"
    return f"{package} {installed} {image}"


@pytest.mark.parametrize(
    ("line", "package", "installed"),
    [
        ("boto3==1.35.36", "boto3", "1.35.36"),
        ("Boto3", "boto3", "1.35.36"),
        ("boto3>=1.28.0", "boto3", "1.35.36"),
        ("boto3<2", "boto3", "1.35.36"),
        ("boto3~=1.35.0", "boto3", "1.35.36"),
        ("apache_airflow_providers_amazon==9.0.0", "apache-airflow-providers-amazon", "9.0.0"),
        ("psycopg2-binary; python_version > '3.8'", "psycopg2-binary", "2.9.10"),
        ("celery", "celery", "5.4.0"),
    ],
)
def test_a_line_that_the_image_meets_changes_nothing(tmp_path: Path, line: str, package: str, installed: str) -> None:
    assert found(tmp_path, "MW123", f"{UPSTREAM}{line}\n") == [f"requirements.txt:2 note {same(package, installed)}"]


@pytest.mark.parametrize(
    "line",
    [
        "pandas==2.1.4",
        "snowflake-connector-python",
        "boto3==1.36.0",
        "boto3>=1.36",
        "boto3==1.18.65",
        "boto3<1.30",
        "boto3[crt]",
        f"boto3==1.35.36 {HASH}",
        "boto3==1.18.65; python_version < '3.9'",
        "boto3 @ https://example.com/boto3-1.18.65.tar.gz",
        "apache-airflow==2.10.3",
        "boto3==1.35.36\n    # via awswrangler",
    ],
)
def test_lines_that_add_raise_or_are_for_another_rule_are_left_alone(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "MW123", f"{UPSTREAM}{line}\n") == []


@pytest.mark.parametrize(
    "note", ["    # via -r requirements.in", "    # via\n    #   etl (pyproject.toml)\n    #   aiobotocore"]
)
def test_a_line_that_a_person_asked_for_counts_in_a_compiled_file(tmp_path: Path, note: str) -> None:
    assert lines(tmp_path, "MW123", f"{UPSTREAM}boto3==1.35.36\n{note}\n") == [2]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("boto3==1.18.65", "==1.18.65"),
        ("boto3<1.30", "<1.30"),
        ("boto3>=1.18,<=1.20", "<=1.20,>=1.18"),
        ("boto3~=1.34.0", "~=1.34.0"),
        ("boto3==1.34.*", "==1.34.*"),
    ],
)
def test_without_constraints_an_older_version_replaces_the_images(tmp_path: Path, line: str, wanted: str) -> None:
    [shown] = found(tmp_path, "MW123", f"{OFF}{line}\n")
    assert shown == (
        f"requirements.txt:2 note boto3{wanted} replaces the image's 1.35.36 with an older version at every start: "
        "MWAA's image for Airflow 2.10.3 is tested with 1.35.36, and its providers may need what the older one lacks"
    )


@pytest.mark.parametrize("line", ["boto3==1.35.36", "boto3<2", "boto3~=1.35.0", "boto3==1.36.0", "boto3>1.35.36"])
def test_without_constraints_a_line_that_holds_the_version_has_a_purpose(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "MW123", f"{OFF}{line}\n") == []


@pytest.mark.parametrize("line", ["boto3", "boto3>=1.28", "boto3!=1.35.35"])
def test_without_constraints_a_line_that_holds_nothing_changes_nothing(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "MW123", f"{OFF}{line}\n") == [f"requirements.txt:2 note {same('boto3', '1.35.36')}"]


@pytest.mark.parametrize(
    "text",
    [
        # Constraints of another version move the package, so the line is not idle.
        f"--constraint {URL.format('2.8.1', '3.11')}\nboto3\n",
        '--constraint "https://example.com/constraints.txt"\nboto3\n',
        '--constraint "https://example.com/constraints.txt"\nboto3==1.18.65\n',
    ],
)
def test_a_constraint_that_decides_otherwise_or_is_not_known_keeps_it_silent(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "MW123", text) == []


def test_mwaas_own_constraints_count_too(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW123", "boto3==1.35.36\nduckdb==1.1.3\n") == [1]


def test_without_a_version_the_rule_does_not_run(tmp_path: Path) -> None:
    assert found(tmp_path, "MW123", "boto3\n", {"main.tf": UNKNOWN}) == []


def test_what_is_only_derived_of_an_old_image_is_less_sure(tmp_path: Path) -> None:
    old = {"main.tf": environment('"2.8.1"')}
    shown = findings(tmp_path, "MW123", "boto3>=1.28.0\napache-airflow-providers-amazon>=8.0.0\n", old)
    assert [(finding.message, finding.confidence) for finding in shown] == [
        (same("boto3", "1.33.13", "2.8.1"), Confidence.MEDIUM),
        (same("apache-airflow-providers-amazon", "8.16.0", "2.8.1"), Confidence.HIGH),
    ]


def test_the_line_is_deleted_only_when_asked_for(tmp_path: Path) -> None:
    text = f"{UPSTREAM}boto3>=1.28 # aws\r\npandas==2.1.4\r\n"
    assert fixed(tmp_path, "MW123", text) == text.encode()
    assert fixed(tmp_path, "MW123", text, unsafe=True) == f"{UPSTREAM}pandas==2.1.4\r\n".encode()


# --- MW125 dev-tool-deployed ----------------------------------------------------------------------------------------


def tool(package: str, kind: str) -> str:
    return (
        f"{package} is for {kind}, and no DAG or plugin uses it: every worker, scheduler and web server still "
        "installs it and its dependencies at each start"
    )


@pytest.mark.parametrize(
    ("line", "package", "kind"),
    [
        ("PyTest>=8", "pytest", "testing"),
        ("pytest_cov", "pytest-cov", "testing"),
        ("moto[s3]==5.0.11", "moto", "testing"),
        ("black", "black", "formatting code"),
        ("flake8-bugbear", "flake8-bugbear", "checking code"),
        ("types-requests", "types-requests", "checking code"),
        ("pandas-stubs", "pandas-stubs", "checking code"),
        ("jupyter", "jupyter", "interactive work"),
        ("twine", "twine", "building packages"),
    ],
)
def test_a_tool_is_told_with_what_it_is_for(tmp_path: Path, line: str, package: str, kind: str) -> None:
    shown = found(tmp_path, "MW125", f"{line}\n", {"dags/etl.py": DAG})
    assert shown == [f"requirements.txt:1 note {tool(package, kind)}"]


@pytest.mark.parametrize(
    "line",
    [
        "pandas",
        "pytest; python_version < '3'",
        "pytest @ https://example.com/pytest.whl",
        "pytestx",
        "mypy-boto3-s3",
        "blackboard",
        "apache-airflow-providers-ssh",
        "# pytest",
        "pytest\n    # via dbt-tests-adapter",
        "pytest  # via dbt-tests-adapter",
        "pytest\n    # via\n    #   -c constraints.txt\n    #   dbt-tests-adapter",
    ],
)
def test_other_packages_and_the_needs_of_others_are_left_alone(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, "MW125", f"{line}\n", {"dags/etl.py": DAG}) == []


@pytest.mark.parametrize("companion", ["papermill", "apache-airflow-providers-papermill==3.8.1"])
def test_papermill_needs_a_kernel(tmp_path: Path, companion: str) -> None:
    assert lines(tmp_path, "MW125", f"ipykernel\n{companion}\npytest\n", {"dags/etl.py": DAG}) == [3]


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("moto", "from moto import mock_aws\n"),
        ("moto", "def f():\n    import moto.s3\n"),
        ("pytest", "import pytest as p\n"),
        ("factory-boy", "import factory\n"),
        ("ipython", "from IPython.display import display\n"),
        ("pytest-mock", "import pytest_mock\n"),
        ("boto3-stubs", "if TYPE_CHECKING:\n    from mypy_boto3_s3 import S3Client\n"),
        ("sqlfluff", "BashOperator(task_id='lint', bash_command='cd sql && sqlfluff lint .')\n"),
        ("pytest", "subprocess.run([sys.executable, '-m', 'pytest', 'checks'])\n"),
        ("pytest", "os.system('pytest checks')\n"),
    ],
)
def test_a_tool_that_deployed_code_uses_is_left_alone(tmp_path: Path, package: str, code: str) -> None:
    assert lines(tmp_path, "MW125", f"{package}\n", {"dags/etl.py": DAG + code}) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("dags/tests/test_etl.py", "import pytest\n"),
        ("dags/test_etl.py", "import pytest\n"),
        ("dags/etl_test.py", "import pytest\n"),
        ("dags/conftest.py", "import pytest\n"),
        ("scripts/run.py", "import pytest\n"),
        ("dags/more.py", "# import pytest\n"),
        ("dags/more.py", "import pytestarch\n"),
        ("dags/notes.md", "import pytest\n"),
        ("pytest.py", "import pytest\n"),
    ],
)
def test_tests_and_code_that_is_not_deployed_do_not_count(tmp_path: Path, path: str, code: str) -> None:
    assert lines(tmp_path, "MW125", "pytest\n", {"dags/etl.py": DAG, path: code}) == [1]


def test_where_the_dags_folder_is_not_known_all_code_counts(tmp_path: Path) -> None:
    assert lines(tmp_path / "used", "MW125", "pytest\n", {"etl/checks.py": "import pytest\n"}) == []
    assert lines(tmp_path / "unused", "MW125", "pytest\n", {"tests/checks.py": "import pytest\n"}) == [1]


def test_stubs_are_not_used_by_an_import_of_their_package(tmp_path: Path) -> None:
    assert lines(tmp_path, "MW125", "pandas-stubs\n", {"dags/etl.py": DAG + "import pandas\n"}) == [1]


def test_the_line_is_deleted_and_hashes_are_left_to_the_author(tmp_path: Path) -> None:
    text = f"# tools\npytest==8.3.3  # run them\r\nblack \\\n  ==24.10.0\nmypy==1.11 {HASH}\nduckdb==1.1.3"
    after = f"# tools\nmypy==1.11 {HASH}\nduckdb==1.1.3"
    assert fixed(tmp_path, "MW125", text, {"dags/etl.py": DAG}) == after.encode()


def test_code_that_cannot_be_read_uses_nothing(tmp_path: Path) -> None:
    binary: dict[str, str | bytes] = {
        "dags/etl.py": DAG,
        "dags/data.py": b"\x00\xff" * 10,
        "dags/big.py": b"#" * (3 * 1024 * 1024),
    }
    assert lines(tmp_path, "MW125", "pytest\n", binary) == [1]


# --- all of them ----------------------------------------------------------------------------------------------------

CODES = ("MW109", "MW118", "MW123", "MW125")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n\n",
        b"\xff\xfe",
        b"\x00\x00",
        "requests==1\nrequests==2\n".encode("utf-32-be"),
        b"pytest==1\x0cpytest==2\x85boto3\n",
        b"boto3===not.a.version\nboto3==\nboto3===1.0-\xe9\n",
        b"pytest" + b"[" * 5_000,
        b"boto3" + b">=1," * 3_000 + b"<2\n",
        b"pytest; " + b"(" * 3_000 + b"python_version > '3'",
        b"-r requirements.txt\npytest\n",
        b"pytest " + b"--hash=sha256:0 " * 2_000,
        b"# via\n" * 2_000 + b"pytest\n",
    ],
)
def test_hostile_files_make_no_rule_crash(tmp_path: Path, code: str, text: bytes) -> None:
    """``findings`` asserts that no check crashed."""
    start = process_time()
    findings(tmp_path, code, text, {"dags/etl.py": DAG})
    assert process_time() - start < 10


LINE = st.sampled_from(
    [
        "pandas>=2",
        "pandas==2.1.4",
        "Pandas",
        "duckdb[x] >=1  # é",
        "pytest==8.3.3",
        "PyTest == 8.3.3  # zwölf",
        "black \\\n  ==24.10.0",
        f"moto==5.0.11 {HASH}",
        f"pandas==2.1.4 \\\n    {HASH}",
        "# --constraint ✗",
        "boto3>=1.28",
        "boto3==1.18.65; python_version > '3'",
        "",
        "   # pytest",
        "--pre",
        "soda-core",
    ]
)
ENCODINGS = {"utf-8": b"", "utf-8-sig": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-32-be": codecs.BOM_UTF32_BE}


def kept(before: bytes, after: bytes) -> bool:
    """Whether ``after`` is ``before`` without some of its requirements' lines: every other byte, in order."""
    old, new = (SourceFile("r", Path("r"), data) for data in (before, after))
    old_rest, new_rest = (_rest(file) for file in (old, new))
    return (old.mark, old_rest) == (new.mark, new_rest)


def _rest(file: SourceFile) -> bytes:
    """The bytes of the lines on which no requirement stands."""
    spans = [requirement.span for requirement in read_requirements(file).requirements]
    starts = [file.byte_offset(start) for start in file.line_starts]
    ends = [*starts[1:], len(file.data)]
    outside = [
        file.data[start:end]
        for start, end in zip(starts, ends, strict=True)
        if not any(span.start < end and start < span.end for span in spans)
    ]
    return b"".join(outside)


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(LINE, max_size=8),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    ended=st.booleans(),
    code=st.sampled_from(["MW118", "MW125"]),
)
def test_deleting_is_final_and_spares_every_other_byte(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], newline: str, encoding: str, ended: bool, code: str
) -> None:
    text = newline.join(line.replace("\n", newline) for line in texts) + (newline if ended else "")
    data = ENCODINGS[encoding] + text.encode(encoding)
    after = fixed(tmp_path_factory.mktemp("p"), code, data, {"dags/etl.py": DAG})
    assert kept(data, after)
    before_lines = [requirement.text for requirement in _requirements(data)]
    after_lines = [requirement.text for requirement in _requirements(after)]
    remaining = iter(before_lines)
    assert all(line in remaining for line in after_lines), "lines stay as they are, and in order"


def _requirements(data: bytes) -> tuple[Requirement, ...]:
    return read_requirements(SourceFile("r", Path("r"), data)).requirements


PINNED = {
    "pandas>=2": "pandas==2.1.4",
    "Pandas  # zwölf": "Pandas==2.1.4  # zwölf",
    "duckdb[x] >=1; python_version > '3'": "duckdb[x] ==1.1.3; python_version > '3'",
    "snowflake-connector-python \\\n  ~=3.12": "snowflake-connector-python \\\n  ==3.12.3",
    "pandas>=3": "pandas>=3",
    "soda-core": "soda-core",
    "boto3>=1.28": "boto3>=1.28",
    "duckdb @ https://example.com/duckdb.whl": "duckdb @ https://example.com/duckdb.whl",
    "--pre": "--pre",
    "# pandas": "# pandas",
    "": "",
}


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(st.sampled_from(sorted(PINNED)), max_size=6),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(sorted(ENCODINGS)),
)
def test_pinning_is_final_and_touches_the_version_only(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], newline: str, encoding: str
) -> None:
    def encoded(lines: list[str]) -> bytes:
        text = "".join(f"{line}\n" for line in [OFF.strip(), *lines]).replace("\n", newline)
        return ENCODINGS[encoding] + text.encode(encoding)

    after = fixed(tmp_path_factory.mktemp("p"), "MW109", encoded(texts), unsafe=True)
    assert after == encoded([PINNED[line] for line in texts])
