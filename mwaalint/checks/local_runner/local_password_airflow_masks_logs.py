"""MW806 local-password-airflow-masks-logs."""

from __future__ import annotations

import json
import re
from posixpath import dirname
from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.local_runner._places import data_of, database, every_service, place, replaced
from mwaalint.documents.compose import filled
from mwaalint.findings import Edit, Fix, Safety
from mwaalint.model.local_runner import Kind, LocalRunner
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.compose import Text
    from mwaalint.findings import Finding
    from mwaalint.model.local_runner import AirflowService

# Words that paths, module names and messages of Airflow are full of.
_WORDS = frozenset(
    {"airflow", "dag", "dags", "task", "tasks", "user", "local", "postgres", "python", "plugins", "mwaa"}
)
_PASSWORD, _CREDENTIALS = "POSTGRES_PASSWORD", "MWAA__DB__CREDENTIALS"
_CONNECTIONS = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN")
_NEW = "only-on-this-laptop"
_DEFAULT = regex(rb"\$\{POSTGRES_PASSWORD:=[\"']?(?P<password>\w+)[\"']?\}")


@check("MW806", on=LocalRunner)
def local_password_airflow_masks_logs(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """A password of Airflow's database that is a word of its logs."""
    seen = set()
    for one in local.running(ctx.deployment.target.airflow):
        text, password = _password(one)
        if text is None or password not in _WORDS or not _masks(one.version or ctx.deployment.target.airflow):
            continue
        if (text.file.path, text.span) not in seen:
            seen.add((text.file.path, text.span))
            where = place(text, f"{one.service.name}.password")
            yield ctx.report(
                where,
                "default" if one.version else "assumed",
                password=password,
                service=one.service.name,
                airflow=one.version or ctx.deployment.target.airflow,
                fix=_fix(local, one, password),
            )


def _masks(airflow: str | None) -> bool:
    """Whether Airflow stars a password of its database out: since 2.1. Airflow 3 makes an exception for "airflow", and
    its tasks no longer know the password.
    """
    try:
        return airflow is not None and version_key("2.1") <= version_key(airflow) < version_key("3")
    except ValueError:
        return False


def _password(one: AirflowService) -> tuple[Text | None, str]:
    """The password with which Airflow connects, and where it is written; nothing where that is not known."""
    if one.kind is Kind.IMAGES:
        variable = one.service.variable(_CREDENTIALS)
        return (variable.text, _in_json(variable.text.value)) if variable and variable.text else (None, "")
    for name in _CONNECTIONS:
        variable = one.service.variable(name)
        if variable:
            match = re.search(r"://[^:/@]*:([^:/@$]+)@", variable.text.value) if variable.text else None
            return (variable.text, match[1]) if match else (None, "")
    keeper = database(one)
    variable = keeper.variable(_PASSWORD) if keeper else None
    # With the SequentialExecutor, Airflow keeps its data in a file, whatever else is started.
    if variable is None or variable.text is None or one.value("EXECUTOR") in (None, "Sequential"):
        return None, ""
    return variable.text, filled(variable.text.value, {}) or ""


def _in_json(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    password = found.get("password") if isinstance(found, dict) else None
    return password if isinstance(password, str) else ""


def _fix(local: LocalRunner, one: AirflowService, password: str) -> Fix | None:
    """Replaces the password in all places at once: the databases of the folder, and what connects to them."""
    folder = dirname(one.service.text.file.path)
    edits: list[Edit | None] = []
    for service in every_service(local):
        for variable in service.environment:
            text = variable.text
            if text and dirname(text.file.path) == folder and variable.name in (_PASSWORD, _CREDENTIALS, *_CONNECTIONS):
                edits.append(_edit(variable.name, text, password))
    if one.kind is Kind.RUNNER and not any(one.service.variable(name) for name in (_PASSWORD, *_CONNECTIONS)):
        edits += _of_entry_point(local, password) or [None]
    distinct = dict.fromkeys(edit for edit in edits if edit)
    return Fix("Use a password that is not a word", Safety.UNSAFE, tuple(distinct)) if None not in edits else None


def _edit(name: str, text: Text, password: str) -> Edit | None:
    if name == _PASSWORD:
        # In a list, the name of the variable stands in the same text.
        before = f"{name}=" if f"{name}=" in text.file.slice(text.span) else ""
        return replaced(text, f"{before}{password}", f"{before}{_NEW}")
    if name == _CREDENTIALS:
        match = re.search(rf'"password"\s*:\s*"{re.escape(password)}"', text.file.slice(text.span))
        return replaced(text, match[0], match[0].replace(f'"{password}"', f'"{_NEW}"')) if match else None
    return replaced(text, f":{password}@", f":{_NEW}@")


def _of_entry_point(local: LocalRunner, password: str) -> list[Edit | None]:
    """The default that the entry point takes where nobody sets the password."""
    return [
        Edit(file.path, Span(*match.span("password")), _NEW.encode(), match["password"])
        for file in local.scripts
        for match in _DEFAULT.finditer(data_of(file))
        if match["password"] == password.encode()
    ]
