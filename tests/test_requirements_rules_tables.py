"""The rules that know by table what packages require (dbt in MW102, providers in MW108), and the tables themselves,
beyond the examples of the pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mwaalint.catalog import load, version_key
from mwaalint.findings import Confidence, Safety
from tests.deployments import TODAY
from tests.requirement_rules import OFF, UPSTREAM, URL, environment, findings, fixed, found, lines

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = load()
DAG = "from airflow import DAG\n\ndag = DAG('etl')\n"


def constraint(airflow: str, python: str) -> str:
    return f'--constraint "{URL.format(airflow, python)}"\n'


# --- MW102 dbt-vs-constraints ---------------------------------------------------------------------------------------

FITS = {"2.7.2": "1.7.8", "2.9.2": "1.8.8", "2.10.1": "1.8.8"}
FITS_NONE = ["2.8.1", "2.10.3", "2.11.0", "2.11.2", "3.0.6", "3.3.1"]
TAIL = "pip gives up and installs nothing from this file"


def dbt(root: Path, airflow: str, text: str) -> list[str]:
    """What MW102 says where MWAA adds its own constraints."""
    return found(root, "MW102", text, {"main.tf": environment(f'"{airflow}"')})


@pytest.mark.parametrize("airflow", FITS_NONE)
def test_dbt_without_a_version_is_reported_where_no_version_fits(tmp_path: Path, airflow: str) -> None:
    (message,) = dbt(tmp_path, airflow, "dbt-core\n")
    assert message.startswith("requirements.txt:1 error no version of dbt-core fits MWAA's own constraints: the newest")
    assert message.endswith("pip installs nothing from this file")


@pytest.mark.parametrize(("airflow", "newest"), FITS.items())
def test_dbt_without_a_version_is_left_alone_where_an_older_one_fits(tmp_path: Path, airflow: str, newest: str) -> None:
    assert dbt(tmp_path, airflow, "dbt-core\n") == []
    assert dbt(tmp_path, airflow, f"dbt-core=={newest}\n") == []


@pytest.mark.parametrize(("airflow", "newest"), FITS.items())
def test_the_version_after_the_last_that_fits_is_reported(tmp_path: Path, airflow: str, newest: str) -> None:
    known = [Version(v) for row in CATALOG.table("dbt-requirements")["rows"]["dbt-core"] for v in row["versions"]]
    after = min(version for version in known if version > Version(newest))
    (message,) = dbt(tmp_path, airflow, f"dbt-core=={after}\n")
    assert message.startswith(f"requirements.txt:1 error dbt-core {after} needs ")


def test_a_range_is_reported_when_all_of_it_collides(tmp_path: Path) -> None:
    assert dbt(tmp_path / "above", "2.10.1", "dbt-core>=1.9\n") == [
        (
            "requirements.txt:1 error no version of dbt-core fits MWAA's own constraints: the newest needs "
            "click>=8.3.0,<9.0, but they pin click 8.1.7, so pip installs nothing from this file"
        )
    ]
    assert dbt(tmp_path / "around", "2.10.1", "dbt-core>=1.8,<2\n") == []


def test_what_dbt_asks_for_by_way_of_its_own_packages_is_spelled_out(tmp_path: Path) -> None:
    assert dbt(tmp_path, "2.10.3", "dbt-core==1.8.8\n") == [
        "requirements.txt:1 error dbt-core 1.8.8 needs dbt-common>=1.0.4,<1.11.0, which needs isodate>=0.6,<0.7, but "
        "MWAA's own constraints pin isodate 0.7.2: " + TAIL
    ]


@pytest.mark.parametrize(
    ("line", "package", "wanted"),
    [
        ("dbt-snowflake==1.7.2", "dbt-snowflake 1.7.2", "dbt-core~=1.7.0, which needs isodate>=0.6,<0.7"),
        ("dbt-snowflake==1.9.2", "dbt-snowflake 1.9.2", "dbt-core>=1.8, which needs click>=8.3.0,<9.0"),
        ("DBT_Athena==1.9.0", "dbt-athena 1.9.0", "dbt-core>=1.8, which needs click>=8.3.0,<9.0"),
        ("dbt-common==1.37.2", "dbt-common 1.37.2", "protobuf>=6.0,<7.0"),
        ("dbt-adapters==1.24.5", "dbt-adapters 1.24.5", "protobuf>=6.0,<7.0"),
        (
            "astronomer-cosmos[dbt-snowflake]==1.8.0",
            "astronomer-cosmos 1.8.0",
            "dbt-core, which needs click>=8.3.0,<9.0",
        ),
    ],
)
def test_adapters_and_parts_of_dbt_are_told_apart(tmp_path: Path, line: str, package: str, wanted: str) -> None:
    (message,) = dbt(tmp_path, "2.10.3", f"{line}\n")
    assert message.startswith(f"requirements.txt:1 error {package} needs {wanted}, but MWAA's own constraints pin ")


@pytest.mark.parametrize(
    "line",
    [
        "dbt-core==1.99.0",
        "dbt-core==0.21.1",
        "dbt-core @ https://example.com/dbt_core-1.9.1-py3-none-any.whl",
        "dbt-made-up==1.0",
        "astronomer-cosmos==1.8.0",
        "astronomer-cosmos[kubernetes]==1.8.0",
        'dbt-core==1.9.1; python_version < "3.11"',
        "dbt-core==not.a.version",
    ],
)
def test_what_is_not_known_or_does_not_apply_is_left_alone(tmp_path: Path, line: str) -> None:
    assert dbt(tmp_path, "2.10.3", f"{line}\n") == []


def test_one_finding_a_file_stands_at_dbt_core_and_points_to_the_rest(tmp_path: Path) -> None:
    text = "dbt-snowflake==1.9.2\nduckdb==1.1.3\ndbt-core==1.9.1\ndbt-common==1.14.0\n"
    (finding,) = findings(tmp_path, "MW102", UPSTREAM + text)
    assert finding.subject == "dbt-core"
    assert finding.confidence is Confidence.HIGH
    assert [(place.symbol, place.note) for place in finding.related] == [
        ("dbt-snowflake", "cannot be installed either"),
        ("dbt-common", "cannot be installed either"),
    ]


def test_without_constraints_there_is_nothing_to_collide_with(tmp_path: Path) -> None:
    assert found(tmp_path / "off", "MW102", f"{OFF}dbt-core==1.9.1\n") == []
    old = {"main.tf": environment('"2.4.3"')}
    assert found(tmp_path / "not forced", "MW102", "dbt-core==1.9.1\n", old) == []


def test_a_constraints_file_of_ones_own_decides(tmp_path: Path) -> None:
    text = '--constraint "/usr/local/airflow/dags/constraints.txt"\ndbt-core==1.9.1\n'
    relaxed = {"dags/etl.py": DAG, "dags/constraints.txt": "protobuf==6.33.0\n"}
    assert found(tmp_path / "relaxed", "MW102", text.replace("1.9.1", "1.11.2"), relaxed) == []
    strict = {"dags/etl.py": DAG, "dags/constraints.txt": "protobuf==4.25.5\n"}
    assert found(tmp_path / "strict", "MW102", text, strict) == [
        "requirements.txt:2 error dbt-core 1.9.1 needs protobuf>=5.0,<6.0, but the constraints pin protobuf 4.25.5: "
        + TAIL
    ]


def test_a_dbt_that_the_constraints_pin_is_left_to_the_rule_on_pins(tmp_path: Path) -> None:
    text = '--constraint "/usr/local/airflow/dags/constraints.txt"\ndbt-core==1.9.1\n'
    pinned = {"dags/etl.py": DAG, "dags/constraints.txt": "protobuf==4.25.5\ndbt-core==1.8.8\n"}
    assert found(tmp_path, "MW102", text, pinned) == []


def test_constraints_for_another_python_are_less_sure(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, "MW102", constraint("2.10.3", "3.10") + "dbt-core==1.9.1\n")
    assert finding.confidence is Confidence.MEDIUM


def test_every_group_of_the_dbt_table_is_readable_and_no_version_is_in_two() -> None:
    table = CATALOG.table("dbt-requirements")
    for name, rows in table["rows"].items():
        versions = [version for row in rows for version in row["versions"]]
        assert len(versions) == len(set(versions)), name
        assert versions == sorted(versions, key=Version), name


# --- MW108 provider-needs-newer-airflow -----------------------------------------------------------------------------


def test_every_provider_that_a_constraints_file_pins_fits_its_airflow() -> None:
    """What Airflow's release managers tested together is the yardstick for the table."""
    rows = CATALOG.table("provider-minimums")["rows"]
    wrong, compared = [], 0
    for airflow in CATALOG.releases:
        pins = CATALOG.pins(airflow)
        for name, version in (pins.constraints if pins else {}).items():
            needed = [minimum for first, minimum in rows.get(name, ()) if Version(version) >= Version(first)]
            compared += 1 if name in rows else 0
            if needed and version_key(needed[-1]) > version_key(airflow):
                wrong.append((airflow, name, version, needed[-1]))
    assert wrong == []
    assert compared > 1000


