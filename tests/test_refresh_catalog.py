"""The catalogue's generator, on a small folder of facts written by hand."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from mwaalint.catalog import load
from tools import refresh_catalog
from tools.catalog_facts import Facts, FactsError, Node, parse
from tools.refresh_catalog import main, render

DOCS = "https://docs.example/versions"
FILES = ["api.json", "classes.json", "facts.json", "options.json", "prices.json", "protected.json", "releases.json"]
PINS = ["pins/2.10.3.json", "pins/2.6.3.json", "pins/3.0.6.json"]


def release(airflow: str, python: str, **other: Any) -> dict[str, Any]:
    return {
        "airflow": airflow,
        "python": python,
        "upstream_release": date(2024, 11, 4),
        "mwaa_release": date(2024, 12, 18),
        "end_of_support": None,
        "creatable": True,
        "os": "AL2023",
        "constraints_url": f"https://constraints.example/{airflow}/{python}.txt",
        **other,
    }


def pins(airflow: str, python: str, essential: dict[str, str], **other: Any) -> dict[str, Any]:
    return {
        "airflow": airflow,
        "python": python,
        "python_full": f"{python}.9",
        "constraints": {"Flask_Login": "0.6.3", "zope.interface": "7.1", "boto3": "1.35.0"},
        "essential": essential,
        "preinstalled": {"boto3": "1.35.0"},
        "preinstalled_complete": True,
        "notes": ["a note"],
        "sources": ["https://images.example/constraints.txt"],
        **other,
    }


FACTS: dict[str, Any] = {
    "versions.yaml": {
        "meta": {"compiled": date(2026, 11, 22)},
        "latest_default_version": {"value": "3.0.6", "source": [DOCS], "confidence": "high"},
        "supported_versions": [
            release("3.0.6", "3.12"),
            release("2.10.3", "3.11", mwaa_release_conflict="or a day later"),
        ],
        "supported_versions_source": [f"{DOCS} (the table)"],
        "supported_versions_confidence": "high",
        "end_of_support_versions": [release("2.6.3", "3.10", end_of_support=date(2025, 12, 30), creatable=False)],
        "end_of_support_source": [f"{DOCS}#ended"],
        "end_of_support_confidence": "medium, from one page",
        "support_policy": {"facts": ["announced >= 180 days ahead"], "source": DOCS, "confidence": "high"},
    },
    "environment_classes.yaml": {
        "meta": {"main_source": "https://docs.example/classes", "confidence": "high"},
        "classes": {
            "mw1.small": {
                "dag_capacity": 50,
                "default_concurrent_tasks_per_worker": 5,
                "worker_autoscale_default": "5,0",
                "worker": {"vcpu": 1, "ram_gb": 2},
                "parsing_processes_max": 1,
            },
            "mw1.micro": {
                "dag_capacity": 25,
                "default_concurrent_tasks_per_worker": 3,
                "worker_autoscale_default": "3,0",
                "worker_and_scheduler_shared": {"vcpu": 1, "ram_gb": 3},
                "autoscaling": False,
            },
        },
        "pricing": {
            "currency": "USD",
            "monthly_hours": 730,
            "us-east-1": {
                "environment_per_hour": {"mw1.small": 0.49, "mw1.micro": None},
                "additional_worker_per_hour": {"mw1.small": 0.055},
                "additional_scheduler_per_hour": {"mw1.small": 0.055},
                "additional_webserver_per_hour": {"mw1.small": 0.028, "note": "from another region"},
                "source": ["https://prices.example"],
                "confidence": "high",
                "webserver_confidence": "medium",
            },
            "eu-west-1": {"value": None, "note": "not found"},
            "not_found": ["eu-west-1"],
        },
        "scaling_limits": {
            "workers": {"max": 25, "note": "raisable"},
            "schedulers": {"max": 5, "source": "https://docs.example/schedulers"},
            "source": ["https://docs.example/limits"],
            "confidence": "high",
        },
    },
    "api.yaml": {
        "meta": {"compiled": "2026-11-22", "sources": ["botocore"], "confidence": "high"},
        "fields": {
            "Name": {
                "cloudformation": "Name",
                "terraform": "name",
                "boto3": "Name",
                "type": "string",
                "required_api": True,
                "required_cfn": True,
                "min": 1,
                "max": 80,
                "pattern": "[a-z]+",
                "updatable_api": False,
                "note": "Unique.",
            },
            "Strategy": {
                "cloudformation": None,
                "terraform": None,
                "boto3": "Strategy (UpdateEnvironment only)",
                "type": "string",
                "required_api": False,
                "required_cfn": False,
                "enum": ["FORCED", "GRACEFUL"],
                "note": "How.",
            },
        },
        "nested": {
            "NetworkConfiguration": {
                "SubnetIds": {
                    "terraform": "network_configuration.subnet_ids (set)",
                    "api": {"min": 2, "max": 2, "pattern": "subnet-.+"},
                    "rule": "private",
                }
            }
        },
    },
    "runtime.yaml": {
        "meta": {"docs": "a snapshot"},
        "config_forced_by_mwaa": {
            "all_images": ["core.executor", "core.load_examples=False"],
            "metrics_all_images": "all reset; user's statsd_on / metrics_allow_list are handed to a filter",
            "v2_only (2.9.2-2.11.2)": ["webserver.cookie_secure=true"],
            "v3.0.6": ["celery.extra_celery_config (merged; MWAA's keys win)", "core.auth_manager (FAB)"],
            "ignored_per_docs": ["celery.worker_concurrency"],
            "environ_essential": ["AWS_EXECUTION_ENV=Amazon", "MWAA_COMMAND"],
            "source": ["images/airflow.py", "https://docs.example/tuning"],
            "confidence": "high",
        },
        "config_defaults_changed_by_mwaa": {
            "all_images": {"secrets.backend_kwargs": {"mwaa": "{}", "effect": "guards"}},
            "3.0.6_and_later": {"workers.kwargs": "same pattern as secrets.backend_kwargs", "api.server": "gunicorn"},
            "environ": {"CLASSPATH": "x"},
            "documented_defaults": {"core.dagbag_import_timeout": 30},
            "source": ["images/airflow.py"],
            "confidence": "high",
        },
        "mwaa_specific_options": {"mwaa.triggerer_enabled": {"default": "True"}, "source": DOCS, "confidence": "high"},
        "protected_environment": {
            "code_list_all_images": ["AIRFLOW_HOME", "AWS_EXECUTION_ENV"],
            "plus_prefix": "MWAA__",
            "added_in": {"3.0.6+": ["AIRFLOW__API__BASE_URL"]},
            "source": "images/setup.py",
            "confidence": "high",
            "docs_reserved_list": ["AIRFLOW_HOME", "PYTHONPATH (2.9+ only)"],
            "docs_list_source": "https://docs.example/startup",
            "docs_list_confidence": "high",
            "conflict": "none",
        },
        "startup_script": {"max_execution": "5 minutes (timeout 4m55s)"},
    },
    "requirements_behaviour.yaml": {"meta": {"code_versions_compared": ["3.0.6", "2.10.3"]}},
    "pins/2.6.3.json": pins(
        "2.6.3", "3.10", {}, essential_known=False, python_full=None, preinstalled_derived={"six": "1"}
    ),
    "pins/2.10.3.json": pins("2.10.3", "3.11", {"SQLAlchemy": "1.4.54"}),
    "pins/3.0.6.json": pins("3.0.6", "3.12", {"sqlalchemy": "1.4.54"}),
}
PLAN: dict[str, Any] = {
    "skip_keys": ["source", "confidence", "note"],
    "facts": {
        "limits": ["environment_classes", "scaling_limits"],
        "support_policy": ["versions", "support_policy"],
        "startup": {
            "path": ["runtime", "startup_script"],
            "source": ["https://docs.example/startup (the note)"],
            "confidence": "medium",
        },
    },
    "added": {
        "startup.time_limit_seconds": {
            "value": 295,
            "source": ["images/setup.py"],
            "confidence": "high",
            "evidence": ["runtime", "startup_script", "max_execution"],
            "contains": "4m55s",
        },
        "constraints.forced.observed_from": {
            "value": "2.5.1",
            "source": ["https://issues.example/1"],
            "confidence": "medium",
        },
    },
    "disagreements": [{"rule": "MW116", "assumed": "no git", "fact": "git"}],
}


class Folder:
    """A folder of facts that a test may damage before it runs the generator."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.out = path / "data"
        self.facts = copy.deepcopy(FACTS)
        self.plan = copy.deepcopy(PLAN)

    def write(self) -> None:
        (self.path / "facts" / "pins").mkdir(parents=True, exist_ok=True)
        for name, content in self.facts.items():
            dump = json.dumps if name.endswith(".json") else yaml.safe_dump
            (self.path / "facts" / name).write_text(dump(content), encoding="utf-8")
        (self.path / "plan.yaml").write_text(yaml.safe_dump(self.plan), encoding="utf-8")

    def run(self, *options: str, out: Path | None = None) -> int:
        self.write()
        paths = [
            "--facts",
            str(self.path / "facts"),
            "--plan",
            str(self.path / "plan.yaml"),
            "--out",
            str(out or self.out),
        ]
        return main([*paths, *options])

    def read(self, name: str) -> Any:
        return json.loads((self.out / name).read_text(encoding="utf-8"))

    def files(self) -> list[str]:
        return sorted(path.relative_to(self.out).as_posix() for path in self.out.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def generated(folder: Folder) -> Folder:
    assert folder.run() == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- what is written ------------------------------------------------------------------------------------------------


def test_the_files_are_those_of_the_catalogue(generated: Folder) -> None:
    assert generated.files() == sorted([*FILES, *PINS])


def test_two_runs_are_identical_to_the_byte(generated: Folder, tmp_path: Path) -> None:
    assert generated.run(out=tmp_path / "again") == 0
    assert contents(tmp_path / "again") == contents(generated.out)


def test_the_order_of_the_facts_does_not_matter(generated: Folder, tmp_path: Path) -> None:
    def backwards(value: Any) -> Any:
        return {key: backwards(value[key]) for key in sorted(value, reverse=True)} if isinstance(value, dict) else value

    generated.write()
    for name, content in generated.facts.items():
        text = (
            json.dumps(backwards(content))
            if name.endswith(".json")
            else yaml.safe_dump(backwards(content), sort_keys=False)
        )
        (generated.path / "facts" / name).write_text(text, encoding="utf-8")
    given = ["--facts", str(generated.path / "facts"), "--plan", str(generated.path / "plan.yaml")]
    assert main([*given, "--out", str(tmp_path / "again")]) == 0
    assert contents(tmp_path / "again") == contents(generated.out)


def test_the_hash_seed_does_not_matter(generated: Folder, tmp_path: Path) -> None:
    given = ["--facts", str(generated.path / "facts"), "--plan", str(generated.path / "plan.yaml")]
    command = [sys.executable, str(Path(refresh_catalog.__file__)), *given, "--out", str(tmp_path / "again")]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "7"}, cwd=tmp_path)
    assert contents(tmp_path / "again") == contents(generated.out)


