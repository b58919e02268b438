"""What is read off a Python file is free as soon as it is closed, and not when the collector comes by."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from mwaalint.catalog import load
from mwaalint.model.code_facts import facts_of
from mwaalint.model.dag_reading import DagCode
from tests.python_code import document

if TYPE_CHECKING:
    from collections.abc import Iterator

DAGS = """
    import boto3
    from airflow import DAG
    from airflow.operators.python import PythonOperator
    from airflow.utils.task_group import TaskGroup

    bucket = "a"
    bucket = bucket + "b"

    def work():
        client = boto3.client("sts")
        client = boto3.client("s3")
        for key in client.list(bucket):
            client = client.get(key)
        client.put(lambda: key)

    with DAG("a") as dag:
        with TaskGroup("b") as group:
            first = PythonOperator(task_id="a", python_callable=work)
        second = PythonOperator(task_id=bucket, python_callable=work)
        first >> second
    work()
"""
TASKFLOW = """
    from airflow.decorators import dag, task
    from airflow.utils.session import create_session

    class A:
        b = 1

        def c(self):
            self.c()

    @task
    def work():
        try:
            with create_session() as session:
                session.execute(f"select a from {A.b}")
        except Exception as error:
            print(error)

    @dag(schedule=None)
    def etl():
        work.expand(a=[1, 2])

    etl()
"""


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No collector meanwhile, and nothing left for it from before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("text", [DAGS, TASKFLOW])
def test_nothing_of_a_closed_file_waits_for_the_collector(text: str) -> None:
    catalog = load()
    gc.collect()
    code = DagCode(document(text))
    assert facts_of(code, "dags", catalog).operators
    assert code.dags
    assert code.document.calls_by_name
    code.close()
    del code
    assert gc.collect() == 0