def test_the_minimums_of_a_provider_only_rise() -> None:
    for name, row in CATALOG.table("provider-minimums")["rows"].items():
        assert row == sorted(row, key=lambda item: Version(item[0])), name
        assert [item[1] for item in row] == sorted({item[1] for item in row}, key=Version), name


@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ("apache-airflow-providers-amazon==9.17.0", False),
        ("apache-airflow-providers-amazon==9.18.0", True),
        ("apache-airflow-providers-amazon===9.18.0", True),
        ("apache-airflow-providers-amazon==99.0", True),
        ("Apache_Airflow.Providers-Amazon==9.18.0", True),
        ("apache-airflow-providers-amazon[s3fs]==9.18.0", True),
        ("apache-airflow-providers-amazon>=9.18", True),
        ("apache-airflow-providers-amazon~=9.18", True),
        ("apache-airflow-providers-amazon>=8", False),
        ("apache-airflow-providers-amazon<10", False),
        ("apache-airflow-providers-amazon", False),
        ("apache-airflow-providers-amazon==9.*", False),
        ('apache-airflow-providers-amazon==9.18.0; python_version < "3.10"', False),
        ("apache-airflow-providers-amazon @ https://example.com/x.whl", False),
        ("apache-airflow-providers-made-up==9.18.0", False),
        ("apache-airflow-backport-providers-amazon==9.18.0", False),
    ],
)
def test_the_lowest_version_that_a_line_allows_counts(tmp_path: Path, line: str, *, reported: bool) -> None:
    assert lines(tmp_path, "MW108", f"{OFF}{line}\n") == ([2] if reported else [])