def test_no_temporary_file_stays_behind(generated: Folder) -> None:
    assert [name for name in generated.files() if not name.endswith(".json")] == []


def test_files_of_versions_that_are_gone_are_removed_and_tables_stay(generated: Folder) -> None:
    (generated.out / "pins" / "1.10.12.json").write_text("{}")
    (generated.out / "tables").mkdir()
    (generated.out / "tables" / "kept.json").write_text("{}")
    assert generated.run() == 0
    assert generated.files() == sorted([*FILES, *PINS, "tables/kept.json"])


def test_a_release(generated: Folder) -> None:
    assert generated.read("releases.json")["releases"]["2.10.3"] == {
        "python": "3.11",
        "mwaa_release": "2024-12-18",
        "upstream_release": "2024-11-04",
        "end_of_support": None,
        "creatable": True,
        "os": "AL2023",
        "constraints_url": "https://constraints.example/2.10.3/3.11.txt",
        "source": DOCS,
        "confidence": "high",
        "mwaa_release_conflict": "or a day later",
    }


def test_an_ended_release_has_the_source_of_its_own_table(generated: Folder) -> None:
    row = generated.read("releases.json")["releases"]["2.6.3"]
    assert (row["end_of_support"], row["source"], row["confidence"]) == (
        "2025-12-30",
        f"{DOCS}#ended",
        "medium",
    )


