"""The generator of the table of Airflow's options, on small wheels made here."""

from __future__ import annotations

import json
import subprocess
import zipfile
from datetime import date
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mwaalint.catalog import load, version_key
from tools import refresh_options
from tools.option_wheels import Described, Snapshot, WheelError, snapshot
from tools.refresh_catalog import render
from tools.refresh_options import OUT, document, fetch, main, plan, rows

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "airflow/config_templates/config.yml"
OLD_CONFIG = """
- name: core
  options:
    - name: parallelism
      version_added: ~
      type: string
      default: "32"
    - name: dag_concurrency
      default: "16"
- name: Celery
  options:
    - name: BROKER_URL
      sensitive: true
      default: "redis://"
- name: smart
  options: []
"""
NEW_CONFIG = """
core:
  options:
    parallelism: {type: integer, default: "32", version_added: ~}
    max_active_tasks_per_dag: {type: integer, default: "16", version_added: 2.2.0}
    empty: {type: integer, default: ""}
    bare:
smart:
  options: ~
"""
PARSER = """
class AirflowConfigParser:
    deprecated_options: dict[tuple[str, str], tuple[str, str, str]] = {
        ("core", "max_active_tasks_per_dag"): ("core", "dag_concurrency", "2.2"),
    }
    many_to_one_deprecated_options = {
        ("core", "parallelism"): [("celery", "one", "2.6.0"), ("celery", "two", "2.6.0")],
    }
    deprecated_sections = {"core": ("kernel", "2.5.0")}
    deprecated_values = {"core": {"hostname": ("a", "b", "2.0")}}
"""
LINT = """
CONFIGS_CHANGES = [
    ConfigChange(config=ConfigParameter("core", "gone"), suggestion="none"),
    ConfigChange(config=ConfigParameter("core", option="old"), renamed_to=ConfigParameter("api", "new")),
    ConfigChange(config=ConfigParameter("core", "executor"), default_change=True, was_removed=False),
    ConfigChange(config=ConfigParameter("core", "hostname"), was_removed=True, remove_if_equals=":"),
]
"""


def wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    path = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, dedent(text))
    return path


def core(folder: Path, version: str = "2.10.3", config: str = NEW_CONFIG, **files: str) -> Path:
    names = {
        "parser": "airflow/configuration.py",
        "lint": "airflow/cli/commands/config_command.py",
        "code": "airflow/a.py",
    }
    return wheel(
        folder, f"apache_airflow-{version}", {CONFIG: config} | {names[key]: text for key, text in files.items()}
    )


def provider(folder: Path, name: str, metadata: object, code: str = "") -> Path:
    place = f"airflow/providers/{name.replace('_', '/')}"
    files = {
        f"{place}/get_provider_info.py": f"def get_provider_info():\n    return {metadata!r}\n",
        f"{place}/a.py": code,
    }
    return wheel(folder, f"apache_airflow_providers_{name}-1.0.0", files)


# ---- one version's wheels -------------------------------------------------------------------------------------------


def test_both_forms_of_the_description_are_read(tmp_path: Path) -> None:
    old = snapshot("2.0.2", core(tmp_path, "2.0.2", OLD_CONFIG)).options
    assert old == {
        "core.parallelism": Described("string", "32", sensitive=False, added="", provider=""),
        "core.dag_concurrency": Described("string", "16", sensitive=False, added="", provider=""),
        "celery.broker_url": Described("string", "redis://", sensitive=True, added="", provider=""),
    }
    new = snapshot("2.10.3", core(tmp_path)).options
    assert new["core.max_active_tasks_per_dag"] == Described("integer", "16", False, "2.2.0", "")
    assert new["core.bare"] == Described("string", None, False, "", "")


def test_old_names_that_are_still_read(tmp_path: Path) -> None:
    renamed = snapshot("2.10.3", core(tmp_path, parser=PARSER)).renamed
    assert renamed["core.dag_concurrency"] == ("core.max_active_tasks_per_dag", "2.2")
    assert renamed["celery.one"] == renamed["celery.two"] == ("core.parallelism", "2.6.0")
    assert renamed["kernel.bare"] == ("core.bare", "2.5.0")
    assert "core.hostname" not in renamed


