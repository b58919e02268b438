"""MW705: which handlers hide that a task failed, and which have a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Severity
from tests.deployments import check, write_all
from tests.migration_rules import HEAD, as_task, found
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

CODE = "MW705"
HIDES = """
try:
    save()
except Exception as error:
    print(error)
"""


@pytest.mark.parametrize(
    "handler",
    [
        "except Exception:\n    pass",
        "except:\n    print('failed')",
        "except BaseException as e:\n    log.error('failed: %s', e)\n    return None",
        "except (ValueError, Exception):\n    return {'status': 'failed', 'why': 'unknown'}",
        "except Exception as e:\n    text = str(e)\n    print(text)",
        "except Exception:\n    connection.rollback()\n    traceback.print_exc()",
        "except KeyError:\n    raise\nexcept Exception:\n    return False",
    ],
)
def test_a_handler_that_only_says_so(tmp_path: Path, handler: str) -> None:
    assert len(found(tmp_path, CODE, as_task(f"try:\n    save()\n{handler}"))) == 1


@pytest.mark.parametrize(
    "handler",
    [
        "except Exception:\n    raise",
        "except Exception as e:\n    notify(e)\n    raise",
        "except Exception as e:\n    raise RuntimeError('no') from e",
        "except Exception as e:\n    sys.exit(1)",
        "except Exception as e:\n    errors.append(e)",
        "except Exception as e:\n    if '404' not in str(e):\n        raise",
        "except KeyError:\n    print('none')",
        "except Exception:\n    return fallback()",
        "finally:\n    close()",
    ],
)
def test_a_handler_that_does_something(tmp_path: Path, handler: str) -> None:
    assert found(tmp_path, CODE, as_task(f"try:\n    save()\n{handler}")) == []


@pytest.mark.parametrize(
    "body",
    [
        'rows = read()\nif not rows:\n    raise ValueError("none")' + HIDES.replace("save()", "save(rows)"),
        "import json\nclient = boto3.client('s3')\nprint('starts')" + HIDES + "print('done')\nreturn 'done'",
        "a, b = table.split('.')\nwhole = a + b" + HIDES.replace("save()", "save(whole)"),
        "with lock:\n    try:\n        save()\n    except Exception:\n        pass",
    ],
)
def test_the_attempt_is_the_work_of_the_task(tmp_path: Path, body: str) -> None:
    assert len(found(tmp_path, CODE, as_task(body))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "save_all()" + HIDES,
        HIDES + "save_all()",
        "result = save_all()" + HIDES + "return result",
        HIDES + "if missing:\n    raise ValueError('rows are missing')",
        "for each in range(3):\n    try:\n        save()\n    except Exception:\n        print('again')",
    ],
)
def test_an_attempt_beside_other_work_may_be_optional(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, CODE, as_task(body)) == []


@pytest.mark.parametrize(
    ("decorator", "name"),
    [
        ('@task(trigger_rule="all_done")', "work"),
        ("@task.branch", "work"),
        ("@task.sensor", "work"),
        ("@task.short_circuit", "work"),
        ("@task", "notify_team"),
        ("@task", "cleanup"),
        ('@task(task_id="send_slack")', "work"),
        ("@other", "work"),
    ],
)
def test_tasks_whose_failure_nobody_needs(tmp_path: Path, decorator: str, name: str) -> None:
    assert found(tmp_path, CODE, as_task(HIDES, decorator, name, f"{name}()")) == []


def test_the_trigger_rule_that_every_task_has(tmp_path: Path) -> None:
    assert found(tmp_path, CODE, as_task(HIDES, "@task(trigger_rule=TriggerRule.ALL_SUCCESS)")) != []


class TestWhatIsReturned:
    TELLS = "try:\n    save()\n    return True\nexcept Exception:\n    return False"

    def test_is_not_read(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, as_task(self.TELLS)) != []

    @pytest.mark.parametrize(
        "use", ["decide(work())", "outcome = work()", "work() >> say('ti.xcom_pull')\nxcom_pull()"]
    )
    def test_may_be_read_by_another_task(self, tmp_path: Path, use: str) -> None:
        assert found(tmp_path, CODE, as_task(self.TELLS, use=use)) == []

    def test_in_a_chain_it_is_not_read(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, as_task(self.TELLS, use="[first, second] >> work()")) != []


class TestClassicOperators:
    FUNCTION = "def work():\n    try:\n        save()\n    except Exception as e:\n        print(e)\n\n"

    def test_the_callable_of_a_python_operator(self, tmp_path: Path) -> None:
        text = self.FUNCTION + 'PythonOperator(task_id="work", python_callable=work)\n'
        assert found(tmp_path, CODE, text) == [4]

    def test_a_branch_decides(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, self.FUNCTION + 'BranchPythonOperator(task_id="w", python_callable=work)\n') == []

    def test_a_function_that_is_no_task(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, self.FUNCTION + "DAG('etl', on_failure_callback=work)\n") == []


class TestMetadata:
    COPY = (
        "def copy(streams):\n    session = settings.Session()\n    for each in streams:\n        try:\n"
        "            session.{}(each)\n        except Exception as e:\n            print(e)\n"
    )

    @pytest.mark.parametrize("what", ["execute", "merge", "add_all"])
    def test_in_a_loop_too_and_in_any_function(self, tmp_path: Path, what: str) -> None:
        assert found(tmp_path, CODE, self.COPY.format(what)) == [6]

    def test_only_where_rows_are_moved(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, self.COPY.format("close")) == []

    def test_only_with_a_session_of_airflows(self, tmp_path: Path) -> None:
        assert "settings" in HEAD
        assert found(tmp_path, CODE, self.COPY.format("execute").replace("settings.Session", "own.Session")) == []

    def test_a_statement_alone_is_a_warning(self, tmp_path: Path) -> None:
        statement = self.COPY.format("execute")
        assert severities(tmp_path, {"etl.py": statement}) == [Severity.WARNING]
        loads = "\ndef load(session):\n    session.add_all([])\n"
        assert severities(tmp_path / "loads", {"etl.py": statement + loads}) == [Severity.ERROR]

    def test_logs_have_words_of_their_own(self, tmp_path: Path) -> None:
        text = HEAD + self.COPY.format("put_log_events")
        (finding,) = [
            each
            for each in check(write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/etl.py": text})).findings
            if each.code == CODE
        ]
        assert "when a log cannot be copied: the failure is only printed" in finding.message

    def test_what_loads_may_be_a_function_of_the_file(self, tmp_path: Path) -> None:
        helper = "\ndef write(each):\n    settings.Session().merge(each)\n"
        text = self.COPY.replace("session.{}(each)", "write(each)") + helper
        assert found(tmp_path, CODE, text) == [6]

    def test_functions_may_call_each_other_in_circles_and_at_length(self, tmp_path: Path) -> None:
        everybody = "".join(f"        step_{number}()\n" for number in range(60))
        steps = "".join(
            f"def step_{number}():\n    try:\n{everybody}    except Exception:\n        pass\n" for number in range(59)
        )
        text = f"{steps}def step_59():\n    settings.Session().add_all([])\n"
        assert len(found(tmp_path, CODE, text)) == 59

    LOAD = (
        "def fetch(name):\n    boto3.client('s3').download_file('bucket', name, '/tmp/rows')\n"
        "    return '/tmp/rows'\n\n"
        "def load():\n    try:\n        path = fetch('variables.csv')\n    except:\n        print('none')\n        {}\n"
        "    settings.Session().add_all(open(path))\n"
    )

    def test_rows_that_cannot_be_fetched(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, self.LOAD.format("return")) == [8]
        assert found(tmp_path, CODE, self.LOAD.format("path = DEFAULT")) == []

    def test_a_file_that_is_fetched_for_anything_else(self, tmp_path: Path) -> None:
        assert found(tmp_path, CODE, self.LOAD.format("return").replace("add_all", "info")) == []


def severities(tmp_path: Path, files: dict[str, str]) -> list[Severity]:
    """How grave what the rule reports is, in the files of the DAGs folder."""
    texts = {f"dags/{name}": HEAD + text for name, text in files.items()}
    result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, **texts}))
    return [finding.severity for finding in result.findings if finding.code == CODE]


class TestHelpersOfOtherFiles:
    HELPER = "def load(rows):\n    settings.Session().{}(rows)\n"
    DAG = "\nwith DAG('load', schedule=None, start_date=datetime(2024, 1, 1)):\n    print(1)\n"
    TRIES = (
        "def copy():\n    for each in NAMES:\n        try:\n            {}\n"
        "        except Exception as e:\n            print(e)\n"
    )

    @pytest.mark.parametrize(
        ("how", "call"),
        [
            ("from common.db import load", "load(each)"),
            ("from common import db", "db.load(each)"),
            ("import common.db as helpers", "helpers.load(each)"),
            ("from .common.db import load as bring", "bring(each)"),
        ],
    )
    def test_that_load_rows(self, tmp_path: Path, how: str, call: str) -> None:
        files = {"common/db.py": self.HELPER.format("add_all"), "etl.py": f"{how}\n{self.TRIES.format(call)}{self.DAG}"}
        assert severities(tmp_path, files) == [Severity.ERROR]

    @pytest.mark.parametrize(
        ("how", "helper"),
        [
            ("from common.db import load", HELPER.format("close")),
            ("from common.db import load", HELPER.format("add_all").replace("settings.", "own.")),
            ("from other.db import load", HELPER.format("add_all")),
            ("from common.db import read as load", HELPER.format("add_all")),
        ],
    )
    def test_that_do_anything_else(self, tmp_path: Path, how: str, helper: str) -> None:
        files = {"common/db.py": helper, "etl.py": f"{how}\n{self.TRIES.format('load(each)')}{self.DAG}"}
        assert severities(tmp_path, files) == []


def test_the_handler_is_shown_whatever_ends_the_lines(tmp_path: Path) -> None:
    text = (HEAD + as_task("try:\n    save()\nexcept Exception:\n    pass")).replace("\n", "\r")
    result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/etl.py": text}))
    (hidden,) = (finding for finding in result.findings if finding.code == CODE)
    assert result.sources["dags/etl.py"].slice(hidden.primary.span).strip() == "except Exception:"


def test_a_function_that_is_too_deep_to_write_out_is_no_crash(tmp_path: Path) -> None:
    pause = "save = 1" + " if a else 1" * 900 + "\nsettings.Session().execute('SELECT 1 FROM dag')"
    pause += "\nsettings.Session().execute('UPDATE dag SET is_paused = true')"
    assert len(found(tmp_path, "MW702", as_task(pause))) == 1