def test_the_latest_version(generated: Folder) -> None:
    assert generated.read("releases.json")["latest"] == {"value": "3.0.6", "source": [DOCS], "confidence": "high"}


def test_the_date_of_the_facts_is_on_every_file(generated: Folder) -> None:
    assert {generated.read(name)["date"] for name in generated.files()} == {"2026-11-22"}


def test_names_of_packages_are_normalised(generated: Folder) -> None:
    document = generated.read("pins/2.10.3.json")
    assert document["constraints"] == {"flask-login": "0.6.3", "zope-interface": "7.1", "boto3": "1.35.0"}
    assert document["essential"] == {"sqlalchemy": "1.4.54"}


def test_essential_pins_are_known_unless_the_facts_say_otherwise(generated: Folder) -> None:
    known = {name: generated.read(name)["essential_known"] for name in PINS}
    assert known == {"pins/2.10.3.json": True, "pins/2.6.3.json": False, "pins/3.0.6.json": True}


def test_classes_are_ranked_by_their_capacity(generated: Folder) -> None:
    document = generated.read("classes.json")
    assert {name: row["rank"] for name, row in document["classes"].items()} == {"mw1.micro": 0, "mw1.small": 1}
    assert document["source"] == ["https://docs.example/classes"]


def test_a_class_with_a_shared_container_takes_its_size(generated: Folder) -> None:
    assert generated.read("classes.json")["classes"]["mw1.micro"] == {
        "rank": 0,
        "dag_capacity": 25,
        "tasks_per_worker": 3,
        "worker_autoscale_default": "3,0",
        "worker_ram_gb": 3,
        "worker_vcpu": 1,
        "autoscaling": False,
        "parsing_processes_max": None,
        "triggerer_default_capacity": None,
    }


