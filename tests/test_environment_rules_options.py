"""The rules on Airflow's configuration options, beyond the examples of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.catalog import load
from tests.test_environment_rules import fixed, found, places, stack, terraform

if TYPE_CHECKING:
    from pathlib import Path


def configured(entries: str, version: str = "2.10.3", arguments: str = "", rest: str = "") -> dict[str, str]:
    """A main.tf whose options stand from its fifth line on."""
    lines = "\n".join(f"  {line}" for line in entries.strip().splitlines())
    head = f'name = "etl"\nairflow_version = "{version}"\n'
    return terraform(f"{head}airflow_configuration_options = {{\n{lines}\n}}\n{arguments}", rest)


def configured_stack(entries: str, version: str = "2.10.3") -> dict[str, str]:
    """A stack.yaml whose options stand from its eighth line on."""
    lines = "\n".join(f"  {line}" for line in entries.strip().splitlines())
    return stack(f"Name: etl\nAirflowVersion: {version}\nAirflowConfigurationOptions:\n{lines}")


# MW206 option-renamed-or-removed


@pytest.mark.parametrize(
    ("version", "option", "wanted"),
    [
        ("2.0.2", "core.load_default_connections", []),
        ("2.4.3", "core.load_default_connections", ["main.tf:5"]),
        ("2.11.2", "scheduler.parsing_processes", []),
        ("3.0.6", "scheduler.parsing_processes", ["main.tf:5"]),
        ("3.0.6", "dag_processor.parsing_processes", []),
        ("3.0.6", "webserver.instance_name", []),
        ("3.2.1", "webserver.instance_name", ["main.tf:5"]),
        ("2.10.3", "metrics.statsd_allow_list", ["main.tf:5"]),
        ("2.0.2", "webserver.rbac", ["main.tf:5"]),
        ("2.4.3", "smart_sensor.shards", ["main.tf:5"]),
        ("3.0.6", "smtp.smtp_user", ["main.tf:5"]),
        ("3.0.6", "scheduler.standalone_dag_processor", ["main.tf:5"]),
        ("2.9.2", "webserver.auth_rate_limit", []),
        ("2.10.1", "webserver.auth_rate_limit", ["main.tf:5"]),
        ("2.7.2", "celery.worker_autoscale", []),
        ("2.7.2", "elasticsearch.host", []),
        ("2.10.3", "custom.bucket", []),
    ],
)
def test_a_name_is_old_from_its_version_on(version: str, option: str, wanted: list[str], tmp_path: Path) -> None:
    assert places(tmp_path, "MW206", configured(f'"{option}" = "5"', version)) == wanted


def test_what_mwaa_sets_itself_is_not_called_renamed(tmp_path: Path) -> None:
    assert found(tmp_path, "MW206", configured('"core.sql_alchemy_conn" = "x"')) == []


def test_every_new_name_is_no_old_one_of_the_same_version() -> None:
    catalog = load()
    for old, row in catalog.table("airflow-options")["rows"].items():
        for stage in row.get("changes", ()):
            assert not stage["to"] or catalog.option_change(stage["to"], stage["from"]) is None, old


def test_an_option_under_both_names_is_not_renamed(tmp_path: Path) -> None:
    files = configured('"core.dag_concurrency" = "5"\n"core.max_active_tasks_per_dag" = "9"')
    (line,) = found(tmp_path / "a", "MW206", files)
    assert line.startswith(
        "main.tf:5 core.dag_concurrency has been called core.max_active_tasks_per_dag since Airflow 2.2"
    )
    assert line.endswith("which is set here as well; the old entry has no effect in 2.10.3")
    assert fixed(tmp_path / "b", "MW206", files) == {}


def test_a_silent_name_is_renamed_only_on_demand(tmp_path: Path) -> None:
    files = configured_stack("scheduler.parsing_processes: '2' # two", "3.0.6")
    assert fixed(tmp_path / "a", "MW206", files, unsafe=False) == {}
    changed = fixed(tmp_path / "b", "MW206", files)["stack.yaml"]
    assert changed == files["stack.yaml"].replace("scheduler.parsing", "dag_processor.parsing")


def test_a_value_from_a_variable_keeps_its_name(tmp_path: Path) -> None:
    files = configured('"core.dag_concurrency" = var.tasks', rest='variable "tasks" {\n  default = "5"\n}\n')
    assert places(tmp_path / "a", "MW206", files) == ["main.tf:5"]
    assert fixed(tmp_path / "b", "MW206", files) == {}


# MW219 option-not-overridable


@pytest.mark.parametrize(
    ("version", "entry", "wanted"),
    [
        ("2.8.1", '"core.executor" = "LocalExecutor"', []),
        ("2.10.3", '"core.executor" = "LocalExecutor"', ["main.tf:5"]),
        ("2.10.3", '"core.executor" = var.unknown', ["main.tf:5"]),
        ("2.10.3", '"core.load_examples" = "True"', ["main.tf:5"]),
        ("2.10.3", '"core.load_examples" = false', []),
        ("2.10.3", '"core.multi_team" = "True"', []),
        ("3.2.1", '"core.multi_team" = "True"', ["main.tf:5"]),
        ("2.10.3", '"webserver.cookie_secure" = "True"', []),
        ("2.10.3", '"core.sql_alchemy_conn" = "sqlite:///a.db"', ["main.tf:5"]),
        ("2.10.3", '"metrics.statsd_on" = "True"', []),
        ("2.11.2", '"scheduler.standalone_dag_processor" = "False"', ["main.tf:5"]),
        ("3.0.6", '"scheduler.standalone_dag_processor" = "False"', []),  # gone, which MW206 says
        ("3.0.6", '"webserver.secret_key" = "x"', ["main.tf:5"]),
        ("2.10.3", '"metrics.otel_on" = "True"', ["main.tf:5"]),
        ("2.10.3", '"celery.worker_concurrency" = "4"', []),
    ],
)
def test_only_what_the_version_forces_is_called_overwritten(
    version: str, entry: str, wanted: list[str], tmp_path: Path
) -> None:
    assert places(tmp_path, "MW219", configured(entry, version, rest='variable "unknown" {}\n')) == wanted


def test_an_overwritten_line_is_deleted_whole(tmp_path: Path) -> None:
    files = configured_stack("core.executor: LocalExecutor\ncore.parallelism: '64'")
    changed = fixed(tmp_path, "MW219", files, unsafe=False)["stack.yaml"]
    assert changed == files["stack.yaml"].replace("        core.executor: LocalExecutor\n", "")


@pytest.mark.parametrize(
    "entries",
    [
        '"core.executor" = "LocalExecutor"',
        '"core.executor" = "LocalExecutor" # as at home\n"core.parallelism" = "64"',
        '"core.parallelism" = "64", "core.executor" = "LocalExecutor"',
    ],
    ids=["the only one", "with a comment", "not alone on its line"],
)
def test_an_overwritten_entry_with_company_is_not_deleted(entries: str, tmp_path: Path) -> None:
    files = configured(entries)
    assert places(tmp_path / "a", "MW219", files) == ["main.tf:5"]
    assert fixed(tmp_path / "b", "MW219", files) == {}


# MW224 option-unknown


@pytest.mark.parametrize(
    ("version", "option", "words"),
    [
        ("2.10.3", "core.parallellism", "did you mean core.parallelism?"),
        ("2.10.3", "core.dag_file_processor_timeouts", "did you mean core.dag_file_processor_timeout?"),
        ("3.0.6", "dag_procesor.refresh_interval", "did you mean dag_processor.refresh_interval?"),
        ("2.10.3", "email.smtp_host", "did you mean smtp.smtp_host?"),
        ("2.10.3", "celery.worker_autoscaling", "did you mean celery.worker_autoscale?"),
        (
            "2.0.2",
            "core.max_active_tasks_per_dag",
            "has this name from Airflow 2.2.0 on, and is called core.dag_conc",
        ),
        ("2.8.1", "core.max_consecutive_failed_dag_runs_per_dag", "came with Airflow 2.9.0"),
        ("2.10.3", "dag_processor.dag_bundle_config_list", "came with Airflow 3.0.0"),
        ("2.10.3", "dag_processor.refresh_interval", "and is called scheduler.dag_dir_list_interval before"),
        ("2.10.3", "webserver_timeout", "reads only section.option"),
        ("2.10.3", "core.answer", "no Python file here reads an option"),
    ],
)
def test_a_name_that_airflow_never_asks_for(version: str, option: str, words: str, tmp_path: Path) -> None:
    (line,) = found(tmp_path, "MW224", configured(f'"{option}" = "5"', version))
    assert line.startswith("main.tf:5 ")
    assert words in line


@pytest.mark.parametrize(
    ("version", "option"),
    [
        ("2.10.3", "core.parallelism"),
        ("2.10.3", "core.dag_concurrency"),  # an old name
        ("2.10.3", "core.mp_start_method"),  # described nowhere
        ("2.10.3", "database.sql_alchemy_conn_secret"),
        ("2.10.3", "smtp.smtp_password_cmd"),
        ("3.3.1", "secrets.backend_kwarg__connections_prefix"),
        ("2.10.3", "celery_broker_transport_options.anything"),
        ("2.10.3", "sentry.release"),
        ("2.10.3", "mwaa.triggerer_enabled"),
        ("2.10.3", "myplugin.parallelism"),
        ("2.10.3", "aws.of_a_newer_provider"),
        ("2.10.3", "fab.cookie_secure"),  # of a newer provider
        ("2.10.3", "celery.worker_concurrency"),
        ("3.2.1", "api.server_type"),
        ("3.3.1", "workers.secrets_backend_kwargs"),
        ("2.1.4", "core.parallellism"),  # not a version of MWAA's
    ],
)
def test_a_name_that_somebody_may_ask_for(version: str, option: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW224", configured(f'"{option}" = "5"', version)) == []


@pytest.mark.parametrize(
    ("code", "flagged"),
    [
        ("conf.get('core', 'answer')", False),
        ('os.environ["AIRFLOW__CORE__ANSWER"]', False),
        ("answer = 42", True),
        ("conf.get('core', 'the answer')", True),
    ],
)
def test_a_name_that_the_project_reads_itself(code: str, flagged: bool, tmp_path: Path) -> None:
    files = configured('"core.answer" = "42"') | {"plugins/mine.py": code}
    assert bool(found(tmp_path, "MW224", files)) is flagged


def test_a_slip_beside_the_right_name_is_not_reported(tmp_path: Path) -> None:
    assert found(tmp_path, "MW224", configured('"core.parallellism" = "5"\n"core.parallelism" = "5"')) == []


def test_a_slip_is_corrected_only_on_demand(tmp_path: Path) -> None:
    files = configured_stack("core.parallellism: '5' # five\ncore.default_timezone: utc")
    assert fixed(tmp_path / "a", "MW224", files, unsafe=False) == {}
    changed = fixed(tmp_path / "b", "MW224", files)["stack.yaml"]
    assert changed == files["stack.yaml"].replace("parallellism", "parallelism")


# MW230 plaintext-secret-in-options


@pytest.mark.parametrize(
    "entry",
    [
        '"smtp.smtp_password" = "hunter2"',
        '"webserver.secret_key" = "0b1c9d7e5f"',
        '"sentry.auth_token" = "9f8e7d6c5b"',
        '"custom.api_key" = "k-81u3hd9"',
        '"celery.result_backend" = "db+postgresql://airflow:f7d1aa@db.internal/airflow"',
        '"smtp.smtp_password" = var.unknown ? "hunter2" : "hunter3"',
    ],
)
def test_a_secret_is_found_and_not_repeated(entry: str, tmp_path: Path) -> None:
    (line,) = found(tmp_path, "MW230", configured(entry, rest='variable "unknown" {}\n'))
    assert line.startswith("main.tf:5 ")
    for secret in ("hunter", "0b1c9d7e5f", "9f8e7d6c5b", "k-81u3hd9", "f7d1aa"):
        assert secret not in line


@pytest.mark.parametrize(
    "entry",
    [
        '"smtp.smtp_password" = ""',
        '"smtp.smtp_password" = "changeme"',
        '"smtp.smtp_password" = "password"',
        '"smtp.smtp_password" = "REPLACE_ME"',
        '"smtp.smtp_password" = var.unknown',
        '"smtp.smtp_password" = var.unknown ? "hunter2" : ""',
        '"smtp.smtp_password" = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mail"',
        '"smtp.smtp_password" = "/airflow/mail/password"',
        '"smtp.smtp_password_secret" = "smtp-password"',
        '"smtp.smtp_password_cmd" = "cat /tmp/mail"',
        '"custom.rds_secret_name" = "warehouse-login"',
        '"core.sensitive_var_conn_names" = "password,token"',
        '"secrets.backend_kwargs" = jsonencode({ connections_prefix = "airflow/connections" })',
        '"custom.warehouse" = "postgresql://etl@warehouse.internal/dwh"',
        '"custom.warehouse" = "postgresql://etl:${var.unknown}@warehouse.internal/dwh"',
        '"custom.warehouse" = "postgresql://etl:<password>@warehouse.internal/dwh"',
        '"webserver.base_url" = "https://airflow.internal:8080/home"',
    ],
)
def test_what_only_tells_where_a_secret_is_stays_quiet(entry: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW230", configured(entry, rest='variable "unknown" {}\n')) == []


def test_a_reference_that_cloudformation_resolves_stays_quiet(tmp_path: Path) -> None:
    entry = "smtp.smtp_password: '{{resolve:secretsmanager:mail:SecretString:password}}'"
    assert found(tmp_path, "MW230", configured_stack(entry)) == []


# MW241 parallelism-below-capacity


@pytest.mark.parametrize(
    ("parallelism", "arguments", "message"),
    [
        ("2", 'environment_class = "mw1.small"\nmax_workers = 1', "workers that are paid for stay idle"),
        ("3", 'environment_class = "mw1.small"\nmax_workers = 1', ""),
        ("3", 'environment_class = "mw1.small"\nmax_workers = 2', "never fills the workers"),
        ("24", 'environment_class = "mw1.small"', "never fills the workers"),
        ("25", 'environment_class = "mw1.small"', ""),
        ("5", 'environment_class = "mw1.small"\nmin_workers = 4\nmax_workers = 4\nschedulers = 4', ""),
        ("4", 'environment_class = "mw1.small"\nmin_workers = 4\nmax_workers = 4\nschedulers = 4', "stay idle"),
        ("3", 'environment_class = "mw1.micro"', ""),
        ("2", 'environment_class = "mw1.micro"', "stay idle"),
        ("0", 'environment_class = "mw1.small"', ""),
        ("many", 'environment_class = "mw1.small"', ""),
        ("1", 'environment_class = "mw1.small"\nschedulers = var.unknown', ""),
        ("1", 'environment_class = "mw1.unknown"', ""),
    ],
)
def test_parallelism_is_held_against_the_workers(
    parallelism: str, arguments: str, message: str, tmp_path: Path
) -> None:
    files = configured(f'"core.parallelism" = "{parallelism}"', arguments=arguments, rest='variable "unknown" {}\n')
    lines = found(tmp_path, "MW241", files)
    assert [line.partition(" ")[0] for line in lines] == (["main.tf:5"] if message else [])
    assert all(message in line for line in lines)


def test_a_setting_for_fewer_tasks_a_worker_counts(tmp_path: Path) -> None:
    entries = '"core.parallelism" = "4"\n"celery.worker_autoscale" = "4,4"'
    assert found(tmp_path, "MW241", configured(entries, arguments="max_workers = 2")) == []


def test_a_setting_that_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    entries = '"core.parallelism" = "1"\n"celery.worker_autoscale" = var.unknown'
    assert found(tmp_path, "MW241", configured(entries, rest='variable "unknown" {}\n')) == []


def test_airflow_1_counts_in_another_way(tmp_path: Path) -> None:
    assert found(tmp_path, "MW241", configured('"core.parallelism" = "1"', "1.10.12")) == []


# MW248 option-value-not-string

CALL = """\
{
  "Name": "etl",
  "AirflowVersion": "2.10.3",
  "DagS3Path": "dags",
  "SourceBucketArn": "arn:aws:s3:::bucket",
  "ExecutionRoleArn": "arn:aws:iam::123456789012:role/mwaa",
  "AirflowConfigurationOptions": {"core.lazy_load_plugins": VALUE}
}
"""


@pytest.mark.parametrize(
    ("value", "kind", "quoted"),
    [
        ("false", "a boolean", '"false"'),
        ("16", "a number", '"16"'),
        ("1.5", "a number", '"1.5"'),
        ("[1]", "a list", ""),
        ('{"a": 1}', "a map", ""),
    ],
)
def test_the_api_takes_text_alone(value: str, kind: str, quoted: str, tmp_path: Path) -> None:
    files = {"environment.json": CALL.replace("VALUE", value)}
    (line,) = found(tmp_path / "a", "MW248", files)
    assert line.startswith(
        f"environment.json:7 core.lazy_load_plugins is {kind} here, but CreateEnvironment accepts only strings"
    )
    wanted = {"environment.json": CALL.replace("VALUE", quoted)} if quoted else {}
    assert fixed(tmp_path / "b", "MW248", files, unsafe=False) == wanted


@pytest.mark.parametrize("value", ["false", "16", '"16"', "null"])
def test_terraform_makes_text_of_scalars(value: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW248", configured(f'"core.parallelism" = {value}')) == []


@pytest.mark.parametrize("value", ["false", "16", "'16'", "!Sub '${AWS::Region}'", "!Ref AWS::Region"])
def test_cloudformation_makes_text_of_scalars(value: str, tmp_path: Path) -> None:
    assert found(tmp_path, "MW248", configured_stack(f"custom.value: {value}")) == []


def test_a_list_in_a_stack_is_no_json_when_it_arrives(tmp_path: Path) -> None:
    assert places(tmp_path, "MW248", configured_stack("custom.value: [a, b]")) == ["stack.yaml:8"]


# MW236 parsing-processes-above-class


@pytest.mark.parametrize(
    ("version", "size", "entry", "wanted"),
    [
        ("2.10.3", "mw1.small", '"scheduler.parsing_processes" = "1"', []),
        ("2.10.3", "mw1.small", '"scheduler.parsing_processes" = 2', ["main.tf:5"]),
        ("2.0.2", "mw1.medium", '"scheduler.max_threads" = "4"', ["main.tf:5"]),
        ("2.10.3", "mw1.large", '"scheduler.parsing_processes" = "7"', []),
        ("2.10.3", "mw1.large", '"scheduler.parsing_processes" = "8"', ["main.tf:5"]),
        ("3.0.6", "mw1.large", '"scheduler.parsing_processes" = "8"', []),
        ("3.0.6", "mw1.large", '"dag_processor.parsing_processes" = "8"', ["main.tf:5"]),
        ("2.10.3", "mw1.2xlarge", '"scheduler.parsing_processes" = "31"', []),
        ("2.10.3", "mw1.micro", '"scheduler.parsing_processes" = "9"', []),
        ("2.10.3", "mw1.unknown", '"scheduler.parsing_processes" = "9"', []),
        ("2.10.3", "mw1.small", '"scheduler.parsing_processes" = var.unknown', []),
    ],
)
def test_parsing_is_held_against_the_class(
    version: str, size: str, entry: str, wanted: list[str], tmp_path: Path
) -> None:
    files = configured(entry, version, f'environment_class = "{size}"', 'variable "unknown" {}\n')
    assert places(tmp_path, "MW236", files) == wanted


# MW223 dagbag-timeout-order


@pytest.mark.parametrize(
    ("version", "entries", "wanted"),
    [
        ("2.10.3", '"core.dagbag_import_timeout" = "49"', []),
        ("2.10.3", '"core.dagbag_import_timeout" = "50"', ["main.tf:5"]),
        ("2.10.3", '"core.dag_file_processor_timeout" = "31"', []),
        ("2.10.3", '"core.dag_file_processor_timeout" = "30"', ["main.tf:5"]),
        ("2.10.3", '"core.dagbag_import_timeout" = "soon"', []),
        ("2.10.3", '"core.dagbag_import_timeout" = var.unknown', []),
        ("3.0.6", '"core.dagbag_import_timeout" = 60\n"core.dag_file_processor_timeout" = 90', ["main.tf:5"]),
        ("3.0.6", '"core.dagbag_import_timeout" = 60\n"dag_processor.dag_file_processor_timeout" = 90', []),
    ],
)
def test_the_import_ends_before_its_process(version: str, entries: str, wanted: list[str], tmp_path: Path) -> None:
    assert places(tmp_path, "MW223", configured(entries, version, rest='variable "unknown" {}\n')) == wanted


def test_a_startup_script_elsewhere_may_set_the_other_timeout(tmp_path: Path) -> None:
    files = configured('"core.dagbag_import_timeout" = "120"', arguments='startup_script_s3_path = "startup.sh"')
    assert found(tmp_path, "MW223", files) == []


def test_a_processor_timeout_is_raised_over_the_default_of_the_other(tmp_path: Path) -> None:
    files = configured('"core.dag_file_processor_timeout" = "20"')
    changed = fixed(tmp_path, "MW223", files, unsafe=False)["main.tf"]
    assert changed == files["main.tf"].replace('"20"', '"50"')


# MW221 worker-concurrency-ignored


def test_the_ignored_option_beside_the_one_that_counts_is_not_turned_into_it(tmp_path: Path) -> None:
    files = configured('"celery.worker_autoscale" = "5,5"\n"celery.worker_concurrency" = "8"')
    (line,) = found(tmp_path / "a", "MW221", files)
    assert line.startswith("main.tf:6 ")
    assert line.endswith("which is set here as well")
    assert fixed(tmp_path / "b", "MW221", files) == {}


def test_the_ignored_option_is_replaced_only_on_demand(tmp_path: Path) -> None:
    files = configured_stack("celery.worker_concurrency: '8'")
    assert fixed(tmp_path / "a", "MW221", files, unsafe=False) == {}
    changed = fixed(tmp_path / "b", "MW221", files)["stack.yaml"]
    assert changed == files["stack.yaml"].replace("worker_concurrency: '8'", "worker_autoscale: '8,8'")


# MW228 s3-path-format


@pytest.mark.parametrize(
    ("argument", "wanted"),
    [
        ('plugins_s3_path = "plugins/"', ["main.tf:2"]),
        ('requirements_s3_path = "s3://bucket/requirements.txt"', ["main.tf:2"]),
        ('startup_script_s3_path = "s3://bucket/startup.sh"', ["main.tf:2"]),
        ('dag_s3_path = var.unknown ? "s3://bucket/dags" : "dags"', []),
        ('dag_s3_path = "dags/etl/"', []),
        ('dag_s3_path = "/dags"', []),
        ('source_bucket_arn = "arn:aws:s3:::bucket/"', ["main.tf:2"]),
        ('source_bucket_arn = "arn:aws-cn:s3:::bucket"', []),
    ],
)
def test_a_path_is_a_key_in_the_bucket(argument: str, wanted: list[str], tmp_path: Path) -> None:
    assert places(tmp_path, "MW228", terraform(argument, 'variable "unknown" {}\n')) == wanted


def test_a_uri_without_a_key_is_not_emptied(tmp_path: Path) -> None:
    assert fixed(tmp_path, "MW228", terraform('dag_s3_path = "s3://bucket/"')) == {}


@pytest.mark.parametrize("version", ["<your version>", "latest", "2"])
def test_a_version_that_is_none_stops_no_rule(version: str, tmp_path: Path) -> None:
    entries = '"core.parallelism" = "1"\n"scheduler.parsing_processes" = "9"\n"core.dag_concurrency" = "5"'
    files = configured(entries, version)
    for code, wanted in (("MW206", []), ("MW236", ["main.tf:6"]), ("MW241", ["main.tf:5"])):
        assert places(tmp_path / code, code, files) == wanted


def test_the_report_of_a_secret_does_not_show_its_line(tmp_path: Path) -> None:
    from mwaalint.report import ReportOptions
    from mwaalint.report import load as report_format
    from tests.deployments import check

    options = '{ "smtp.smtp_password" = "hunter2-Zq9" }'
    text = f'resource "aws_mwaa_environment" "etl" {{\n  airflow_configuration_options = {options}\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    result = check(tmp_path)
    shown = "".join(report_format("text")(result, ReportOptions()))
    assert "MW230" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("version", ["2.9.2", "2.11.2", "3.0.6", "3.3.1"])
def test_no_entry_is_called_both_overwritten_and_old(version: str, tmp_path: Path) -> None:
    catalog = load()
    names = [name for name in catalog.table("airflow-options")["rows"] if catalog.airflow_option(name)]
    files = configured("\n".join(f'"{name}" = "x"' for name in names), version)
    overwritten = set(places(tmp_path / "a", "MW219", files))
    old = set(places(tmp_path / "b", "MW206", files))
    unknown = set(places(tmp_path / "c", "MW224", files))
    assert len(overwritten) > 10
    assert len(old) > 30
    assert (overwritten & old, old & unknown, overwritten & unknown) == (set(), set(), set())