def test_airflow_1_named_no_sections_there(tmp_path: Path) -> None:
    parser = "deprecated_options = {'celery': {'broker_url': 'celery_broker_url'}, ('core', 'a'): ('core', 'b')}\n"
    assert snapshot("1.10.12", core(tmp_path, parser=parser)).renamed == {"core.b": ("core.a", "")}


def test_what_airflow_lints_itself(tmp_path: Path) -> None:
    assert snapshot("3.0.6", core(tmp_path, lint=LINT)).linted == {"core.gone": "", "core.old": "api.new"}


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("conf.get('core', 'Mp_Start')", {"core.mp_start"}),
        ("airflow.configuration.conf.getboolean('core', 'a', fallback=None)", {"core.a"}),
        ("conf.getint(section='core', key='a')", {"core.a"}),
        ("conf.has_option('core', 'a')", {"core.a"}),
        ("conf.get('core', name)", set()),
        ("conf.get('core')", set()),
        ("conf.set('core', 'a', 'b')", set()),
        ("response.get('core', 'a')", set()),
        ("conf.get('core', 'not a name')", set()),
        ("get('core', 'a')", set()),
    ],
)
def test_options_that_code_asks_for(code: str, read: set[str], tmp_path: Path) -> None:
    assert snapshot("2.10.3", core(tmp_path, code=code)).read == read


def test_sections_that_are_read_as_a_whole(tmp_path: Path) -> None:
    code = "conf.getsection('sentry')\n'x' in conf.getsection('webserver')\nconf.getsection(name)\n"
    assert snapshot("2.10.3", core(tmp_path, code=code)).free == {"sentry"}


def test_a_provider_describes_its_own_options(tmp_path: Path) -> None:
    metadata = {"config": {"fab": {"options": {"cookie_secure": {"type": "boolean", "version_added": "2.0.0"}}}}}
    fab = provider(tmp_path, "fab", metadata, "conf.get('fab', 'extra')")
    plain = provider(tmp_path, "common_io", {"config": None})
    found = snapshot("3.2.1", core(tmp_path), [fab, plain])
    assert found.options["fab.cookie_secure"] == Described("boolean", None, False, "", "fab")
    assert found.read == {"fab.extra"}


def test_a_wheel_without_a_description_is_no_airflow(tmp_path: Path) -> None:
    with pytest.raises(WheelError, match=r"config\.yml"):
        snapshot("3.2.1", wheel(tmp_path, "apache_airflow-3.2.1", {"airflow/__init__.py": ""}))


# ---- all versions together ------------------------------------------------------------------------------------------


def snap(
    airflow: str,
    *names: str,
    renamed: dict[str, tuple[str, str]] | None = None,
    linted: dict[str, str] | None = None,
    read: tuple[str, ...] = (),
    added: str = "",
    kind: str = "string",
) -> Snapshot:
    options = {name: Described(kind, "1", sensitive=False, added=added, provider="") for name in names}
    return Snapshot(airflow, options, renamed or {}, linted or {}, frozenset(read), frozenset())


def changes(name: str, *snapshots: Snapshot) -> list[tuple[str, str | None, bool]]:
    found = rows(snapshots)[name].get("changes", [])
    return [(stage["from"], stage["to"], stage["read"]) for stage in found]


def test_an_option_of_all_versions_needs_no_words() -> None:
    assert rows([snap("2.0.0", "core.a"), snap("2.1.0", "core.a")]) == {"core.a": {}}


@pytest.mark.parametrize(
    ("added", "since"),
    [("2.0.1", "2.0.1"), ("2.1", "2.1.0"), ("", "2.1.0"), ("2.0.0", "2.1.0"), ("3.0.0", "2.1.0"), ("soon", "2.1.0")],
)
def test_the_version_an_option_came_with(added: str, since: str) -> None:
    assert rows([snap("2.0.0"), snap("2.1.0", "core.a", added=added)]) == {"core.a": {"since": since}}