def test_prices_that_are_not_known_are_null_and_remarks_are_no_class(generated: Folder) -> None:
    document = generated.read("prices.json")
    assert list(document["regions"]) == ["us-east-1"]
    region = document["regions"]["us-east-1"]
    assert list(region["classes"]) == ["mw1.micro", "mw1.small"]
    assert set(region["classes"]["mw1.micro"].values()) == {None}
    assert region["classes"]["mw1.small"]["additional_webserver_per_hour"] == 0.028
    assert (region["confidence"], region["webserver_confidence"]) == ("high", "medium")


def test_forced_options_name_the_images_they_were_found_in(generated: Folder) -> None:
    rows = generated.read("options.json")["tables"]["forced"]["rows"]
    assert rows == {
        "core.executor": [{"versions": ["2.10.3", "3.0.6"], "value": None, "note": None}],
        "core.load_examples": [{"versions": ["2.10.3", "3.0.6"], "value": "False", "note": None}],
        "webserver.cookie_secure": [{"versions": ["2.10.3"], "value": "true", "note": None}],
        "core.auth_manager": [{"versions": ["3.0.6"], "value": None, "note": "FAB"}],
    }


def test_merged_and_ignored_options(generated: Folder) -> None:
    tables = generated.read("options.json")["tables"]
    merged = {"versions": ["3.0.6"], "value": None, "note": "merged; MWAA's keys win"}
    assert tables["merged"]["rows"] == {"celery.extra_celery_config": [merged]}
    assert tables["ignored"]["rows"] == {"celery.worker_concurrency": [{"from": None}]}
    assert tables["ignored"]["source"] == ["https://docs.example/tuning"]


def test_changed_defaults_follow_references(generated: Folder) -> None:
    rows = generated.read("options.json")["tables"]["defaults"]["rows"]
    assert rows == {
        "secrets.backend_kwargs": [
            {"versions": ["2.10.3", "3.0.6"], "value": "{}", "upstream": None, "note": "guards"}
        ],
        "workers.kwargs": [{"versions": ["3.0.6"], "value": "{}", "upstream": None, "note": None}],
        "api.server": [{"versions": ["3.0.6"], "value": "gunicorn", "upstream": None, "note": None}],
    }


def test_the_metrics_section_is_forced_as_a_whole_with_exceptions(generated: Folder) -> None:
    section = generated.read("options.json")["forced_sections"]["metrics"]
    assert (section["handed_on"], section["versions"]) == (["statsd_on", "metrics_allow_list"], ["2.10.3", "3.0.6"])


