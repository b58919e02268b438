from __future__ import annotations

import pendulum
from airflow.decorators import dag
from airflow.operators.bash import BashOperator
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

DBT_PROJECT = "/usr/local/airflow/dags/dbt/shop"


@dag(schedule="@daily", start_date=pendulum.datetime(2024, 1, 1, tz="UTC"), catchup=False)
def orders():
    load = SQLExecuteQueryOperator(
        task_id="load",
        conn_id="snowflake",
        sql="copy into raw.orders from @landing/orders/{{ ds }}/",
    )
    transform = BashOperator(
        task_id="transform",
        bash_command=f"cd {DBT_PROJECT} && dbt build --profiles-dir .",
    )
    load >> transform


orders()
