"""The rules on secrets backends, beyond the examples of their pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mwaalint.catalog import load
from mwaalint.checks.environment._secrets import parsed
from tests.dialects import DIALECTS
from tests.test_environment_rules import fixed, found, places, related
from tests.test_environment_rules_options import configured, configured_stack

if TYPE_CHECKING:
    from pathlib import Path

ROWS = load().table("secrets-backends")["rows"]
MANAGER = ROWS["SecretsManagerBackend"]["path"]
STORE = ROWS["SystemsManagerParameterStoreBackend"]["path"]
CONTRIB = "airflow.contrib.secrets.aws_secrets_manager.SecretsManagerBackend"


def backend(path: str, arguments: str | None = None, version: str = "2.10.3", rest: str = "") -> dict[str, str]:
    """A main.tf whose backend stands on line 5 and its arguments, as they are given, on line 6."""
    entries = f'"secrets.backend" = "{path}"' + (f'\n"secrets.backend_kwargs" = {arguments}' if arguments else "")
    return configured(entries, version, rest=rest)


# MW212 secrets-backend-config


@pytest.mark.parametrize(
    ("path", "version", "words"),
    [
        (MANAGER, "2.10.3", ""),
        (STORE, "3.3.1", ""),
        ("airflow.providers.amazon.aws.secrets.SecretsManagerBackend", "2.10.3", f"use {MANAGER}"),
        ("airflow.providers.amazon.aws.secrets.secrets_manager.SecretManagerBackend", "2.10.3", f"use {MANAGER}"),
        ("airflow.providers.amazon.aws.secrets.secrets_manager", "2.10.3", f"use {MANAGER}"),
        ("SystemsManagerParameterStoreBackend", "2.10.3", f"use {STORE}"),
        ("SecretsManager", "2.10.3", ""),
        ("airflow.providers.hashicorp.secrets.vault.VaultBackend", "2.10.3", ""),
        ("my_plugins.SecretsManagerBackend", "2.10.3", ""),
        (CONTRIB, "1.10.12", ""),
        (CONTRIB, "2.10.3", ""),
        (CONTRIB, "3.0.6", f"Airflow 3.0.6 no longer has: it does not start; the class is now {MANAGER}"),
        (CONTRIB, "9.9.9", ""),
    ],
)
def test_the_class_of_a_backend(path: str, version: str, words: str, tmp_path: Path) -> None:
    lines = found(tmp_path, "MW212", backend(path, version=version))
    assert [line.partition(" ")[0] for line in lines] == (["main.tf:5"] if words else [])
    assert all(words in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('"{}"', ""),
        ('""', ""),
        ('jsonencode({ connections_prefix = "a" })', ""),
        (json.dumps('{"connections_prefix": null}'), ""),
        ("\"{'connections_prefix': 'a'}\"", "is not JSON"),
        (json.dumps('{"connections_prefix": "a",}'), "is not JSON"),
        ('"airflow/connections"', "is not JSON"),
        (json.dumps('["a"]'), "is JSON but not an object"),
        ('"5"', "is JSON but not an object"),
        ("var.given", ""),
        ('jsonencode({ connections_prefix = "${var.given}/a" })', ""),
        ('var.given == "a" ? "{}" : "{a}"', ""),
        ('var.given == "a" ? "{b}" : "{a}"', "is not JSON"),
        ('jsonencode({ connection_prefix = "a" })', "no argument connection_prefix"),
        ('jsonencode({ variables_lookup_patern = "a" })', "did you mean variables_lookup_pattern?"),
        ('jsonencode({ connection_prefix = "a", connections_prefix = "b" })', ""),
        ('jsonencode({ region_nam = "a" })', "did you mean region_name?"),
        ('jsonencode({ team = "a" })', ""),
        ('jsonencode({ full_url_mode = false, sep = "/", role_arn = "arn:aws:iam::111122223333:role/a" })', ""),
    ],
)
def test_the_arguments_of_a_backend(arguments: str, words: str, tmp_path: Path) -> None:
    lines = found(tmp_path, "MW212", backend(MANAGER, arguments, rest='variable "given" {}\n'))
    assert bool(lines) is bool(words)
    assert all(words in line for line in lines)


def test_other_backends_take_other_arguments(tmp_path: Path) -> None:
    arguments = 'jsonencode({ connection_prefix = "a" })'
    assert found(tmp_path / "a", "MW212", backend("my.Backend", arguments)) == []
    assert places(tmp_path / "b", "MW212", backend("my.Backend", '"{a}"')) == ["main.tf:6"]


@pytest.mark.parametrize(
    ("startup", "flagged"),
    [
        ({}, True),
        ({"startup.sh": "export AIRFLOW__SECRETS__BACKEND=my.Backend\n"}, False),
        ({"startup.sh": "export TZ=UTC\n"}, True),
    ],
)
def test_arguments_of_no_backend(startup: dict[str, str], flagged: bool, tmp_path: Path) -> None:
    upload = (
        'resource "aws_s3_object" "startup" {\n  bucket = "b"\n  key = "startup.sh"\n  source = "startup.sh"\n}\n'
        if startup
        else ""
    )
    argument = 'startup_script_s3_path = "startup.sh"\nsource_bucket_arn = "arn:aws:s3:::b"\n' if startup else ""
    files = configured('"secrets.backend_kwargs" = "{}"', arguments=argument, rest=upload) | startup
    assert bool(found(tmp_path, "MW212", files)) is flagged


def test_a_backend_of_workers_alone(tmp_path: Path) -> None:
    entries = f'"workers.secrets_backend" = "{MANAGER}"\n"workers.secrets_backend_kwargs" = "{{a}}"'
    (line,) = found(tmp_path, "MW212", configured(entries, "3.2.1"))
    assert line.startswith("main.tf:6 workers.secrets_backend_kwargs is not JSON")


def test_a_class_is_corrected_only_on_demand(tmp_path: Path) -> None:
    files = configured_stack("secrets.backend: 'SecretsManagerBackend' # ours")
    assert fixed(tmp_path / "a", "MW212", files, unsafe=False) == {}
    changed = fixed(tmp_path / "b", "MW212", files)["stack.yaml"]
    assert changed == files["stack.yaml"].replace("SecretsManagerBackend", MANAGER)


def test_deep_json_is_no_object() -> None:
    assert parsed("[" * 100_000) is None
    assert parsed("") == parsed(" ") == {}
    assert parsed("null") is None


# MW220 secrets-no-lookup-pattern

IMPORTS = "from airflow import DAG\nfrom airflow.models import Variable\nDAG('a')\n"
SET = IMPORTS + "def f():\n    Variable.set('a', 'b')\n"
AWS = "from airflow import DAG\nfrom airflow.providers.amazon.aws.hooks.s3 import S3Hook\nDAG('a')\n"


def dags(code: str, **files: str) -> dict[str, str]:
    return {"dags/a.py": code} | files


@pytest.mark.parametrize(
    ("version", "arguments", "flagged"),
    [
        ("2.10.3", "", True),
        ("2.10.3", "{}", True),
        ("2.10.3", '{ connections_prefix = "a" }', True),
        ("2.10.3", "{ variables_prefix = null }", False),
        ("2.10.3", '{ variables_prefix = "" }', True),
        ("2.10.3", '{ variables_lookup_pattern = "^a" }', False),
        ("2.10.3", "{ variables_lookup_pattern = null }", True),
        ("2.10.3", '{ connections_lookup_pattern = "^a" }', True),
        ("2.6.3", "", True),
        ("2.5.1", "", False),  # its provider has no patterns
        ("3.3.1", "", True),
    ],
)
def test_variables_in_the_database_and_no_pattern(version: str, arguments: str, flagged: bool, tmp_path: Path) -> None:
    given = f"jsonencode({arguments})" if arguments else None
    files = backend(MANAGER, given, version) | dags(SET)
    assert bool(found(tmp_path, "MW220", files)) is flagged


@pytest.mark.parametrize(
    ("code", "flagged"),
    [
        (IMPORTS + "def f():\n    Variable.set('a', 'b')\n", True),
        (IMPORTS.replace("models", "sdk") + "Variable.set(key='a', value='b')\n", True),
        (IMPORTS + "import airflow.models as m\ndef f():\n    m.Variable.set('a', 'b')\n", True),
        (IMPORTS + "def f():\n    Variable.get('a')\n", False),
        (IMPORTS + "# Variable.set('a', 'b')\n", False),
        ("from airflow import DAG\nfrom mine import Variable\nDAG('a')\nVariable.set('a', 'b')\n", False),
        (IMPORTS + "def f(:\n    Variable.set('a', 'b')\n", False),
    ],
)
def test_only_airflows_own_variables_count(code: str, flagged: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW220", backend(MANAGER) | dags(code))) is flagged


def test_the_call_is_shown_beside_the_option(tmp_path: Path) -> None:
    files = backend(STORE, 'jsonencode({ variables_prefix = "/etl" })') | dags(SET)
    (line,) = found(tmp_path, "MW220", files)
    assert line.startswith("main.tf:6 ")
    assert "each Variable.get first asks Parameter Store for /etl/…" in line
    assert related(tmp_path, "MW220", files)[0] == ("dags/a.py:5", "the value goes to Airflow's database")


@pytest.mark.parametrize(
    ("version", "arguments", "flagged"),
    [
        ("2.10.3", '{ connections_prefix = "a" }', True),
        ("2.10.3", "{ variables_prefix = null }", True),
        ("2.10.3", "", False),  # MWAA's own arguments stand
        ("2.10.3", "{ connections_prefix = null }", False),
        ("2.10.3", '{ connections_lookup_pattern = "^a" }', False),
        ("2.8.1", '{ connections_prefix = "a" }', False),
    ],
)
def test_arguments_that_replace_mwaas_guard(version: str, arguments: str, flagged: bool, tmp_path: Path) -> None:
    given = f"jsonencode({arguments})" if arguments else None
    lines = found(tmp_path, "MW220", backend(MANAGER, given, version) | dags(AWS))
    assert bool(lines) is flagged
    assert all("/aws_default first" in line for line in lines)


@pytest.mark.parametrize(
    "files",
    [
        dags(IMPORTS),
        dags(AWS, **{"secrets.tf": 'resource "aws_secretsmanager_secret" "a" {\n  name = "a/aws_default"\n}\n'}),
        dags(AWS, **{"deploy.sh": "aws secretsmanager create-secret --name a/aws_default\n"}),
        {"lambda/a.py": AWS.replace("DAG('a')\n", "")},
    ],
)
def test_no_guard_is_missed(files: dict[str, str], tmp_path: Path) -> None:
    given = 'jsonencode({ connections_prefix = "a" })'
    assert found(tmp_path, "MW220", backend(MANAGER, given) | files) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_pattern_is_missed_in_every_dialect(dialect: str, tmp_path: Path) -> None:
    options = {"secrets.backend": MANAGER, "secrets.backend_kwargs": "{}"}
    arguments = {"airflow_version": "2.10.3", "airflow_configuration_options": options}
    (line,) = found(tmp_path, "MW220", DIALECTS[dialect](arguments) | dags(SET))
    assert "each Variable.get first asks Secrets Manager" in line


# MW243 extra-celery-config-ignored


@pytest.mark.parametrize(
    ("version", "value", "words"),
    [
        ("2.10.3", '"{a}"', ""),  # no such option yet
        ("2.11.0", '"{a}"', "is not JSON: Airflow 2.11.0 builds"),
        ("3.0.6", '"{a}"', "is not JSON: Airflow 3.0.6 builds"),
        ("3.0.6", '"[1]"', "is not a JSON object, so Airflow 3.0.6 ignores it"),
        ("3.0.6", "jsonencode({ a = 1 })", ""),
        ("3.2.1", '"{a}"', "is not a JSON object, so Airflow 3.2.1 ignores it"),
        ("3.2.1", "jsonencode({ a = 1 })", "updated since 2026-08 keeps yours"),
        ("3.2.1", "var.given", "updated since 2026-08 keeps yours"),
        ("3.3.1", "jsonencode({ a = 1 })", ""),
        ("3.3.1", '"50"', "is not a JSON object, so Airflow 3.3.1 ignores it"),
        ("3.3.1", "var.given", ""),
        ("3.0.6", "var.given", ""),
        ("3.0.6", 'var.given == "a" ? "{}" : "{a}"', ""),
        ("3.0.6", 'var.given == "a" ? "{b}" : "{a}"', "is not JSON"),
    ],
)
def test_what_becomes_of_extra_celery_settings(version: str, value: str, words: str, tmp_path: Path) -> None:
    files = configured(f'"celery.extra_celery_config" = {value}', version, rest='variable "given" {}\n')
    lines = found(tmp_path, "MW243", files)
    assert [line.partition(" ")[0] for line in lines] == (["main.tf:5"] if words else [])
    assert all(words in line for line in lines)