def test_protected_variables_keep_the_version_they_hold_from(generated: Folder) -> None:
    document = generated.read("protected.json")
    assert document["code"]["variables"] == {
        "AIRFLOW_HOME": {"from": "2.10.3"},
        "AWS_EXECUTION_ENV": {"from": "2.10.3"},
        "MWAA_COMMAND": {"from": "2.10.3"},
        "AIRFLOW__API__BASE_URL": {"from": "3.0.6"},
    }
    assert document["docs"]["variables"] == {"AIRFLOW_HOME": {"from": None}, "PYTHONPATH": {"from": "2.9"}}
    assert document["docs"]["source"] == ["https://docs.example/startup"]


def test_fields_of_the_api(generated: Folder) -> None:
    fields = generated.read("api.json")["fields"]
    assert sorted(fields) == ["Name", "NetworkConfiguration.SubnetIds", "Strategy"]
    assert (fields["Name"]["on_create"], fields["Name"]["max"], fields["Name"]["enum"]) == (True, 80, [])
    assert (fields["Strategy"]["boto3"], fields["Strategy"]["on_create"]) == ("Strategy", False)
    assert fields["NetworkConfiguration.SubnetIds"]["terraform"] == "network_configuration.subnet_ids"


def test_facts_are_flattened_and_point_to_the_source_that_covers_them(generated: Folder) -> None:
    document = generated.read("facts.json")
    assert document["facts"] == {
        "limits.workers.max": {"value": 25, "from": "limits"},
        "limits.schedulers.max": {"value": 5, "from": "limits.schedulers.max"},
        "support_policy.facts": {"value": ["announced >= 180 days ahead"], "from": "support_policy"},
        "startup.max_execution": {"value": "5 minutes (timeout 4m55s)", "from": "startup"},
        "startup.time_limit_seconds": {"value": 295, "from": "startup.time_limit_seconds"},
        "constraints.forced.observed_from": {"value": "2.5.1", "from": "constraints.forced.observed_from"},
    }
    assert document["sources"]["limits"] == {"source": ["https://docs.example/limits"], "confidence": "high"}
    assert document["sources"]["limits.schedulers.max"]["source"] == ["https://docs.example/schedulers"]
    assert document["sources"]["startup"] == {"source": ["https://docs.example/startup"], "confidence": "medium"}


def test_disagreements_are_kept(generated: Folder) -> None:
    assert generated.read("facts.json")["disagreements"] == [{"rule": "MW116", "assumed": "no git", "fact": "git"}]


def test_the_loader_reads_what_the_generator_writes(generated: Folder) -> None:
    catalog = load(generated.out)
    assert list(catalog.releases) == ["2.6.3", "2.10.3", "3.0.6"]
    assert list(catalog.classes) == ["mw1.micro", "mw1.small"]
    price, found, loaded = (
        catalog.price("mw1.micro"),
        catalog.option("webserver.cookie_secure", "2.10.3"),
        catalog.pins("2.6.3"),
    )
    assert price is not None
    assert found is not None
    assert loaded is not None
    assert (price.environment_per_hour, found.value, loaded.preinstalled_derived) == (None, "true", {"six": "1"})
    assert catalog.api_fields["Strategy"].enum == ("FORCED", "GRACEFUL")
    assert catalog.protected_variables("2.10.3").enforced("AIRFLOW__API__BASE_URL") is False
    assert catalog.fact_source("limits.schedulers.max") == ("https://docs.example/schedulers",)


# --- how it is written ----------------------------------------------------------------------------------------------


def test_what_fits_on_a_line_stands_on_one_except_the_whole() -> None:
    document = {"b": {"y": [1, 2], "x": {"k": None}}, "a": "é", "c": {}, "d": []}
    assert render(document) == ('{\n "a": "é",\n "b": {"x": {"k": null}, "y": [1, 2]},\n "c": {},\n "d": []\n}\n')


def test_what_does_not_fit_has_a_line_an_entry() -> None:
    text = render({"pins": {f"package-{number:02}": "1.0" for number in range(20)}})
    assert text.splitlines()[:3] == ["{", ' "pins": {', '  "package-00": "1.0",']
    assert json.loads(text)["pins"]["package-19"] == "1.0"


