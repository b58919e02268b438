"""MW215: logs that MWAA does not write, or writes with too little in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import arms
from mwaalint.model.environment import Environment
from mwaalint.model.values import ABSENT, Absent, Known, is_set, possible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mwaalint.findings import Finding, Location
    from mwaalint.model.values import Value

_LOGS = {
    "dag_processing_logs": "DAG processing",
    "scheduler_logs": "scheduler",
    "task_logs": "task",
    "webserver_logs": "web server",
    "worker_logs": "worker",
}
_TASKS = "task_logs"
_TOO_QUIET_FOR_TASKS = ("WARNING", "ERROR", "CRITICAL")
_WITHOUT_ERRORS = "CRITICAL"
_ERRORS_MATTER = ("dag_processing_logs", "scheduler_logs", "worker_logs")


@check("MW215", on=Environment)
def logs_disabled_or_too_quiet(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the logs that are off, those left out beside others, and levels that keep out what one looks for.

    An excerpt that says nothing about logs is left alone, and so are values that are not known.
    """
    if "logging_configuration" in environment.ignored_changes:
        return
    if isinstance(environment.logging_configuration, Absent):
        # Without one of these there is no environment: what lacks it is an excerpt, or set up elsewhere as well.
        required = (field.terraform for field in ctx.catalog.api_fields.values() if field.required_api)
        if not all(is_set(environment.get(name or "")) for name in required):
            return
        unset = [name for name in _LOGS if name != _TASKS]
        yield ctx.report(environment.location, "none", logs=_list(unset))
        return
    logs = _stated(environment.logging_configuration)
    if not logs:
        return
    off = {name: place for name in _LOGS if (place := _off(_member(logs, name, "enabled"))) is not None}
    if off:
        first, *others = dict.fromkeys(off.values())
        related = [place.noted("switched off as well") for place in others]
        yield ctx.report(first, related=related, logs=_list(off, "or"))
    unset = [name for name in _LOGS if name != _TASKS and not is_set(logs.get(name, ABSENT))]
    if unset:
        place = environment.declared.get("logging_configuration", environment.where("logging_configuration"))
        yield ctx.report(place, "documented" if environment.by_terraform else "unset", logs=_list(unset))
    for name in _LOGS:
        if name not in off:
            yield from _levels(name, _member(logs, name, "log_level"), ctx)


def _levels(name: str, value: Value, ctx: Context) -> Iterator[Finding]:
    levels = arms(value, str)
    wrong = _TOO_QUIET_FOR_TASKS if name == _TASKS else (_WITHOUT_ERRORS,)
    if (name != _TASKS and name not in _ERRORS_MATTER) or not all(level in wrong for level, _ in levels):
        return
    for level, option in levels:
        message = "quiet" if name == _TASKS else "critical"
        yield ctx.report(option.origin, message, subject=name, level=level, logs=_LOGS[name])


def _stated(value: Value) -> Mapping[str, Value] | None:
    return value.value if isinstance(value, Known) and isinstance(value.value, dict) else None


def _member(logs: Mapping[str, Value], name: str, member: str) -> Value:
    return (_stated(logs.get(name, ABSENT)) or {}).get(member, ABSENT)


def _off(enabled: Value) -> Location | None:
    """Where logs are switched off; None when they are on somewhere, or when that is not known."""
    options = possible(enabled)
    if options and all(str(option.value).lower() == "false" for option in options):
        return options[0].origin
    return None


def _list(names: Iterable[str], word: str = "and") -> str:
    *first, last = [_LOGS[name] for name in names]
    return f"{', '.join(first)} {word} {last}" if first else last
