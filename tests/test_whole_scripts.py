"""Whole migration and startup scripts, as they are found and repaired: exactly what is marked is reported.

The startup scripts are run in a container's wrapper as well, to see that they come to the end that is foretold.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mwaalint import api
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from tests.deployments import TODAY, check
from tests.startup_wrapper import Container

FIXTURES = Path(__file__).parent / "fixtures"
_EXPECTED = re.compile(r"# expect: (?P<codes>MW\d{3}(?: MW\d{3})*)$")
STARTUP = "config/startup.sh"
COMPONENTS = ("scheduler", "worker", "webserver", "hybrid")


def expected(root: Path) -> list[str]:
    """The marks of a folder's files, as path:line code."""
    return sorted(
        f"{path.relative_to(root).as_posix()}:{number} {code}"
        for path in root.rglob("*")
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (mark := _EXPECTED.search(line))
        for code in mark["codes"].split()
    )


def found(root: Path) -> list[str]:
    result = check(root)
    assert not result.crashed
    return sorted(
        f"{each.primary.path}:{result.sources[each.primary.path].position(each.primary.span.start).line} {each.code}"
        for each in result.findings
    )


@pytest.mark.parametrize("name", ["migration/as_found", "startup/as_found"])
def test_what_is_marked_is_found_and_nothing_else(name: str) -> None:
    assert found(FIXTURES / name) == expected(FIXTURES / name) != []


@pytest.mark.parametrize("name", ["migration/repaired", "startup/repaired", "startup/templated"])
def test_nothing_is_said_of_what_is_repaired(name: str) -> None:
    assert found(FIXTURES / name) == expected(FIXTURES / name) == []


def codes(root: Path) -> set[str]:
    return {each.partition(" ")[2] for each in found(root)}


def test_each_way_to_lose_a_migration_is_shown() -> None:
    marked = {each.partition(" ")[2] for each in expected(FIXTURES / "migration/as_found")}
    assert marked >= {"MW104", *(f"MW7{number:02}" for number in (2, 3, 4, 5, 6, 7, 9, 10, 11, 12))}


def test_each_way_to_lose_a_container_is_shown() -> None:
    marked = {each.partition(" ")[2] for each in expected(FIXTURES / "startup/as_found")}
    assert marked == {f"MW6{number:02}" for number in range(1, 15) if number != 13}


@pytest.fixture
def copied(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / request.param, tmp_path / "project")
    return tmp_path / "project"


def change(root: Path, path: str, before: str, after: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert before in text
    (root / path).write_text(text.replace(before, after), encoding="utf-8", newline="")


@pytest.mark.parametrize("copied", ["migration/repaired"], indirect=True)
def test_on_airflow_3_the_same_scripts_are_blocked_altogether(copied: Path) -> None:
    change(copied, "main.tf", "2.10.3", "3.0.6")
    assert "MW708" in codes(copied)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("null as trigger_id", "trigger_id", "MW706"),
        ("queued_at, data_interval_start", "null as queued_at, data_interval_start", "MW712"),
        (", 'import_history', 'import_logs'", "", "MW710"),
        (', trigger_rule="one_failed"', "", "MW702"),
        ("tf.task_id, tf.run_id", "tf.run_id, tf.task_id", "MW703"),
        ("select task_id, dag_id", "select dag_version_id, dag_id", "MW703"),
        ("tf.start_date, tf.end_date", "tf.start_date, tf.executor", "MW703"),
    ],
)
@pytest.mark.parametrize("copied", ["migration/repaired"], indirect=True)
def test_each_repair_of_the_export_is_needed(copied: Path, before: str, after: str, code: str) -> None:
    change(copied, "dags/2.9.2-2.10.3/export_history.py", before, after)
    assert code in codes(copied)


SAYS = '        log.exception("%s is not loaded", context["name"])\n'
EXISTS = "    except client.exceptions.ResourceAlreadyExistsException:\n        pass\n"


@pytest.mark.parametrize(
    ("file", "before", "after", "code"),
    [
        ("import_history", f"{SAYS}        raise\n", SAYS, "MW705"),
        ("import_history", "pool, queue, operator", "pool, operator, queue", "MW703"),
        ("import_history", "run_id, map_index, start_date", "run_id, map_index, starts start_date", "MW703"),
        ("import_history", "trigger_id, next_method", "trigger_id, dag_version_id", "MW707"),
        ("import_logs", EXISTS, "    finally:\n        pass\n", "MW711"),
        ("import_logs", EXISTS, f"{EXISTS.replace('pass', 'client.delete_log_stream()')}", "MW711"),
    ],
)
@pytest.mark.parametrize("copied", ["migration/repaired"], indirect=True)
def test_each_repair_of_the_imports_is_needed(copied: Path, file: str, before: str, after: str, code: str) -> None:
    change(copied, f"dags/2.9.2-2.10.3/{file}.py", before, after)
    assert code in codes(copied)