def test_types_and_defaults_are_kept_for_what_is_no_text() -> None:
    assert rows([snap("2.0.0", "core.a", kind="string")]) == {"core.a": {}}
    assert rows([snap("2.0.0", "core.a", kind="integer")]) == {"core.a": {"type": "integer", "default": "1"}}
    assert rows([snap("2.0.0", "core.a", kind="object")]) == {"core.a": {"type": "object"}}


def test_what_only_code_knows_counts_in_known_sections() -> None:
    found = rows([snap("2.0.0", "core.a", read=("core.b", "strange.c"))])
    assert found == {"core.a": {}, "core.b": {"code": True}}


def test_a_name_is_renamed_and_then_forgotten() -> None:
    first = snap("2.0.0", "core.old")
    second = snap("2.3.0", "core.new", renamed={"core.old": ("core.new", "2.2")})
    third = snap("3.0.0", "core.new", linted={"core.old": "core.new"})
    assert changes("core.old", first, second, third) == [("2.2.0", "core.new", True), ("3.0.0", "core.new", False)]


def test_a_forgotten_name_keeps_its_last_successor() -> None:
    second = snap("2.3.0", "core.new", renamed={"core.old": ("core.new", "2.2.0")})
    third = snap("3.0.0", "core.new")
    assert changes("core.old", second, third)[-1] == ("3.0.0", "core.new", False)
    assert changes("core.old", second, snap("3.0.0", "core.other"))[-1] == ("3.0.0", None, False)


def test_of_a_chain_of_names_the_first_is_not_read() -> None:
    last = snap("2.6.0", "c.c", renamed={"a.a": ("b.b", "2.0.0"), "b.b": ("c.c", "2.6.0")})
    assert changes("a.a", last) == [("2.0.0", "c.c", False)]
    assert changes("b.b", last) == [("2.6.0", "c.c", True)]


def test_names_in_a_circle_lead_nowhere() -> None:
    circle = snap("2.6.0", "c.c", renamed={"a.a": ("b.b", "2.0.0"), "b.b": ("a.a", "2.0.0")})
    assert changes("a.a", circle) == [("2.0.0", None, False)]


def test_an_option_that_nobody_reads_any_more_is_removed() -> None:
    first = snap("2.0.0", "core.a", "core.b")
    assert changes("core.a", first, snap("2.1.0", "core.b")) == [("2.1.0", None, False)]
    assert changes("core.a", first, snap("2.1.0", "core.b", read=("core.a",))) == []


def test_an_option_that_comes_back_was_not_removed() -> None:
    assert changes("core.a", snap("2.0.0", "core.a"), snap("2.1.0"), snap("2.2.0", "core.a")) == []


def test_what_airflow_lints_and_never_had_is_left_out() -> None:
    assert "policy.a" not in rows([snap("3.0.0", "core.a", linted={"policy.a": "policy.b"})])


def test_a_version_of_a_rename_that_was_corrected_later() -> None:
    first = snap("2.0.0", "a.old")
    second = snap("2.6.0", "a.new", renamed={"a.old": ("a.new", "2.5.3")})
    third = snap("2.7.0", "a.new", renamed={"a.old": ("a.new", "2.6.0")})
    assert changes("a.old", first, second, third) == [("2.6.0", "a.new", True)]


# ---- packages -------------------------------------------------------------------------------------------------------


def test_every_version_on_mwaa_and_the_first_of_every_minor_version_are_read() -> None:
    catalog = load()
    packages = plan(catalog)
    assert set(catalog.releases) < set(packages)
    assert {"2.1.0", "2.3.0", "3.0.0", "3.1.0", "3.3.0"} < set(packages)
    assert list(packages) == sorted(packages, key=version_key)
    assert packages["2.10.3"][:2] == ["apache-airflow==2.10.3", "apache-airflow-providers-amazon==9.0.0"]
    assert packages["3.0.6"][:2] == ["apache-airflow-core==3.0.6", "apache-airflow-task-sdk==1.0.6"]


