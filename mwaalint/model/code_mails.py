"""Where DAG code has Airflow itself send mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.model.deployed_code import MailFact
from mwaalint.model.values import Absent, Known, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.dag_model import Dag, Task
    from mwaalint.model.dag_reading import DagCode

_WHEN = ("email_on_failure", "email_on_retry")
# The operator that Airflow brings itself up to 2.11; the provider's own asks a connection for the server.
_OPERATORS = ("airflow.operators.email.", "airflow.operators.email_operator.")

_MESSENGERS = regex(r"slack|sns|teams|discord|telegram|pagerduty|opsgenie|smtp|email", re.I)


def mail_facts(code: DagCode) -> Iterator[MailFact]:
    """One fact a DAG for its default arguments, and one a task with an address of its own or that sends a mail."""
    seen = set()
    for dag in code.dags:
        for fact in _defaults(dag):
            # Several DAGs of a file share their default arguments.
            if fact not in seen:
                seen.add(fact)
                yield fact
    for task in code.tasks:
        if task.operator.startswith(_OPERATORS):
            yield MailFact(task.location, "operator")
        elif "email" in task.arguments and _is_given(task.argument("email")) and _is_sent(task):
            yield MailFact(task.location, "alert")


def _defaults(dag: Dag) -> Iterator[MailFact]:
    address = dag.default("email")
    flags = [dag.default(name) for name in _WHEN]
    if _is_given(address):
        # Without a word on it, Airflow mails both.
        node = dag.expression("email")
        if node is not None and not all(_is(flag, False) for flag in flags):
            yield MailFact(dag.document.location(node, dag.symbol), "alert")
    elif isinstance(address, Absent) and not any("email" in task.arguments for task in dag.tasks):
        name = next((name for name, flag in zip(_WHEN, flags, strict=True) if _is(flag, True)), None)
        node = dag.expression(name) if name else None
        if node is not None and _tells_nobody(dag):
            yield MailFact(dag.document.location(node, dag.symbol), "nobody")


def _tells_nobody(dag: Dag) -> bool:
    """Whether nothing else tells of failures: no callback, and no task that runs when another fails or that writes to
    people.
    """
    callbacks = (dag.default("on_failure_callback"), dag.argument("on_failure_callback"))
    return all(isinstance(each, Absent) for each in callbacks) and not any(map(_may_tell, dag.tasks))


def _may_tell(task: Task) -> bool:
    rule = task.argument("trigger_rule")
    after = not isinstance(rule, Absent) and not (isinstance(rule, Known) and "success" in str(rule.value))
    known = "on_failure_callback" not in task.arguments and task.arguments.unknown is None
    return after or not known or _MESSENGERS.search(task.operator) is not None


def _is_sent(task: Task) -> bool:
    return not all(_is(task.argument(name), False) for name in _WHEN)


def _is_given(address: Value) -> bool:
    """Whether an address is surely given: known and not empty, or put together from what this file does not tell."""
    return isinstance(address, Known) and address.value not in (None, "", ())


def _is(value: Value, wanted: bool) -> bool:
    return isinstance(value, Known) and value.value is wanted