def script(name: str) -> bytes:
    return (FIXTURES / "startup" / name / STARTUP).read_bytes()


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_script_as_found_starts_no_container(component: str, tmp_path: Path) -> None:
    outcome = Container(tmp_path, component, online=component != "webserver").start(script("as_found"))
    assert not outcome.healthy


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_repaired_script_starts_all_of_them(component: str, tmp_path: Path) -> None:
    online = component != "webserver"
    outcome = Container(tmp_path, component, online=online, packages=online).start(script("repaired"))
    assert outcome.healthy
    assert outcome.environ["ORDERS_BUCKET"] == "acme-orders"
    assert outcome.environ["DBT_LOG_PATH"].endswith("/tmp/dbt/logs")
    assert ("POOL_SIZE" in outcome.environ) == (component != "webserver")
    assert outcome.environ.get("POOL_SIZE") in ("4" if component in ("worker", "hybrid") else "1", None)
    assert outcome.installed == (frozenset() if component == "webserver" else {"libaio", "unixODBC"})


def test_the_repaired_script_does_without_what_cannot_be_had(tmp_path: Path) -> None:
    outcome = Container(tmp_path, missing=["libaio"]).start(script("repaired"))
    assert outcome.healthy
    assert "goes on without libaio" in outcome.output
    assert outcome.installed == {"unixODBC"}


def test_safe_fixes_leave_nothing_they_could_have_repaired(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "startup/as_found", tmp_path / "project")
    outcome = fix_all(
        lambda overlay: api.check(tmp_path / "project", Config(), today=TODAY, overlay=overlay), unsafe=False
    )
    (changed,) = outcome.changed
    (tmp_path / "project" / changed).write_bytes(outcome.changed[changed])
    after = codes(tmp_path / "project")
    assert after == {"MW603", "MW604", "MW606", "MW607", "MW608", "MW609", "MW610", "MW611", "MW614"}
    assert b"export PATH=$PATH:/opt/oracle/bin" in outcome.changed[changed]


def rendered(text: str, values: dict[str, str], libraries: list[str]) -> str:
    """What ``templatefile`` makes of the fixture."""
    loop = re.compile(r"%\{ for (\w+) in \w+ ~\}\n(.*?)%\{ endfor ~\}\n", re.S)
    text = loop.sub(lambda match: "".join(match[2].replace(f"${{{match[1]}}}", each) for each in libraries), text)
    text = re.sub(r"(?<!\$)\$\{(\w+)\}", lambda match: values[match[1]], text)
    return text.replace("$${", "${")


TEMPLATE = {"bucket": "acme-orders-prod", "region": "eu-central-1"}


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_template_starts_once_terraform_is_through(component: str, tmp_path: Path) -> None:
    text = rendered(script("templated").decode(), TEMPLATE, ["libaio"])
    outcome = Container(tmp_path, component).start(text.encode())
    assert outcome.healthy
    assert outcome.environ["ORDERS_PREFIX"] == "acme-orders-prod/orders"
    assert ("LD_LIBRARY_PATH" in outcome.environ) == (component != "webserver")


@pytest.mark.parametrize("copied", ["startup/templated"], indirect=True)
class TestTemplate:
    def test_what_is_the_shells_is_judged(self, copied: Path) -> None:
        change(copied, STARTUP, "export AIRFLOW_VAR_REGION", "AIRFLOW_VAR_REGION")
        assert codes(copied) == {"MW605"}

    def test_a_variable_of_the_shell_that_nobody_sets(self, copied: Path, tmp_path: Path) -> None:
        change(copied, STARTUP, "$${LD_LIBRARY_PATH:-}", "$${ORACLE_LIBRARIES}")
        assert codes(copied) == {"MW602"}
        text = rendered((copied / STARTUP).read_text(encoding="utf-8"), TEMPLATE, ["libaio"])
        assert not Container(tmp_path / "worker", "worker").start(text.encode()).healthy
        assert Container(tmp_path / "webserver", "webserver").start(text.encode()).healthy

    def test_without_a_template_the_same_names_are_the_shells(self, copied: Path, tmp_path: Path) -> None:
        text = (copied / STARTUP).read_text(encoding="utf-8")
        kept = [line for line in text.splitlines() if "library" not in line and not line.startswith("%")]
        (copied / STARTUP).write_text("\n".join(kept).replace("$$", "$") + "\n", encoding="utf-8")
        main = (copied / "main.tf").read_text(encoding="utf-8")
        main = re.sub(r"content = templatefile.*?\}\)", 'source = "config/startup.sh"', main, flags=re.S)
        (copied / "main.tf").write_text(main, encoding="utf-8")
        assert codes(copied) == {"MW602"}
        assert not Container(tmp_path / "run").start((copied / STARTUP).read_bytes()).healthy
