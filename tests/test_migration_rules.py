"""The rules on scripts that carry metadata and logs over: what they copy, and what they leave out."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from tests.migration_rules import as_task, found, script

if TYPE_CHECKING:
    from pathlib import Path

RUNS = "select dag_id, run_id, state, run_type, conf, start_date from dag_run"
TASKS = "select task_id, dag_id, run_id, state, pool, trigger_id from task_instance"


class TestTriggers:
    def test_the_id_goes_and_the_trigger_stays(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW706", script(TASKS)) == [2]

    @pytest.mark.parametrize(
        "statements",
        [
            (TASKS, "select id, classpath from trigger"),
            (TASKS.replace("trigger_id", "null as trigger_id"),),
            (TASKS + " where state not in ('deferred')",),
            (TASKS + " where trigger_id is null",),
            (TASKS, 'f"select * from {anything}"'),
            ("select * from task_instance",),
        ],
    )
    def test_nothing_dangles(self, tmp_path: Path, statements: tuple[str, ...]) -> None:
        assert found(tmp_path, "MW706", script(*statements)) == []

    def test_another_database_may_have_such_tables(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW706", script(TASKS).replace("settings.Session", "other.Session")) == []

    TI = "COPY task_instance(task_id, {}) FROM STDIN"
    TRIGGER = "COPY trigger({}) FROM STDIN"

    def test_triggers_are_numbered_anew(self, tmp_path: Path) -> None:
        text = script(self.TI.format("trigger_id"), self.TRIGGER.format("classpath, kwargs"))
        assert found(tmp_path, "MW713", text) == [3]

    @pytest.mark.parametrize(
        ("instance", "trigger"), [("trigger_id", "id, classpath"), ("state", "classpath"), ("trigger_id", "")]
    )
    def test_triggers_keep_their_numbers(self, tmp_path: Path, instance: str, trigger: str) -> None:
        copy = self.TRIGGER.format(trigger).replace("()", "")
        assert found(tmp_path, "MW713", script(self.TI.format(instance), copy)) == []


class TestOwnRuns:
    @pytest.mark.parametrize(
        "condition", ["", " where dag_id != 'db_export'", " where dag_id not in ('db_export')", " order by dag_id"]
    )
    def test_of_one_of_the_two_are_exported(self, tmp_path: Path, condition: str) -> None:
        assert found(tmp_path, "MW710", script(RUNS + condition)) == [2]

    @pytest.mark.parametrize(
        "condition",
        [
            " where dag_id not in ('db_export', 'db_import')",
            " where dag_id <> 'db_export' and dag_id <> 'db_import'",
            " where state in ('success', 'failed')",
            " where execution_date > '2024-01-01'",
            " where dag_id <> 'a' union select 1 from dag_run",
        ],
    )
    def test_are_left_out_or_may_be(self, tmp_path: Path, condition: str) -> None:
        assert found(tmp_path, "MW710", script(RUNS + condition)) == []

    def test_a_name_stands_for_the_id(self, tmp_path: Path) -> None:
        statement = f"f\"{RUNS} where dag_id != '{{dag_id}}'\""
        assert found(tmp_path, "MW710", script(statement, before="dag_id = 'db_export'\n")) == [3]
        assert found(tmp_path, "MW710", script(statement, before="from own import dag_id\n")) == []

    JOINED = RUNS.replace("dag_run", "dag_run r, task_instance ti")

    @pytest.mark.parametrize(
        ("condition", "lines"),
        [
            (" where r.dag_id = ti.dag_id and r.run_id = ti.run_id", [2]),
            (" where r.dag_id = ti.dag_id and r.dag_id != 'db_export'", [2]),
            (" where r.dag_id = ti.dag_id and r.run_type = 'manual'", []),
            (" where r.dag_id = ti.dag_id and r.end_date > ti.end_date", []),
        ],
    )
    def test_tables_that_are_joined(self, tmp_path: Path, condition: str, lines: list[int]) -> None:
        assert found(tmp_path, "MW710", script(self.JOINED + condition)) == lines

    def test_braces_that_nobody_fills_in(self, tmp_path: Path) -> None:
        statement = RUNS + " where dag_id != '{dag_id}'"
        assert found(tmp_path, "MW710", script(statement)) == [2]
        assert found(tmp_path, "MW710", script(statement) + "\nfilled = STATEMENTS[0].format(dag_id='a')") == []

    def test_a_question_is_no_export(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW710", script("select dag_id, state from dag_run")) == []

    def test_once_a_file(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW710", script(RUNS, TASKS)) == [2]

    def test_an_import_that_empties_the_tables_first(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW710", script(RUNS, "truncate dag_run")) == []


READ = "events = client.{}(logGroupName='old')['events']\n"
CREATE = "client.create_log_stream(logStreamName=name)"
WRITE = "client.put_log_events(logEvents=events)\n"


class TestLogs:
    @pytest.mark.parametrize("read", ["get_log_events", "filter_log_events", "describe_log_streams"])
    def test_one_page_is_copied(self, tmp_path: Path, read: str) -> None:
        assert len(found(tmp_path, "MW709", as_task(READ.format(read) + WRITE))) == 1

    @pytest.mark.parametrize(
        "body",
        [
            READ.format("get_log_events"),
            READ.format("get_log_events") + "token = page['nextForwardToken']\n" + WRITE,
            READ.format("filter_log_events").replace("'old'", "'old', nextToken=token") + WRITE,
            "client.get_paginator('describe_log_streams')\n" + READ.format("get_log_events") + WRITE,
            READ.format("get_log_events").replace("logGroupName='old'", "**given") + WRITE,
        ],
    )
    def test_all_pages_may_be(self, tmp_path: Path, body: str) -> None:
        assert found(tmp_path, "MW709", as_task(body)) == []

    @pytest.mark.parametrize(
        "create",
        [
            CREATE,
            f"if events:\n    {CREATE}",
            f"try:\n    {CREATE}\n    client.put_log_events(logEvents=[])\nexcept Exception as e:\n    print(e)",
            f"try:\n    pass\nexcept E:\n    client.delete_log_stream()\n    {CREATE}",
            f"try:\n    {CREATE}\nfinally:\n    print(1)",
        ],
    )
    def test_a_stream_exists(self, tmp_path: Path, create: str) -> None:
        assert len(found(tmp_path, "MW711", as_task(f"{READ.format('get_log_events')}{create}\n{WRITE}"))) == 1

    @pytest.mark.parametrize(
        "create",
        [
            f"try:\n    {CREATE}\nexcept client.exceptions.ResourceAlreadyExistsException:\n    pass",
            f"try:\n    {CREATE}\nexcept ClientError:\n    pass",
            f"try:\n    {CREATE}\n    client.put_log_events()\nexcept ClientError as e:\n    ignore_existing(e)",
            f"if name not in names:\n    {CREATE}",
            f"if not exists(name):\n    {CREATE}",
        ],
    )
    def test_a_stream_that_exists_is_fine(self, tmp_path: Path, create: str) -> None:
        assert found(tmp_path, "MW711", as_task(f"{READ.format('get_log_events')}{create}\n{WRITE}")) == []

    def test_a_log_of_ones_own_is_no_copy(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW711", as_task(f"events = []\n{CREATE}\n{WRITE}")) == []

    def test_in_a_function_that_a_task_calls(self, tmp_path: Path) -> None:
        helper = "def copy(client, name):\n" + indent(f"{READ.format('get_log_events')}{CREATE}\n{WRITE}", "    ")
        assert found(tmp_path, "MW711", helper + as_task("copy(boto3.client('logs'), 'a')")) == [3]


SECRETS = "for one in settings.Session().query(Connection):\n    lines.append(one.{}())\nclient.{}\n"


class TestCredentials:
    @pytest.mark.parametrize("read", ["get_password", "get_extra", "get_val"])
    @pytest.mark.parametrize(
        "upload",
        [
            "put_object(Bucket='b', Body=lines)",
            "put_object(Bucket='b', ServerSideEncryption='AES256')",
            "upload_file('/tmp/a', 'b', 'c')",
            "load_string(lines, 'key', 'b')",
        ],
    )
    def test_in_plain_text(self, tmp_path: Path, read: str, upload: str) -> None:
        assert len(found(tmp_path, "MW704", as_task(SECRETS.format(read, upload)))) == 1

    @pytest.mark.parametrize(
        "upload",
        [
            "put_object(Bucket='b', ServerSideEncryption='aws:kms')",
            "put_object(Bucket='b', ServerSideEncryption='aws:kms:dsse')",
            "put_object(Bucket='b', ServerSideEncryption=chosen)",
            "upload_file('a', 'b', 'c', ExtraArgs={})",
            "load_string(lines, 'key', 'b', encrypt=True)",
            "put_object(**given)",
            "send(lines)",
        ],
    )
    def test_encrypted_or_not_uploaded(self, tmp_path: Path, upload: str) -> None:
        assert found(tmp_path, "MW704", as_task(SECRETS.format("get_password", upload))) == []

    def test_names_are_no_secrets(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW704", as_task(SECRETS.format("get_name", "put_object(Bucket='b')"))) == []


PAUSE = (
    "def pause():\n    settings.Session().execute('update dag set is_paused = true')\n\n"
    "def export():\n    settings.Session().execute('select pool, slots from slot_pool')\n\n"
    "def resume():\n    settings.Session().execute('update dag set is_paused=false')\n\n"
    "def after(context):\n    resume()\n\n"
    "PythonOperator(task_id='pause', python_callable=pause)\n"
)


class TestPausedDags:
    @pytest.mark.parametrize(
        "more",
        [
            "",
            "PythonOperator(task_id='resume', python_callable=resume)",
            "PythonOperator(task_id='tell', python_callable=export, trigger_rule='all_done')",
            "PythonOperator(task_id='resume', python_callable=resume, trigger_rule='all_success')",
            "PythonOperator(task_id='resume', python_callable=resume, trigger_rule='one_success')",
            "PythonOperator(task_id='export', python_callable=export, on_failure_callback=export)",
        ],
    )
    def test_stay_paused_after_a_failure(self, tmp_path: Path, more: str) -> None:
        assert found(tmp_path, "MW702", PAUSE + more) == [2]

    @pytest.mark.parametrize(
        "more",
        [
            "PythonOperator(task_id='resume', python_callable=resume, trigger_rule='all_done')",
            "PythonOperator(task_id='resume', python_callable=resume, trigger_rule=TriggerRule.ALL_DONE)",
            "PythonOperator(task_id='resume', python_callable=resume, trigger_rule='one_failed')",
            "PythonOperator(task_id='resume', python_callable=resume, trigger_rule='all_failed')",
            "PythonOperator(task_id='export', python_callable=export, on_failure_callback=after)",
            "DAG('export', default_args={'on_failure_callback': resume})",
            "DAG('export', on_failure_callback=imported)",
            "PythonOperator(task_id='resume', python_callable=resume).as_teardown()",
        ],
    )
    def test_are_resumed_after_a_failure(self, tmp_path: Path, more: str) -> None:
        assert found(tmp_path, "MW702", PAUSE + more) == []

    def test_a_new_environment_may_wait(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW702", PAUSE + "LOAD = 'copy slot_pool(pool) from stdin'\n") == []