def test_a_version_that_mwaa_never_had_has_the_providers_of_the_next() -> None:
    packages = plan(load())
    assert packages["3.1.0"][2:] == packages["3.2.1"][2:]


def test_a_wheel_that_is_there_is_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    path = core(tmp_path, "2.10.3")
    assert fetch("apache-airflow==2.10.3", tmp_path) == path


def test_a_wheel_is_downloaded_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        core(tmp_path, "2.10.3")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert fetch("apache-airflow==2.10.3", tmp_path).name.startswith("apache_airflow-2.10.3-")
    (command,) = commands
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary", "apache-airflow==2.10.3"} < set(command)
    assert not any("http" in word or "index" in word for word in command)


def test_a_wheel_that_cannot_be_had_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: first\nERROR: No matching distribution found\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    out = tmp_path / "out.json"
    assert main(["--date", "2026-11-25", "--wheels", str(tmp_path), "--out", str(out)]) == 2
    assert not out.exists()
    assert capsys.readouterr().err == (
        "refresh_options: apache-airflow==1.10.12: ERROR: No matching distribution found\n"
    )


def test_the_table_is_written_with_its_source_and_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core(tmp_path, "2.0.2", OLD_CONFIG, code="conf.getsection('sentry')")
    core(tmp_path, "2.10.3", NEW_CONFIG, parser=PARSER)
    packages = {"2.0.2": ["apache-airflow==2.0.2"], "2.10.3": ["apache-airflow==2.10.3"]}
    monkeypatch.setattr(refresh_options, "plan", lambda _: packages)
    out = tmp_path / "out.json"
    assert main(["--date", "2026-11-25", "--wheels", str(tmp_path), "--out", str(out)]) == 0
    written: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert (written["date"], written["versions"], written["free"]) == ("2026-11-25", ["2.0.2", "2.10.3"], ["sentry"])
    assert written["source"][-1] == "as packaged in apache-airflow"
    assert written["rows"]["core.dag_concurrency"]["changes"] == [
        {"from": "2.2.0", "to": "core.max_active_tasks_per_dag", "read": True}
    ]
    assert written["rows"]["celery.broker_url"]["changes"] == [{"from": "2.10.3", "to": None, "read": False}]


# ---- the table that is shipped --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OUT.read_text(encoding="utf-8"))
    return found


def test_the_shipped_table_is_in_the_generators_own_form(shipped: dict[str, Any]) -> None:
    assert OUT.read_text(encoding="utf-8") == render(shipped)
    assert shipped["versions"] == list(plan(load()))
    packages = [name for names in plan(load()).values() for name in names]
    empty = document([], packages, date.fromisoformat(shipped["date"]))
    assert (shipped["about"], shipped["source"]) == (empty["about"], empty["source"])


def test_the_stages_of_a_name_are_in_order_and_after_its_start(shipped: dict[str, Any]) -> None:
    for name, row in shipped["rows"].items():
        begun = [version_key(stage["from"]) for stage in row.get("changes", ())]
        assert begun == sorted(set(begun)), name
        assert version_key(row.get("since", "0")) < min(begun, default=(99,)), name


def test_a_new_name_is_one_that_the_version_reads(shipped: dict[str, Any]) -> None:
    catalog = load()
    known = {airflow: catalog.airflow_option_names(airflow) for airflow in shipped["versions"]}
    for name, row in shipped["rows"].items():
        for airflow in shipped["versions"]:
            changed = catalog.option_change(name, airflow)
            assert changed is None or not changed.to or changed.to in known[airflow], (name, airflow)
        assert all(stage["to"] or not stage["read"] for stage in row.get("changes", ())), name


def test_what_mwaa_is_known_to_set_are_options_of_airflow(shipped: dict[str, Any]) -> None:
    catalog = load()
    for table in catalog._document("options")["tables"].values():
        for name, mwaa in table["rows"].items():
            for airflow in {version for row in mwaa for version in row.get("versions", ())}:
                changed = catalog.option_change(name, airflow)
                assert name in catalog.airflow_option_names(airflow) or changed is not None, (name, airflow)
