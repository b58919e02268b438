"""The catalogue that comes with the package: exact facts, what is not known, and that no more is read than asked."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import mwaalint.catalog
from mwaalint.catalog import Catalog, Option, Price, Release, load, version_key

DATA = Path(mwaalint.catalog.__file__).parent / "data"
VERSIONS = [
    *("1.10.12", "2.0.2", "2.2.2", "2.4.3", "2.5.1", "2.6.3", "2.7.2", "2.8.1"),
    *("2.9.2", "2.10.1", "2.10.3", "2.11.0", "2.11.2", "3.0.6", "3.2.1", "3.3.1"),
]
WITH_IMAGE = ["2.9.2", "2.10.1", "2.10.3", "2.11.0", "2.11.2", "3.0.6", "3.2.1", "3.3.1"]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


def opened(script: str) -> list[str]:
    """The data files a script opens, in order, below the data folder."""
    prologue = f"""
import sys
DATA, FOUND = {str(DATA)!r}, []
def hook(event, arguments):
    if event == "open" and str(arguments[0]).startswith(DATA):
        FOUND.append(str(arguments[0])[len(DATA) + 1:])
sys.addaudithook(hook)
"""
    epilogue = "\nimport json\nprint(json.dumps(FOUND))"
    run = subprocess.run(
        [sys.executable, "-c", prologue + script + epilogue], capture_output=True, text=True, check=True
    )
    files: list[str] = json.loads(run.stdout)
    return files


# --- versions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("older", "newer"),
    [("2.9.2", "2.10.3"), ("2.10.1", "2.10.3"), ("1.10.12", "2.0.2"), ("2.11.2", "3.0.6"), ("2.5", "2.5.1")],
)
def test_versions_are_ordered_by_number_not_by_letter(older: str, newer: str) -> None:
    assert version_key(older) < version_key(newer)


@pytest.mark.parametrize(
    "text", ["", "2.", ".2", "2.10.3rc1", "latest", "2.-1", "٢.١", "²", "2 .1", "9" * 5000, "../2"]
)
def test_what_is_not_a_version_has_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="not a version of Airflow"):
        version_key(text)


def test_an_absurd_version_does_not_flood_the_error() -> None:
    with pytest.raises(ValueError, match="not a version") as caught:
        version_key("x" * 100_000)
    assert len(str(caught.value)) < 200


def test_releases_are_listed_oldest_first(catalog: Catalog) -> None:
    assert list(catalog.releases) == VERSIONS


def test_a_release_is_exact(catalog: Catalog) -> None:
    assert catalog.release("2.10.3") == Release(
        airflow="2.10.3",
        python="3.11",
        mwaa_release=date(2024, 12, 18),
        upstream_release=date(2024, 11, 4),
        end_of_support=None,
        creatable=True,
        os="AL2023",
        constraints_url="https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt",
        source="https://docs.aws.amazon.com/mwaa/latest/userguide/airflow-versions.html",
    )


def test_a_release_knows_its_major_version_and_its_place(catalog: Catalog) -> None:
    release = catalog.releases["2.10.3"]
    assert (release.major, release.key) == (2, (2, 10, 3))


def test_an_ended_release_has_its_date_and_cannot_be_created(catalog: Catalog) -> None:
    release = catalog.releases["2.6.3"]
    assert (release.end_of_support, release.creatable, release.os) == (date(2025, 12, 30), False, "AL2")


def test_every_end_of_support(catalog: Catalog) -> None:
    ended = {name: row.end_of_support for name, row in catalog.releases.items() if row.end_of_support}
    assert ended == {
        "1.10.12": date(2024, 2, 21),
        "2.0.2": date(2024, 4, 29),
        "2.2.2": date(2024, 6, 27),
        "2.4.3": date(2025, 12, 30),
        "2.5.1": date(2025, 12, 30),
        "2.6.3": date(2025, 12, 30),
    }


def test_a_release_can_be_created_exactly_when_no_end_is_announced(catalog: Catalog) -> None:
    assert [r.airflow for r in catalog.releases.values() if r.creatable is (r.end_of_support is not None)] == []


def test_the_python_of_every_version(catalog: Catalog) -> None:
    assert {name: row.python for name, row in catalog.releases.items()} == {
        **dict.fromkeys(["1.10.12", "2.0.2", "2.2.2"], "3.7"),
        **dict.fromkeys(["2.4.3", "2.5.1", "2.6.3"], "3.10"),
        **dict.fromkeys(["2.7.2", "2.8.1", "2.9.2", "2.10.1", "2.10.3"], "3.11"),
        **dict.fromkeys(["2.11.0", "2.11.2", "3.0.6", "3.2.1", "3.3.1"], "3.12"),
    }


def test_a_constraints_url_names_the_version_and_its_python(catalog: Catalog) -> None:
    base = "https://raw.githubusercontent.com/apache/airflow"
    expected = [f"{base}/constraints-{r.airflow}/constraints-{r.python}.txt" for r in catalog.releases.values()]
    assert [release.constraints_url for release in catalog.releases.values()] == expected


def test_the_latest_version_is_the_newest_that_can_be_created(catalog: Catalog) -> None:
    assert catalog.latest == "3.3.1"
    assert max((r for r in catalog.releases.values() if r.creatable), key=lambda r: r.key).airflow == catalog.latest


@pytest.mark.parametrize("airflow", ["2.10.4", "3.4.0", "", "latest", "2.10"])
def test_a_version_mwaa_does_not_offer_is_no_release(catalog: Catalog, airflow: str) -> None:
    assert catalog.release(airflow) is None


def test_the_day_the_facts_were_compiled_comes_after_every_release(catalog: Catalog) -> None:
    assert catalog.compiled > max(release.mwaa_release for release in catalog.releases.values())


# --- pins -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("airflow", "package", "pin"),
    [
        ("2.9.2", "sqlalchemy", "1.4.52"),
        ("2.10.3", "sqlalchemy", "1.4.54"),
        ("3.2.1", "sqlalchemy", "2.0.49"),
        ("3.3.1", "sqlalchemy", "2.0.51"),
        ("2.11.2", "flask", "2.3.3"),
        ("2.11.0", "celery", "5.5.2"),
        ("2.10.1", "watchtower", "3.3.1"),
        ("2.10.3", "apache-airflow", "2.10.3"),
    ],
)
def test_essential_pins(catalog: Catalog, airflow: str, package: str, pin: str) -> None:
    pins = catalog.pins(airflow)
    assert pins is not None
    assert pins.essential[package] == pin


@pytest.mark.parametrize(
    ("airflow", "package"),
    [("2.11.0", "kombu"), ("2.11.2", "kombu"), ("3.2.1", "sqlalchemy-jsonfield"), ("3.3.1", "flask-bcrypt")],
)
def test_packages_that_are_not_essential_in_a_version(catalog: Catalog, airflow: str, package: str) -> None:
    pins = catalog.pins(airflow)
    assert pins is not None
    assert pins.essential_known
    assert package not in pins.essential


@pytest.mark.parametrize("airflow", VERSIONS)
def test_what_is_known_of_a_version_depends_on_whether_its_image_is_published(catalog: Catalog, airflow: str) -> None:
    pins = catalog.pins(airflow)
    assert pins is not None
    published = airflow in WITH_IMAGE
    assert (pins.essential_known, bool(pins.essential), pins.preinstalled_complete) == (published,) * 3


@pytest.mark.parametrize("airflow", VERSIONS)
def test_pins_belong_to_their_release(catalog: Catalog, airflow: str) -> None:
    pins = catalog.pins(airflow)
    assert pins is not None
    assert (pins.airflow, pins.python) == (airflow, catalog.releases[airflow].python)
    assert (pins.python_full or pins.python).startswith(pins.python)
    assert pins.constraints
    assert pins.sources


@pytest.mark.parametrize("airflow", WITH_IMAGE)
def test_an_essential_pin_never_contradicts_the_constraints_of_its_image(catalog: Catalog, airflow: str) -> None:
    pins = catalog.pins(airflow)
    assert pins is not None
    both = pins.essential.keys() & pins.constraints.keys()
    assert {name: pins.essential[name] for name in both} == {name: pins.constraints[name] for name in both}


@pytest.mark.parametrize("airflow", VERSIONS)
def test_names_of_packages_are_normalised(catalog: Catalog, airflow: str) -> None:
    pins = catalog.pins(airflow)
    assert pins is not None
    names = [*pins.constraints, *pins.essential, *pins.preinstalled, *pins.preinstalled_derived]
    assert [name for name in names if name != name.lower().replace("_", "-").replace(".", "-")] == []


def test_what_is_installed(catalog: Catalog) -> None:
    pins = catalog.pins("2.10.3")
    assert pins is not None
    assert (pins.python_full, pins.preinstalled["aiobotocore"]) == ("3.11.9", "2.15.2")
    assert "pandas" not in pins.preinstalled
    assert pins.preinstalled_derived == {}


def test_what_is_installed_may_be_derived(catalog: Catalog) -> None:
    pins = catalog.pins("2.7.2")
    assert pins is not None
    assert pins.preinstalled_derived["apache-airflow"] == "2.7.2"
    assert not pins.preinstalled_complete


def test_an_unknown_full_python_is_none(catalog: Catalog) -> None:
    pins = catalog.pins("1.10.12")
    assert pins is not None
    assert pins.python_full is None


@pytest.mark.parametrize("airflow", ["2.10.4", "", "x", "../releases", "..", "2.10.3/../2.9.2", "\0", "9" * 5000])
def test_there_are_no_pins_for_another_text(catalog: Catalog, airflow: str) -> None:
    assert catalog.pins(airflow) is None


def test_a_damaged_pins_file_is_not_taken_for_an_unknown_version(tmp_path: Path) -> None:
    (tmp_path / "pins").mkdir()
    (tmp_path / "pins" / "2.10.3.json").write_text("{")
    with pytest.raises(json.JSONDecodeError):
        load(tmp_path).pins("2.10.3")


# --- classes and prices ---------------------------------------------------------------------------------------------


def test_classes_are_listed_smallest_first(catalog: Catalog) -> None:
    assert {c.name: c.rank for c in catalog.classes.values()} == {
        "mw1.micro": 0,
        "mw1.small": 1,
        "mw1.medium": 2,
        "mw1.large": 3,
        "mw1.xlarge": 4,
        "mw1.2xlarge": 5,
    }
    assert [c.rank for c in catalog.classes.values()] == [0, 1, 2, 3, 4, 5]


def test_what_the_classes_can_do(catalog: Catalog) -> None:
    rows = {c.name: (c.dag_capacity, c.tasks_per_worker, c.parsing_processes_max) for c in catalog.classes.values()}
    assert rows == {
        "mw1.micro": (25, 3, None),
        "mw1.small": (50, 5, 1),
        "mw1.medium": (250, 10, 3),
        "mw1.large": (1000, 20, 7),
        "mw1.xlarge": (2000, 40, 15),
        "mw1.2xlarge": (4000, 80, 31),
    }


def test_the_size_of_a_worker(catalog: Catalog) -> None:
    assert {c.name: (c.worker_vcpu, c.worker_ram_gb) for c in catalog.classes.values()} == {
        "mw1.micro": (1.0, 3.0),
        "mw1.small": (1.0, 2.0),
        "mw1.medium": (2.0, 4.0),
        "mw1.large": (4.0, 8.0),
        "mw1.xlarge": (8.0, 24.0),
        "mw1.2xlarge": (16.0, 48.0),
    }


def test_only_micro_does_not_scale(catalog: Catalog) -> None:
    assert [c.name for c in catalog.classes.values() if not c.autoscaling] == ["mw1.micro"]


@pytest.mark.parametrize("name", ["mw1.1large", "mw1.2large", "mw1.huge", "small", "MW1.SMALL", ""])
def test_a_class_of_another_name_does_not_exist(catalog: Catalog, name: str) -> None:
    assert catalog.environment_class(name) is None


def test_a_price(catalog: Catalog) -> None:
    price = catalog.price("mw1.small")
    assert isinstance(price, Price)
    assert (price.region, price.environment_class) == ("us-east-1", "mw1.small")
    assert (price.environment_per_hour, price.additional_worker_per_hour) == (0.49, 0.055)
    assert (price.additional_scheduler_per_hour, price.additional_webserver_per_hour) == (0.055, 0.028)
    assert price.date == catalog.compiled
    assert price.source


def test_a_price_of_another_region(catalog: Catalog) -> None:
    price = catalog.price("mw1.large", "ap-northeast-1")
    assert price is not None
    assert (price.region, price.environment_per_hour) == ("ap-northeast-1", 0.99)
    assert price.source == "https://dev.classmethod.jp/articles/amazon-mwaa-serverless-cost-comparison"


@pytest.mark.parametrize("name", ["mw1.micro", "mw1.xlarge", "mw1.2xlarge"])
def test_an_unknown_price_is_no_number(catalog: Catalog, name: str) -> None:
    price = catalog.price(name)
    assert price is not None
    assert price.environment_per_hour is None
    assert price.additional_worker_per_hour is None
    assert price.additional_scheduler_per_hour is None
    assert price.additional_webserver_per_hour is None


@pytest.mark.parametrize(
    ("name", "region"),
    [("mw1.small", "eu-west-1"), ("mw1.micro", "ap-northeast-1"), ("mw1.huge", "us-east-1"), ("", "")],
)
def test_what_has_no_price_in_the_catalogue(catalog: Catalog, name: str, region: str) -> None:
    assert catalog.price(name, region) is None


def test_the_hours_of_a_month(catalog: Catalog) -> None:
    assert catalog.monthly_hours == 730


# --- constraints, options, variables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("airflow", "forced"),
    [("1.10.12", False), ("2.4.3", False), ("2.5.0", False), ("2.5.1", True), ("2.7.2", True), ("2.10.3", True)],
)
def test_constraints_are_forced_from_2_5_1_on(catalog: Catalog, airflow: str, forced: bool) -> None:
    assert catalog.forces_constraints(airflow) is forced


@pytest.mark.parametrize("airflow", ["", "latest", "2.x", "2.10.3rc1"])
def test_nothing_is_said_of_what_is_not_a_version(catalog: Catalog, airflow: str) -> None:
    assert catalog.forces_constraints(airflow) is False


def test_both_starts_of_forced_constraints_are_kept(catalog: Catalog) -> None:
    assert catalog.fact("constraints.forced.documented_from") == "2.7.2"
    assert catalog.fact("constraints.forced.observed_from") == "2.5.1"


def option(catalog: Catalog, name: str, airflow: str) -> Option:
    found = catalog.option(name, airflow)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "airflow", "value"),
    [
        ("core.executor", "2.9.2", None),
        ("core.load_examples", "3.3.1", "False"),
        ("celery_broker_transport_options.visibility_timeout", "2.11.2", "43200"),
        ("celery_broker_transport_options.visibility_timeout", "3.0.6", "43200"),
        ("webserver.cookie_secure", "2.10.3", "true"),
        ("core.multi_team", "3.2.1", "False"),
        ("api_auth.jwt_algorithm", "3.0.6", "HS256"),
        ("metrics.statsd_host", "2.9.2", None),
    ],
)
def test_forced_options(catalog: Catalog, name: str, airflow: str, value: str | None) -> None:
    found = option(catalog, name, airflow)
    assert (found.forced, found.merged, found.value) == (True, False, value)
    assert found.source


@pytest.mark.parametrize(
    ("name", "airflow"),
    [
        ("webserver.cookie_secure", "3.0.6"),
        ("core.multi_team", "3.0.6"),
        ("celery_broker_transport_options.visibility_timeout", "3.2.1"),
        ("core.executor", "2.8.1"),
        ("metrics.statsd_host", "2.8.1"),
        ("core.nothing", "2.10.3"),
        ("metrics", "2.10.3"),
        ("metrics.", "2.10.3"),
        ("", ""),
        ("core.executor", "latest"),
    ],
)
def test_options_of_which_nothing_is_recorded(catalog: Catalog, name: str, airflow: str) -> None:
    assert catalog.option(name, airflow) is None


@pytest.mark.parametrize("name", ["statsd_on", "metrics_block_list", "metrics_allow_list"])
def test_metrics_options_that_are_handed_on_are_not_lost(catalog: Catalog, name: str) -> None:
    found = option(catalog, f"metrics.{name}", "2.10.3")
    assert (found.forced, found.merged) == (False, True)


@pytest.mark.parametrize("airflow", ["3.2.1", "3.3.1"])
def test_extra_celery_configuration_is_merged(catalog: Catalog, airflow: str) -> None:
    found = option(catalog, "celery.extra_celery_config", airflow)
    assert (found.merged, found.forced, found.note) == (True, False, "merged; MWAA broker keys win")


@pytest.mark.parametrize("airflow", VERSIONS)
def test_worker_concurrency_is_ignored_everywhere(catalog: Catalog, airflow: str) -> None:
    found = option(catalog, "celery.worker_concurrency", airflow)
    assert found.ignored
    assert found.source == "https://docs.aws.amazon.com/mwaa/latest/userguide/best-practices-tuning.html"


@pytest.mark.parametrize(
    ("name", "airflow", "wanted"),
    [
        ("scheduler.parsing_processes", "2.11.2", None),
        ("scheduler.parsing_processes", "3.0.6", ("dag_processor.parsing_processes", False, "3.0.0")),
        ("core.dag_concurrency", "2.0.2", None),
        ("core.dag_concurrency", "2.11.2", ("core.max_active_tasks_per_dag", True, "2.2.0")),
        ("core.dag_concurrency", "3.3.1", ("core.max_active_tasks_per_dag", False, "3.0.0")),
        ("webserver.default_ui_timezone", "3.3.1", ("", False, "3.0.0")),
        ("core.nothing", "3.3.1", None),
        ("core.dag_concurrency", "latest", None),
    ],
)
def test_names_that_changed(catalog: Catalog, name: str, airflow: str, wanted: tuple[str, bool, str] | None) -> None:
    assert catalog.option_change(name, airflow) == wanted


def test_what_is_known_of_an_option_of_airflow(catalog: Catalog) -> None:
    assert catalog.airflow_option("core.nothing") is None
    assert catalog.airflow_option("core.parallelism") == ("core.parallelism", "", "", "integer", "32", False)
    found = catalog.airflow_option("celery.broker_url")
    assert found is not None
    assert (found.provider, found.sensitive) == ("celery", True)


@pytest.mark.parametrize(
    ("name", "airflow", "known"),
    [
        ("core.parallelism", "2.0.2", True),
        ("core.parallelism", "3.3.1", True),
        ("core.dag_concurrency", "2.0.2", True),
        ("core.dag_concurrency", "2.2.2", False),
        ("dag_processor.refresh_interval", "2.11.2", False),
        ("dag_processor.refresh_interval", "3.0.6", True),
        ("core.nothing", "3.3.1", False),
    ],
)
def test_names_that_a_version_reads(catalog: Catalog, name: str, airflow: str, known: bool) -> None:
    assert (name in catalog.airflow_option_names(airflow)) is known


def test_no_version_reads_options(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="not a version"):
        catalog.airflow_option_names("latest")


@pytest.mark.parametrize(
    ("name", "airflow", "default"),
    [
        ("scheduler.task_queued_timeout", "2.9.2", "1800.0"),
        ("usage_data_collection.enabled", "2.10.1", "False"),
        ("workers.secrets_backend_kwargs", "3.0.6", '{"connections_lookup_pattern": "^(?!aws_default$).*$"}'),
        ("api.server_type", "3.2.1", "gunicorn"),
    ],
)
def test_defaults_that_mwaa_changes(catalog: Catalog, name: str, airflow: str, default: str) -> None:
    found = option(catalog, name, airflow)
    assert (found.default, found.forced) == (default, False)


def test_a_default_changed_later_is_upstreams_before(catalog: Catalog) -> None:
    assert catalog.option("usage_data_collection.enabled", "2.9.2") is None
    assert catalog.option("api.server_type", "3.0.6") is None


@pytest.mark.parametrize(
    ("variable", "airflow", "enforced"),
    [
        ("AIRFLOW_HOME", "2.9.2", True),
        ("MWAA__CORE__ANYTHING", "2.10.3", True),
        ("MWAA_AIRFLOW_COMPONENT", "3.3.1", True),
        ("USE_NON_CRITICAL_LOGGING", "2.10.1", False),
        ("USE_NON_CRITICAL_LOGGING", "2.10.3", True),
        ("AIRFLOW__API__BASE_URL", "2.11.2", False),
        ("AIRFLOW__API__BASE_URL", "3.0.6", True),
        ("AIRFLOW_CONN_AWS_DEFAULT", "2.10.3", False),
        ("PATH", "2.10.3", False),
        ("MY_VARIABLE", "2.10.3", False),
        ("AIRFLOW_HOME", "2.8.1", False),
    ],
)
def test_variables_the_image_protects(catalog: Catalog, variable: str, airflow: str, enforced: bool) -> None:
    assert catalog.protected_variables(airflow).enforced(variable) is enforced


def test_before_the_published_images_only_the_documentation_is_known(catalog: Catalog) -> None:
    protected = catalog.protected_variables("2.8.1")
    assert (protected.code_known, protected.code, protected.prefixes) == (False, frozenset(), ())
    assert "AIRFLOW_HOME" in protected.docs


@pytest.mark.parametrize(("airflow", "documented"), [("2.8.1", False), ("2.9.2", True), ("2.10.3", True)])
def test_the_python_path_is_documented_as_reserved_from_2_9_on(
    catalog: Catalog, airflow: str, documented: bool
) -> None:
    assert ("PYTHONPATH" in catalog.protected_variables(airflow).docs) is documented


def test_the_two_lists_name_where_they_are_from(catalog: Catalog) -> None:
    protected = catalog.protected_variables("2.10.3")
    assert protected.code_source.startswith("images/airflow/*/python/mwaa/config/setup_environment.py")
    assert protected.docs_source.endswith("using-startup-script.html#reserved-environment-variables")


def test_variables_of_what_is_not_a_version(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="not a version"):
        catalog.protected_variables("latest")


# --- the API's fields -----------------------------------------------------------------------------------------------


def test_a_field_in_three_dialects(catalog: Catalog) -> None:
    field = catalog.api_fields["WebserverAccessMode"]
    assert (field.cloudformation, field.terraform, field.boto3) == (
        "WebserverAccessMode",
        "webserver_access_mode",
        "WebserverAccessMode",
    )
    assert field.enum == ("PRIVATE_ONLY", "PUBLIC_ONLY", "PUBLIC_AND_PRIVATE")


def test_limits_of_a_field(catalog: Catalog) -> None:
    fields = catalog.api_fields
    assert (fields["Name"].min, fields["Name"].max, fields["Name"].pattern) == (1, 80, "[a-zA-Z][0-9a-zA-Z-_]*")
    assert (fields["Schedulers"].min, fields["Schedulers"].max) == (None, 5)
    subnets = fields["NetworkConfiguration.SubnetIds"]
    assert (subnets.type, subnets.min, subnets.max, subnets.terraform) == (
        "list",
        2,
        2,
        "network_configuration.subnet_ids",
    )


def test_fields_a_dialect_lacks(catalog: Catalog) -> None:
    assert (catalog.api_fields["Teams"].cloudformation, catalog.api_fields["Teams"].terraform) == (None, None)


def test_only_one_field_is_for_updates_alone(catalog: Catalog) -> None:
    only = [(field.name, field.boto3) for field in catalog.api_fields.values() if not field.on_create]
    assert only == [("WorkerReplacementStrategy", "WorkerReplacementStrategy")]


def test_what_the_api_requires_and_cloudformation_does_not_ask_for(catalog: Catalog) -> None:
    fields = catalog.api_fields.values()
    assert [field.name for field in fields if field.required_cfn] == ["Name"]
    assert {field.name for field in fields if field.required_api} == {
        *("Name", "ExecutionRoleArn", "SourceBucketArn", "DagS3Path", "NetworkConfiguration"),
    }


# --- facts and tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limits.workers.default_quota_max", 25),
        ("limits.workers.default_max", 10),
        ("limits.schedulers.max", 5),
        ("limits.webservers.min", 2),
        ("quotas.subnets", 2),
        ("pip.timeout_minutes", 9),
        ("startup.time_limit_seconds", 295),
        ("constraints.detection_regex", "-c |--constraint "),
        ("support_policy.notice_days", 180),
        ("support_policy.minimum_months", 12),
        ("paths.dags_dir", "/usr/local/airflow/dags"),
        ("tasks.max_task_runtime_hours", 12),
        ("classes.documented_typos", ["mw1.1large", "mw1.2large"]),
    ],
)
def test_facts(catalog: Catalog, name: str, value: object) -> None:
    assert catalog.fact(name) == value


@pytest.mark.parametrize("name", ["limits.workers", "limits", "nothing", ""])
def test_a_fact_of_another_name_is_an_error(catalog: Catalog, name: str) -> None:
    with pytest.raises(KeyError):
        catalog.fact(name)
    with pytest.raises(KeyError):
        catalog.fact_source(name)


def test_a_fact_names_its_sources(catalog: Catalog) -> None:
    assert catalog.fact_source("constraints.forced.observed_from") == (
        "https://github.com/aws/aws-mwaa-local-runner/issues/295",
        "https://github.com/aws/aws-mwaa-local-runner/issues/278",
    )


def test_every_fact_has_a_source_and_a_confidence() -> None:
    document = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))
    assert {row["from"] for row in document["facts"].values()} == document["sources"].keys()
    unsure = [name for name, row in document["sources"].items() if row["confidence"] not in ("high", "medium", "low")]
    assert unsure == []
    assert [name for name, row in document["sources"].items() if not row["source"]] == []


def test_every_generated_file_has_its_date(catalog: Catalog) -> None:
    files = [*DATA.glob("*.json"), *DATA.glob("pins/*.json")]
    dates = {path.name: json.loads(path.read_text(encoding="utf-8"))["date"] for path in files}
    assert set(dates.values()) == {catalog.compiled.isoformat()}
    assert {f"{version}.json" for version in VERSIONS} < dates.keys()


def test_a_disagreement_names_its_rule_and_both_sides() -> None:
    rows = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))["disagreements"]
    assert "MW116" in {row["rule"] for row in rows}
    assert [row for row in rows if sorted(row) != ["assumed", "fact", "rule"] or not all(row.values())] == []


def table_problems(path: Path) -> list[str]:
    """What keeps a hand-kept table from being one."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        return ["not an object"]
    source, day = document.get("source"), document.get("date")
    problems = []
    if not isinstance(source, list) or not source or not all(isinstance(item, str) and item.strip() for item in source):
        problems.append("source")
    try:
        date.fromisoformat(str(day))
    except ValueError:
        problems.append("date")
    return [*problems, *(["rows"] if not document.get("rows") else [])]