def test_a_provider_that_a_constraint_pins_is_left_to_the_rule_on_pins(tmp_path: Path) -> None:
    line = "apache-airflow-providers-amazon==9.18.0\n"
    assert lines(tmp_path / "upstream", "MW108", UPSTREAM + line) == []
    assert lines(tmp_path / "forced", "MW108", line) == []


def test_an_old_environment_is_told_that_airflow_itself_is_replaced(tmp_path: Path) -> None:
    old = {"main.tf": environment('"2.2.2"')}
    line = "apache-airflow-providers-amazon==8.1.0\n"
    assert found(tmp_path / "open", "MW108", line, old) == [
        (
            "requirements.txt:1 error apache-airflow-providers-amazon 8.1.0 needs Airflow 2.4.0 or newer, so pip "
            "tries to replace the environment's 2.2.2 with it in every container that starts"
        )
    ]
    assert found(tmp_path / "held", "MW108", f"apache-airflow==2.2.2\n{line}", old) == [
        (
            "requirements.txt:2 error apache-airflow-providers-amazon 8.1.0 needs Airflow 2.4.0 or newer, but pip "
            "must keep this environment's 2.2.2, so it gives up and installs nothing from this file"
        )
    ]


def test_a_provider_for_airflow_3_in_airflow_2(tmp_path: Path) -> None:
    assert lines(tmp_path / "2", "MW108", f"{OFF}apache-airflow-providers-fab==2.0.0\n") == [2]
    three = {"main.tf": environment('"3.0.6"')}
    assert lines(tmp_path / "3", "MW108", f"{OFF}apache-airflow-providers-fab==2.0.0\n", three) == []


def test_the_fix_takes_the_version_of_the_constraints_and_keeps_the_rest(tmp_path: Path) -> None:
    line = b"Apache-Airflow-Providers-Snowflake [common] == 6.7.0 # for the new operator\r\n"
    after = b"Apache-Airflow-Providers-Snowflake [common] == 5.8.0 # for the new operator\r\n"
    off = OFF.encode()
    assert fixed(tmp_path / "pin", "MW108", off + line) == off + after
    ranged = b"apache-airflow-providers-snowflake>=6.7\n"
    assert fixed(tmp_path / "range", "MW108", off + ranged) == off + b"apache-airflow-providers-snowflake==5.8.0\n"


def test_a_provider_that_the_constraints_do_not_know_gets_no_fix(tmp_path: Path) -> None:
    (unknown,) = findings(tmp_path / "a", "MW108", f"{UPSTREAM}apache-airflow-providers-standard==1.10.0\n")
    assert unknown.fixes == ()
    (known,) = findings(tmp_path / "b", "MW108", f"{OFF}apache-airflow-providers-snowflake==6.7.0\n")
    assert [fix.safety for fix in known.fixes] == [Safety.SAFE]
    assert [place.note for place in known.related] == ["Airflow 2.10.3"]


def test_the_tables_name_packages_as_pip_compares_them_and_give_their_sources() -> None:
    for name in ("native-libraries", "heavy-packages", "dbt-requirements", "provider-minimums", "wheel-platforms"):
        table = CATALOG.table(name)
        assert all(source.startswith("https://") for source in table["source"]), name
        assert TODAY.isoformat() >= table["date"] > "2025", name
        if name != "wheel-platforms":
            assert all(row == row.lower().replace("_", "-") for row in table["rows"]), name
    natives = CATALOG.table("native-libraries")["rows"].values()
    assert {row["kind"] for row in natives} <= {"loads", "uses", "builds"}
    assert all(SpecifierSet(row["except"]) for row in natives if "except" in row)
