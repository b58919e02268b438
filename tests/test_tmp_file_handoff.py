"""Files below /tmp that one task leaves for another (MW410)."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Severity
from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.findings import Finding

HEAD = """\
import glob, os, shutil, subprocess, zipfile
from pathlib import Path
import boto3, pandas as pd
from airflow import DAG
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator, PythonVirtualenvOperator
from airflow.providers.amazon.aws.transfers.local_to_s3 import LocalFilesystemToS3Operator
P = "/tmp/orders.csv"
"""
WRITES = "open(P, 'w').write('a')"
READS = "print(open(P).read())"


def found(root: Path, code: str, main: str = ENVIRONMENT) -> list[Finding]:
    result = check(write_all(root, {"main.tf": main, "dags/etl.py": HEAD + dedent(code)}))
    assert not result.crashed
    return [finding for finding in result.findings if finding.code == "MW410"]


def two(first: str, second: str, more: str = "") -> str:
    """A DAG of two decorated tasks with these bodies."""
    body = "\n".join(
        f"@task\ndef {name}():\n{indent(dedent(text), '    ')}" for name, text in (("a", first), ("b", second))
    )
    return f"{dedent(more)}\nwith DAG('etl', schedule=None):\n{indent(body, '    ')}\n    a() >> b()\n"


class TestOnePathInTwoTasks:
    @pytest.mark.parametrize(
        "write",
        [
            WRITES,
            "open('/tmp/orders.csv', mode='ab')",
            "open(os.path.join('/tmp', 'orders.csv'), 'w')",
            "Path('/tmp/orders.csv').write_text('a')",
            "(Path('/tmp') / 'orders.csv').touch()",
            "pd.DataFrame().to_csv(P)",
            "boto3.client('s3').download_file('b', 'k', P)",
            "shutil.copy('/etc/hosts', P)",
        ],
    )
    def test_ways_to_make_a_file(self, tmp_path: Path, write: str) -> None:
        (finding,) = found(tmp_path, two(write, READS))
        assert "the task b reads /tmp/orders.csv, which the task a creates" in finding.message
        assert finding.related[0].note == "the task that makes it"

    @pytest.mark.parametrize(
        "read",
        [
            READS,
            "open(P, 'rb')",
            "Path(P).read_text()",
            "Path(P).open()",
            "pd.read_csv('/tmp/orders.csv')",
            "boto3.client('s3').upload_file(P, 'b', 'k')",
            "boto3.client('s3').upload_file(Filename=P, Bucket='b', Key='k')",
            "zipfile.ZipFile(P)",
            "print(P)\npd.read_csv(P)\nos.remove(P)",
        ],
    )
    def test_ways_to_read_one(self, tmp_path: Path, read: str) -> None:
        assert len(found(tmp_path, two(WRITES, read))) == 1

    @pytest.mark.parametrize(
        "read",
        [
            "print(P)",
            "os.remove(P)",
            "os.path.exists(P)",
            "open(P, 'w')\nopen(P)",
            "boto3.client('s3').download_file('b', 'k', P)\nopen(P)",
            "other(P)\nopen(P)",
            "other(target=P)\nopen(P)",
            "subprocess.run(['make', 'it'])\nopen(P)",
            "subprocess.run(['cp', 'x', P])\nopen(P)",
            "other('/tmp')\nopen(P)",
            "other(f'cp x {P}')\nopen(P)",
            "zipfile.ZipFile(name).extractall('/tmp')\nopen(P)",
            "if os.path.exists(P):\n    open(P)",
            "open('/tmp/others.csv')",
            "open('data/orders.csv')",
            "open(path)",
        ],
    )
    def test_what_leaves_a_doubt(self, tmp_path: Path, read: str) -> None:
        assert found(tmp_path, two(WRITES, read)) == []

    def test_functions_that_the_task_calls(self, tmp_path: Path) -> None:
        helpers = f"""
            def save():
                {WRITES}
            def show():
                {READS}
            """
        assert len(found(tmp_path, two("save()", "show()", helpers))) == 1
        assert found(tmp_path, two("save()\nshow()", "save()\nshow()", helpers)) == []

    def test_a_helper_that_calls_itself(self, tmp_path: Path) -> None:
        helper = f"def save(n):\n    {WRITES}\n    save(n - 1)\n"
        assert len(found(tmp_path, two("save(3)", READS, helper))) == 1

    def test_one_task_alone(self, tmp_path: Path) -> None:
        assert (
            found(tmp_path, f"with DAG('etl'):\n    @task\n    def a():\n        {WRITES}\n        {READS}\n    a()")
            == []
        )

    def test_tasks_of_different_dags(self, tmp_path: Path) -> None:
        code = f"""
            def a():
                {WRITES}
            def b():
                {READS}
            with DAG('one'):
                PythonOperator(task_id='a', python_callable=a)
                PythonOperator(task_id='other', python_callable=print)
            with DAG('two'):
                PythonOperator(task_id='b', python_callable=b)
                PythonOperator(task_id='other', python_callable=print)
            """
        assert found(tmp_path, code) == []

    def test_an_operator_that_sends_the_file(self, tmp_path: Path) -> None:
        code = f"""
            def a():
                {WRITES}
            with DAG('etl'):
                PythonOperator(task_id='a', python_callable=a)
                LocalFilesystemToS3Operator(task_id='send', filename=P, dest_key='orders')
            """
        (finding,) = found(tmp_path, code)
        assert "the task send reads" in finding.message

    def test_functions_that_run_elsewhere(self, tmp_path: Path) -> None:
        code = f"""
            def a():
                {WRITES}
            def b():
                {READS}
            with DAG('etl'):
                PythonVirtualenvOperator(task_id='a', python_callable=a)
                PythonOperator(task_id='b', python_callable=b)
            """
        assert found(tmp_path, code) == []


class TestCommands:
    @staticmethod
    def run(root: Path, *texts: str) -> int:
        tasks = "".join(f"    BashOperator(task_id='t{n}', bash_command={text!r})\n" for n, text in enumerate(texts))
        return len(found(root, f"with DAG('etl'):\n{tasks}"))

    @pytest.mark.parametrize("write", ["date > /tmp/x", "date >> /tmp/x", "date | tee /tmp/x", "date | tee -a /tmp/x"])
    @pytest.mark.parametrize("read", ["cat /tmp/x", "wc -l < /tmp/x", "bash /tmp/x 1", "jq . /tmp/x && rm /tmp/x"])
    def test_one_makes_and_one_reads(self, tmp_path: Path, write: str, read: str) -> None:
        assert self.run(tmp_path, write, read) == 1

    @pytest.mark.parametrize(
        "read",
        [
            "date > /tmp/x; cat /tmp/x",
            "aws s3 cp s3://b/x /tmp/x; cat /tmp/x",
            "make-it -C /tmp; cat /tmp/x",
            "rm -f /tmp/x",
            "cat /tmp/y",
            "cat $FILE",
            "cat x.sh",
        ],
    )
    def test_what_leaves_a_doubt(self, tmp_path: Path, read: str) -> None:
        assert self.run(tmp_path, "date > /tmp/x", read) == 0

    def test_templates_are_the_same_text(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, "date > /tmp/x", "cat /tmp/x_{{ ds }}") == 0


class TestPathsThroughXCom:
    def test_what_a_function_returns(self, tmp_path: Path) -> None:
        code = """
            with DAG('etl'):
                @task
                def a(ds=None):
                    path = f'/tmp/{ds}.csv'
                    pd.DataFrame().to_csv(path)
                    return path
                @task
                def b(n, path):
                    print(path)
                    return len(pd.read_csv(path))
                made = a()
                b(1, made)
            """
        (finding,) = found(tmp_path, code)
        assert "reads /tmp/….csv" in finding.message

    @pytest.mark.parametrize(
        ("give", "take", "hits"),
        [
            ("return P", "ti.xcom_pull(task_ids='a')", 1),
            ("return P", "ti.xcom_pull('a')", 1),
            ("ti.xcom_push('file', P)", "ti.xcom_pull(task_ids='a', key='file')", 1),
            ("ti.xcom_push(key='file', value=P)", "ti.xcom_pull(task_ids='a', key='file')", 1),
            ("ti.xcom_push('file', P)", "ti.xcom_pull(task_ids='a', key='other')", 0),
            ("return P", "ti.xcom_pull(task_ids='c')", 0),
            ("return P", "ti.xcom_pull(task_ids=name())", 0),
            ("return 's3://b/k'", "ti.xcom_pull(task_ids='a')", 0),
            ("return '/tmp/another'", "ti.xcom_pull(task_ids='a')", 0),
        ],
    )
    def test_pushed_and_pulled(self, tmp_path: Path, give: str, take: str, hits: int) -> None:
        code = f"""
            def a(ti):
                {WRITES}
                {give}
            def b(ti):
                path = {take}
                pd.read_csv(path)
            with DAG('etl'):
                PythonOperator(task_id='a', python_callable=a)
                PythonOperator(task_id='b', python_callable=b)
            """
        assert len(found(tmp_path, code)) == hits

    @pytest.mark.parametrize(
        "before", ["bring(path)", "open(path, 'w')", "boto3.client('s3').download_file('b', 'k', path)"]
    )
    def test_a_reader_that_may_make_it(self, tmp_path: Path, before: str) -> None:
        code = f"""
            with DAG('etl'):
                @task
                def a():
                    {WRITES}
                    return P
                @task
                def b(path):
                    {before}
                    return len(pd.read_csv(path))
                b(path=a())
            """
        assert found(tmp_path, code) == []


@pytest.mark.parametrize("sizes", ['environment_class = "mw1.micro"', "max_workers = 1\nmin_workers = 1"])
def test_one_worker_makes_it_a_note(tmp_path: Path, sizes: str) -> None:
    main = ENVIRONMENT.replace("dag_s3_path", f"{sizes}\n  dag_s3_path")
    (finding,) = found(tmp_path, two(WRITES, READS), main)
    assert finding.severity is Severity.NOTE
    (finding,) = found(tmp_path, two(WRITES, READS), main.replace("mw1.micro", "mw1.small").replace("= 1\n", "= 4\n"))
    assert finding.severity is Severity.WARNING