def test_a_value_json_does_not_know_is_refused() -> None:
    with pytest.raises(FactsError, match="a value of type set has no place in the catalogue"):
        render({"a": {1}})


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    generated: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(generated.out)
    generated.facts["versions.yaml"]["latest_default_version"]["value"] = "2.10.3"

    def full(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        generated.run()
    assert contents(generated.out) == before


# --- --check --------------------------------------------------------------------------------------------------------


def test_check_is_content_with_what_was_just_generated(generated: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert generated.run("--check") == 0
    assert capsys.readouterr().out == ""


def test_check_names_every_file_that_differs_and_writes_nothing(
    generated: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    (generated.out / "classes.json").write_text("{}")
    (generated.out / "prices.json").unlink()
    (generated.out / "pins" / "9.9.9.json").write_text("{}")
    before = contents(generated.out)
    assert generated.run("--check") == 1
    assert capsys.readouterr().out.splitlines() == [
        f"The catalogue in {generated.out} is not what the facts give; run without --check:",
        "  classes.json differs from what the facts give",
        "  pins/9.9.9.json would no longer be generated",
        "  prices.json is missing",
    ]
    assert contents(generated.out) == before


def test_check_sees_a_changed_fact(generated: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    generated.facts["pins/2.10.3.json"]["essential"]["SQLAlchemy"] = "1.4.55"
    assert generated.run("--check") == 1
    assert capsys.readouterr().out.splitlines()[1:] == ["  pins/2.10.3.json differs from what the facts give"]


def test_check_sees_a_changed_line_ending(generated: Folder) -> None:
    path = generated.out / "classes.json"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert generated.run("--check") == 1


def test_check_of_a_folder_that_does_not_exist(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.run("--check") == 1
    assert capsys.readouterr().out.count(" is missing") == len(FILES) + len(PINS)
    assert not folder.out.exists()


# --- malformed facts ------------------------------------------------------------------------------------------------


def damage(folder: Folder, path: list[str | int], value: object) -> None:
    """Sets the value at a path; ``...`` takes the key away."""
    target: Any = folder.plan if path[0] == "plan" else folder.facts
    *keys, last = path[1:] if path[0] == "plan" else path
    for key in keys:
        target = target[key]
    if value is ...:
        del target[last]
    else:
        target[last] = value


CLASSES = "environment_classes.yaml"
US = ["environment_classes.yaml", "pricing", "us-east-1"]
NAME = ["api.yaml", "fields", "Name"]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["versions.yaml", "meta"], ..., "versions.yaml: meta is missing"),
        (
            ["versions.yaml", "meta", "compiled"],
            "soon",
            "versions.yaml: meta.compiled must be a date (YYYY-MM-DD), not 'soon'",
        ),
        (
            ["versions.yaml", "supported_versions", 1, "python"],
            ...,
            "versions.yaml: supported_versions[1].python is missing",
        ),
        (
            ["versions.yaml", "supported_versions", 1, "python"],
            3.11,
            "versions.yaml: supported_versions[1].python must be a text, not '3.11'",
        ),
        (
            ["versions.yaml", "supported_versions", 0, "airflow"],
            "3.x",
            "versions.yaml: supported_versions[0].airflow must be a version, not '3.x'",
        ),
        (
            ["versions.yaml", "supported_versions", 0, "airflow"],
            "2.10.3",
            "versions.yaml: supported_versions[1] repeats Airflow 2.10.3",
        ),
        (
            ["versions.yaml", "supported_versions", 0, "creatable"],
            "yes",
            "versions.yaml: supported_versions[0].creatable must be true or false, not 'yes'",
        ),
        (
            ["versions.yaml", "supported_versions", 0, "end_of_support"],
            ...,
            "versions.yaml: supported_versions[0].end_of_support is missing",
        ),
        (["versions.yaml", "supported_versions"], {}, "versions.yaml: supported_versions must be a list, not '{}'"),
        (["versions.yaml", "supported_versions_source"], ..., "versions.yaml: supported_versions[0] has no source"),
        (
            ["versions.yaml", "supported_versions_confidence"],
            "sure",
            "versions.yaml: supported_versions[0] has no confidence (one of high, medium, low)",
        ),
        (
            ["versions.yaml", "latest_default_version", "value"],
            "3.9.9",
            "versions.yaml: latest_default_version.value must be one of the versions, not '3.9.9'",
        ),
        (
            [CLASSES, "classes", "mw1.small", "dag_capacity"],
            ...,
            f"{CLASSES}: classes.mw1.small.dag_capacity is missing",
        ),
        (
            [CLASSES, "classes", "mw1.small", "dag_capacity"],
            True,
            f"{CLASSES}: classes.mw1.small.dag_capacity must be a whole number, not 'True'",
        ),
        (
            [CLASSES, "classes", "mw1.small", "worker"],
            ...,
            f"{CLASSES}: classes.mw1.small.worker_and_scheduler_shared is missing",
        ),
        ([CLASSES, "classes", "mw1.small"], None, f"{CLASSES}: classes.mw1.small must be a mapping, not 'None'"),
        (
            [*US, "environment_per_hour", "mw1.small"],
            -1,
            f"{CLASSES}: pricing.us-east-1.environment_per_hour.mw1.small must be a number, not negative, not '-1'",
        ),
        (
            [*US, "environment_per_hour", "mw1.small"],
            "cheap",
            f"{CLASSES}: pricing.us-east-1.environment_per_hour.mw1.small must be a number, not negative, not 'cheap'",
        ),
        (
            [*US, "additional_worker_per_hour"],
            ...,
            f"{CLASSES}: pricing.us-east-1.additional_worker_per_hour is missing",
        ),
        ([*NAME, "required_cfn"], ..., "api.yaml: fields.Name.required_cfn is missing"),
        ([*NAME, "boto3"], None, "api.yaml: fields.Name.boto3 must be a text, not 'None'"),
        (
            ["runtime.yaml", "config_forced_by_mwaa", "all_images", 0],
            "the rest",
            "runtime.yaml: config_forced_by_mwaa.all_images[0] must be section.option[=value] [(note)], not 'the rest'",
        ),
        (
            ["runtime.yaml", "config_forced_by_mwaa", "metrics_all_images"],
            "all reset",
            (
                "runtime.yaml: config_forced_by_mwaa.metrics_all_images"
                " must say which of the user's options are handed on, not 'all reset'"
            ),
        ),
        (
            ["runtime.yaml", "protected_environment", "conflict"],
            ...,
            "runtime.yaml: protected_environment.conflict is missing",
        ),
        (
            ["requirements_behaviour.yaml", "meta", "code_versions_compared"],
            ["three"],
            "requirements_behaviour.yaml: meta.code_versions_compared[0] must be a version, not 'three'",
        ),
        (["pins/2.10.3.json", "constraints"], ..., "pins/2.10.3.json: constraints is missing"),
        (
            ["pins/2.10.3.json", "constraints", "boto3"],
            None,
            "pins/2.10.3.json: constraints.boto3 must be a text, not 'None'",
        ),
        (
            ["pins/2.10.3.json", "constraints", "flask-login"],
            "0.6.2",
            "pins/2.10.3.json: constraints.flask-login repeats flask-login",
        ),
        (
            ["pins/2.10.3.json", "essential_known"],
            False,
            "pins/2.10.3.json: essential_known contradicts essential, which has 1 packages",
        ),
        (["pins/2.10.3.json", "python"], "3.12", "pins/2.10.3.json: airflow and python must be 2.10.3 and 3.11"),
        (["plan", "facts", "more"], ["versions", "absent"], "versions.yaml: absent is missing"),
        (["plan", "facts", "more"], ["absent", "key"], "absent.yaml cannot be read: No such file or directory"),
        (
            ["plan", "facts", "more"],
            ["runtime", "startup_script"],
            "runtime.yaml: startup_script.max_execution has no source",
        ),
        (
            ["plan", "facts", "startup.time_limit_seconds"],
            ["environment_classes", "scaling_limits", "workers", "max"],
            "plan.yaml: added.startup.time_limit_seconds repeats the name startup.time_limit_seconds",
        ),
        (
            ["plan", "added", "startup.time_limit_seconds", "contains"],
            "9m",
            (
                "runtime.yaml: startup_script.max_execution must contain '9m', on which plan.yaml:"
                " added.startup.time_limit_seconds rests, not '5 minutes (timeout 4m55s)'"
            ),
        ),
        (["plan", "disagreements", 0, "fact"], ..., "plan.yaml: disagreements[0].fact is missing"),
    ],
)
def test_malformed_facts_give_a_sentence_and_write_nothing(
    folder: Folder, capsys: pytest.CaptureFixture[str], path: list[str | int], value: object, sentence: str
) -> None:
    damage(folder, path, value)
    assert folder.run() == 2
    assert capsys.readouterr().err == f"refresh_catalog: {sentence}\n"
    assert not folder.out.exists()


def test_pins_missing_for_a_version(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    del folder.facts["pins/2.6.3.json"]
    assert folder.run() == 2
    assert capsys.readouterr().err == "refresh_catalog: pins/2.6.3.json is missing\n"


def test_pins_of_a_version_that_is_not_listed(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.facts["pins/2.9.1.json"] = pins("2.9.1", "3.11", {})
    assert folder.run() == 2
    assert capsys.readouterr().err == "refresh_catalog: pins/2.9.1.json is for no version of versions.yaml\n"


def test_essential_pins_declared_known_and_left_empty(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.facts["pins/2.6.3.json"]["essential_known"] = True
    assert folder.run() == 2
    assert "essential_known contradicts essential, which has 0 packages" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00", b"a: !!python/object:os.system {}", b"[" * 3000])
def test_a_file_that_cannot_be_parsed_is_named(
    folder: Folder, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    folder.write()
    (folder.path / "facts" / "api.yaml").write_bytes(content)
    given = ["--facts", str(folder.path / "facts"), "--plan", str(folder.path / "plan.yaml"), "--out", str(folder.out)]
    assert main(given) == 2
    assert capsys.readouterr().err.startswith("refresh_catalog: api.yaml cannot be parsed: ")


def test_a_file_that_is_no_mapping(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.facts["runtime.yaml"] = ["a"]
    assert folder.run() == 2
    assert capsys.readouterr().err == "refresh_catalog: runtime.yaml must be a mapping, not \"['a']\"\n"


def test_malformed_facts_leave_what_was_generated_before(generated: Folder) -> None:
    before = contents(generated.out)
    generated.facts["pins/3.0.6.json"] = {}
    assert generated.run() == 2
    assert contents(generated.out) == before


def test_a_folder_of_facts_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--facts", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "refresh_catalog: versions.yaml cannot be read: No such file or directory\n"


def test_the_folder_of_facts_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "--facts" in capsys.readouterr().err


# --- reading --------------------------------------------------------------------------------------------------------


def test_the_nearest_source_covers_a_fact() -> None:
    document = {
        "a": {"source": "s1", "confidence": "high for now", "b": {"c": 1}, "d_source": ["s2"], "d": 2},
    }
    node = Node(document, "f.yaml: ").at(("a",))
    assert node.at(("b", "c")).provenance() == {"source": ["s1"], "confidence": "high"}
    assert node["d"].provenance() == {"source": ["s2"], "confidence": "high"}


def test_several_sources_in_one_text_are_parted() -> None:
    node = Node({"a": {"source": "botocore; with models; https://a.example/x (read once)", "confidence": "low"}}, "")
    assert node["a"].source == ("botocore; with models", "https://a.example/x")


def test_the_images_are_ordered_by_number(folder: Folder) -> None:
    folder.facts["requirements_behaviour.yaml"]["meta"]["code_versions_compared"] = ["2.10.3", "3.0.6", "2.9.2"]
    folder.write()
    assert Facts(folder.path / "facts").images() == ["2.9.2", "2.10.3", "3.0.6"]


def test_parsing_a_missing_file_names_it_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"^absent.yaml cannot be read: No such file or directory$"):
        parse(tmp_path / "absent.yaml", yaml.safe_load)


def test_the_plan_that_comes_with_the_tool_covers_the_facts_of_the_catalogue() -> None:
    plan = yaml.safe_load(refresh_catalog.PLAN.read_text(encoding="utf-8"))
    names = json.loads((refresh_catalog.OUT / "facts.json").read_text(encoding="utf-8"))["facts"]
    planned = [*plan["facts"], *plan["added"]]
    assert [name for name in names if not any(name == p or name.startswith(f"{p}.") for p in planned)] == []
    assert [p for p in planned if not any(name == p or name.startswith(f"{p}.") for name in names)] == []