def test_every_table_has_source_date_and_rows() -> None:
    found = {path.name: table_problems(path) for path in sorted((DATA / "tables").glob("*"))}
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert [name for name in found if not name.endswith(".json")] == []


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({"source": ["https://a.example"], "date": "2026-11-22", "rows": [1]}, []),
        ({"source": [], "date": "2026-11-22", "rows": [1]}, ["source"]),
        ({"source": "https://a.example", "date": "2026-11-22", "rows": [1]}, ["source"]),
        ({"source": [" "], "date": "22.11.2026", "rows": {}}, ["source", "date", "rows"]),
        ({}, ["source", "date", "rows"]),
        ([], ["not an object"]),
    ],
)
def test_the_check_of_tables_sees_what_is_missing(tmp_path: Path, document: object, problems: list[str]) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(document))
    assert table_problems(path) == problems


def test_a_table_is_read_by_name(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    content = {"source": ["https://a.example"], "date": "2026-11-22", "rows": [["a", 1]]}
    (tmp_path / "tables" / "letters.json").write_text(json.dumps(content))
    assert load(tmp_path).table("letters") == content


def test_a_table_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    path = tmp_path / "tables" / "letters.json"
    path.write_text('{"rows": [1]}')
    catalog = load(tmp_path)
    first = catalog.table("letters")
    path.unlink()
    assert catalog.table("letters") is first


def test_a_table_of_another_name_is_an_error(catalog: Catalog) -> None:
    with pytest.raises(KeyError, match="nothing"):
        catalog.table("nothing")


# --- laziness -------------------------------------------------------------------------------------------------------


def test_nothing_is_read_on_import_or_load() -> None:
    assert opened("import mwaalint.catalog\nmwaalint.catalog.load()") == []


def test_only_the_pins_of_the_version_asked_for_are_read_and_once() -> None:
    script = "import mwaalint.catalog\nc = mwaalint.catalog.load()\nc.pins('2.10.3')\nc.pins('2.10.3')"
    assert opened(script) == ["pins/2.10.3.json"]


@pytest.mark.parametrize(
    ("expression", "files"),
    [
        ("c.latest, c.releases, c.release('2.10.3'), c.compiled", ["releases.json"]),
        ("c.classes, c.environment_class('mw1.small')", ["classes.json"]),
        ("c.price('mw1.small'), c.monthly_hours", ["prices.json"]),
        ("c.forces_constraints('2.10.3'), c.fact('pip.timeout_minutes')", ["facts.json"]),
        ("c.option('core.executor', '2.10.3'), c.option('a.b', '2.10.3')", ["options.json"]),
        ("c.protected_variables('2.10.3')", ["protected.json"]),
        ("c.api_fields", ["api.json"]),
        ("c.pins('../releases')", []),
    ],
)
def test_a_question_reads_its_own_file_only_and_once(expression: str, files: list[str]) -> None:
    assert opened(f"import mwaalint.catalog\nc = mwaalint.catalog.load()\n{expression}") == files


def test_the_loader_imports_no_parser() -> None:
    script = (
        "import sys, mwaalint.catalog; mwaalint.catalog.load().pins('2.10.3');"
        "print([m for m in ('yaml', 'packaging', 'tree_sitter', 'pip_requirements_parser') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_a_catalogue_travels_to_another_process() -> None:
    catalog = load()
    assert catalog.latest == "3.3.1"
    copy = pickle.loads(pickle.dumps(catalog))
    assert (copy.latest, copy.releases["2.10.3"]) == ("3.3.1", catalog.releases["2.10.3"])
