"""MW419 email-without-smtp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.dags._all_dags import option
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.values import Absent, Known
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.environment import Environment

# From 3.1 on Airflow mails through the server of a connection, which may be in its database.
_BY_OPTIONS = ("2.", "3.0.")
_BACKEND = "airflow.utils.email.send_email_smtp"
_VARIABLES = (b"AIRFLOW__SMTP__", b"AIRFLOW__EMAIL__")


@check("MW419", on=DeployedCode)
def email_without_smtp(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Mail that nobody gets: no server to send it, a port that is closed, no address."""
    mails = [mail for file in code.place("dags") for mail in file.mails]
    for mail in mails:
        if mail.what == "nobody":
            yield ctx.report(mail.location, "nobody", subject="email")
    environment = ctx.deployment.environment
    if environment is None or not (ctx.deployment.target.airflow or "").startswith(_BY_OPTIONS):
        return
    yield from _port(environment, ctx)
    senders = [mail for mail in mails if mail.what != "nobody"]
    if senders and _has_no_server(environment) and not _set_elsewhere(ctx):
        first, *others = senders
        yield ctx.report(
            first.location,
            "operator" if first.what == "operator" else "default",
            related=[mail.location.noted("this too") for mail in others[:5]],
            subject="smtp.smtp_host",
        )


def _port(environment: Environment, ctx: Context) -> Iterator[Finding]:
    port = option(environment, "smtp.smtp_port")
    if isinstance(port, Known) and str(port.value).strip() == "25":
        yield ctx.report(port.origin, "port", subject="smtp.smtp_port")


def _has_no_server(environment: Environment) -> bool:
    """Whether mail surely goes to the default, a server beside the task: no option says a word on it."""
    options = environment.airflow_configuration_options
    if isinstance(options, Absent):
        return True
    if not isinstance(options, Known) or not isinstance(options.value, dict):
        return False
    backend = options.value.get("email.email_backend", Absent())
    usual = isinstance(backend, Absent) or (isinstance(backend, Known) and backend.value == _BACKEND)
    return usual and not any(name.startswith("smtp.") for name in options.value)


def _set_elsewhere(ctx: Context) -> bool:
    """Whether a startup script or a plugin may set the options as variables."""
    script, environment = ctx.deployment.startup_script, ctx.deployment.environment
    named = environment is not None and not isinstance(environment.startup_script_s3_path, Absent)
    if script is None:
        return named
    try:
        return any(name in script.data for name in _VARIABLES)
    except UnreadableFileError:
        return True
