"""Which packages imports come from and what comes along with what, on small tables and on the shipped ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.catalog import load
from mwaalint.model.packages import PROVIDER, Origin, Packages

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = Packages(load())


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    names = {
        "plain": "pandas flask-login",
        "rows": {
            "yaml": "pyyaml",
            "airflow": "apache-airflow",
            "airflow.providers.http": "apache-airflow-providers-http",
            "google.cloud.storage": "google-cloud-storage",
            "psycopg2": "psycopg2 psycopg2-binary",
        },
    }
    needs = {
        "rows": {
            "pandas": "numpy",
            "numpy": "",
            "apache-airflow-providers-http": "requests",
            "loop-a": "loop-b",
            "loop-b": "loop-a",
            "half": "never-heard-of",
        },
        "extras": {"pandas[aws]": "s3fs", "half[more]": "pandas[aws]"},
    }
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "import-names.json").write_text(json.dumps(names))
    (tmp_path / "tables" / "import-dependencies.json").write_text(json.dumps(needs))
    return Packages(load(tmp_path))


@pytest.mark.parametrize(
    ("dotted", "origin"),
    [
        ("yaml", Origin("yaml", ("pyyaml",))),
        ("yaml.loader.SafeLoader", Origin("yaml", ("pyyaml",))),
        ("pandas.io.json", Origin("pandas", ("pandas",))),
        ("flask_login.LoginManager", Origin("flask_login", ("flask-login",))),
        ("google.cloud.storage.blob", Origin("google.cloud.storage", ("google-cloud-storage",))),
        ("psycopg2", Origin("psycopg2", ("psycopg2", "psycopg2-binary"))),
        ("airflow.providers.http.hooks.http", Origin("airflow.providers.http", ("apache-airflow-providers-http",))),
        ("airflow.models.DAG", Origin("airflow", ("apache-airflow",))),
        ("google.cloud", None),
        ("utils.dates", None),
        ("pandas_extras", None),
        ("", None),
    ],
)
def test_where_an_import_comes_from(packages: Packages, dotted: str, origin: Origin | None) -> None:
    assert packages.origin(dotted) == origin


def test_a_package_brings_what_it_needs_and_what_that_needs(packages: Packages) -> None:
    supply = packages.supply(["pandas", "apache-airflow-providers-http"])
    assert supply.packages == {"pandas", "numpy", "apache-airflow-providers-http", "requests"}
    assert supply.unknown == {"requests"}


def test_packages_that_need_each_other_come_to_an_end(packages: Packages) -> None:
    assert packages.supply(["loop-a"]).packages == {"loop-a", "loop-b"}


def test_an_extra_brings_its_own_and_the_package(packages: Packages) -> None:
    supply = packages.supply(["half[more]"])
    assert {"half", "pandas", "pandas[aws]", "s3fs", "numpy"} <= supply.packages


def test_what_is_there_already_brings_nothing_more_unless_it_is_named(packages: Packages) -> None:
    present = {"pandas", "requests"}
    assert packages.supply(["apache-airflow-providers-http", "half[more]"], present).unknown == {
        "never-heard-of",
        "s3fs",
    }
    assert "numpy" in packages.supply(["pandas"], present).packages


def test_an_extra_nobody_knows_makes_its_package_unknown(packages: Packages) -> None:
    supply = packages.supply(["pandas[feathers]"])
    assert supply.unknown == {"pandas"}


def test_an_extra_of_a_provider_is_a_package_or_another_provider(packages: Packages) -> None:
    supply = packages.supply(["apache-airflow-providers-http[cncf-kubernetes]"])
    assert supply.open
    assert not packages.supply(["apache-airflow-providers-http[pandas]"]).open
    assert "numpy" in packages.supply(["apache-airflow-providers-http[pandas]"]).packages
    assert supply.may_hold(Origin("airflow.providers.cncf", (f"{PROVIDER}cncf-kubernetes",)))


def test_what_is_installed_is_there_under_any_of_its_packages(packages: Packages) -> None:
    supply = packages.supply(["psycopg2-binary"])
    assert supply.may_hold(Origin("psycopg2", ("psycopg2", "psycopg2-binary")))


def test_what_nothing_brings_is_missing(packages: Packages) -> None:
    supply = packages.supply(["pandas"])
    assert not supply.may_hold(Origin("yaml", ("pyyaml",)))
    assert not supply.may_hold(Origin("airflow.providers.http", ("apache-airflow-providers-http",)))


@pytest.mark.parametrize(
    ("installed", "wanted", "may"),
    [
        ("acme-etl", "pyyaml", True),
        ("half", "numpy", True),  # others need it, so what "half" needs may need it too
        ("half", "pyyaml", False),  # nobody is known to need it
        ("acme-etl", "apache-airflow-providers-http", False),
        ("acme-airflow-tools", "apache-airflow-providers-http", True),
        ("pandas", "requests", False),  # all that pandas needs is known
    ],
)
def test_a_package_of_unknown_needs_may_bring_much(packages: Packages, installed: str, wanted: str, may: bool) -> None:
    assert packages.supply([installed]).may_hold(Origin(wanted, (wanted,))) is may


@given(st.text(max_size=60))
def test_any_text_has_an_origin_or_none(text: str) -> None:
    origin = SHIPPED.origin(text)
    assert origin is None or (text.startswith(origin.module) and origin.packages)


@given(st.lists(st.text(max_size=20), max_size=5))
def test_whatever_is_installed_is_supplied(names: list[str]) -> None:
    assert set(names) <= SHIPPED.supply(names).packages


class TestShippedTables:
    """What the rules rely on."""

    @pytest.mark.parametrize(
        ("dotted", "package"),
        [
            ("airflow.providers.apache.spark.operators.spark_submit", f"{PROVIDER}apache-spark"),
            ("airflow.providers.cncf.kubernetes.operators.pod", f"{PROVIDER}cncf-kubernetes"),
            ("airflow.providers.microsoft.azure.hooks.wasb", f"{PROVIDER}microsoft-azure"),
            ("airflow.providers.standard.operators.bash", f"{PROVIDER}standard"),
            ("cosmos.airflow.dag.DbtDag", "astronomer-cosmos"),
            ("dbt.cli.main.dbtRunner", "dbt-core"),
            ("dateutil.parser", "python-dateutil"),
            ("PIL.Image", "pillow"),
            ("cx_Oracle", "cx-oracle"),
            ("confluent_kafka.Producer", "confluent-kafka"),
            ("azure.storage.blob.BlobServiceClient", "azure-storage-blob"),
            ("awswrangler", "awswrangler"),
        ],
    )
    def test_imports_of_data_engineers(self, dotted: str, package: str) -> None:
        origin = SHIPPED.origin(dotted)
        assert origin is not None
        assert package in origin.packages

    @pytest.mark.parametrize("dotted", ["utils", "config.settings", "plugins.hooks", "include.etl", "airflow_utils"])
    def test_names_of_ones_own_modules_are_no_packages(self, dotted: str) -> None:
        assert SHIPPED.origin(dotted) is None

    @pytest.mark.parametrize(
        ("requirement", "brought"),
        [
            ("apache-airflow-providers-snowflake", "snowflake-connector-python"),
            ("apache-airflow-providers-google", "google-cloud-bigquery"),
            ("apache-airflow-providers-docker", "docker"),
            ("apache-airflow[apache-spark]", f"{PROVIDER}apache-spark"),
            ("dbt-redshift", "dbt-core"),
            ("astronomer-cosmos", "jinja2"),
            ("awswrangler", "pandas"),
        ],
    )
    def test_what_requirements_bring_along(self, requirement: str, brought: str) -> None:
        assert brought in SHIPPED.supply([requirement]).packages

    def test_every_provider_of_the_constraints_is_known(self) -> None:
        catalog = load()
        rows = catalog.table("import-names")["rows"]
        every = [pins for airflow in catalog.releases if (pins := catalog.pins(airflow))]
        constrained = {name for pins in every for name in pins.constraints if name.startswith(PROVIDER)}
        assert len(constrained) > 80
        assert constrained <= {name for names in rows.values() for name in names.split()}

    def test_names_are_normalised(self) -> None:
        from packaging.utils import canonicalize_name

        table = load().table("import-names")
        names = {*table["plain"].split(), *(name for names in table["rows"].values() for name in names.split())}
        needs = {key.partition("[")[0] for key in load().table("import-dependencies")["rows"]}
        assert {name for name in names | needs if canonicalize_name(name) != name} == set()
