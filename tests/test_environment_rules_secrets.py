"""The rules on secrets backends, beyond the examples of their pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mwaalint.catalog import load
from mwaalint.checks.environment._secrets import parsed
from tests.test_environment_rules import fixed, found, places
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
        ("airflow.providers.amazon.aws.secrets.SecretsManagerBackend", "2.10.3", f"{MANAGER} is meant"),
        ("airflow.providers.amazon.aws.secrets.secrets_manager.SecretManagerBackend", "2.10.3", f"{MANAGER} is meant"),
        ("airflow.providers.amazon.aws.secrets.secrets_manager", "2.10.3", f"{MANAGER} is meant"),
        ("SystemsManagerParameterStoreBackend", "2.10.3", f"{STORE} is meant"),
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
        (json.dumps('["a"]'), "is JSON, but no object"),
        ('"5"', "is JSON, but no object"),
        ("var.given", ""),
        ('jsonencode({ connections_prefix = "${var.given}/a" })', ""),
        ('var.given == "a" ? "{}" : "{a}"', ""),
        ('var.given == "a" ? "{b}" : "{a}"', "is not JSON"),
        ('jsonencode({ connection_prefix = "a" })', "no argument connection_prefix"),
        ('jsonencode({ variables_lookup_patern = "a" })', "is variables_lookup_pattern meant?"),
        ('jsonencode({ connection_prefix = "a", connections_prefix = "b" })', ""),
        ('jsonencode({ region_nam = "a" })', "is region_name meant?"),
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
