from __future__ import annotations

import pendulum
from airflow.decorators import dag
from airflow.operators.bash import BashOperator


@dag(schedule="@daily", start_date=pendulum.datetime(2024, 1, 1, tz="UTC"), catchup=False)
def orders():
    BashOperator(task_id="dbt_run", bash_command="cd /usr/local/airflow/dags/dbt/shop && dbt run")


orders()
