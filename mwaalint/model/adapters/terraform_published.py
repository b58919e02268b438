"""Environments that calls of published modules make: the call's arguments over the module's defaults (data)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mwaalint.catalog import load
from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_eval import evaluate, truth
from mwaalint.model.adapters.terraform_modules import source_of
from mwaalint.model.adapters.terraform_resources import adjusted, environment
from mwaalint.model.adapters.terraform_values import Site, settled
from mwaalint.model.environment import ARGUMENTS, Environment
from mwaalint.model.values import ABSENT, Absent, Known, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.model.adapters.terraform_instances import Instance
    from mwaalint.model.adapters.terraform_scope import Scope

_NUMBERS = regex(r"\d+(?:\.\d+)*")
_REFERENCE = regex(r"(?:[?&]ref=|/download/)v?(\d[\w.]*)")
_MADE_BY_MODULE = "the module sets it"


def row_of(call: Block) -> Mapping[str, Any] | None:
    """What is known of the published module that a call names; None when it is no module for MWAA."""
    source = source_of(call)
    address, _, submodule = source.replace("://", ":").partition("//")
    if not source or source.startswith(".") or submodule:
        return None
    return next((row for row in _rows() if any(match in address for match in row["match"])), None)


@lru_cache(maxsize=1)
def _rows() -> tuple[Mapping[str, Any], ...]:
    return tuple(load().table("terraform-modules")["rows"])


def environments(
    instance: Instance, name: str, call: Block, row: Mapping[str, Any], variant: str
) -> Iterator[Environment]:
    """One environment for each instance of the call."""
    for suffix, bindings in instance.instances(call):
        scope = instance.scope(call, f"module.{name}", bindings)
        published = _Published(call, scope, row)
        values = {argument: published.value(argument) for argument in ARGUMENTS}
        symbol = f"{instance.prefix}module.{name}{suffix}"
        yield environment(symbol, published.location, variant, published.declared(), published.ignored(), values)


class _Published:
    """One call of a published module, read through its row of the table."""

    def __init__(self, call: Block, scope: Scope, row: Mapping[str, Any]) -> None:
        self.call = call
        self.scope = scope
        self.row = row
        self.location = Location(call.file.path, call.header, scope.symbol)
        self.known_release = self._covered()

    def _covered(self) -> bool:
        """Whether the release that the call pins (the newest when it pins none) has the defaults of the row."""
        since, text = self.row["since"], self._release()
        if since is None or "<" in text or "!" in text:
            return False
        wanted = _NUMBERS.search(text)
        return not wanted or _numbers(wanted.group()) >= _numbers(since)

    def _release(self) -> str:
        """What the call writes of the release: a constraint, or the reference of its source; "" when nothing."""
        version = self.call.attributes.get("version")
        if version:
            return str(getattr(version.expression, "value", ""))
        reference = _REFERENCE.search(source_of(self.call))
        return reference.group(1) if reference else ""

    def ignored(self) -> frozenset[str]:
        """The arguments whose changes the module ignores, as far as the call says which release it takes."""
        of_release = self.row.get("ignored_changes_of", {}).get(self._release().lstrip("=v "), ())
        return frozenset((*self.row.get("ignored_changes", ()), *of_release))

    def declared(self) -> dict[str, Location]:
        names = {argument: self.row["arguments"].get(argument, argument) for argument in ARGUMENTS}
        return {
            argument: Location(item.file.path, item.span, f"{self.scope.symbol}.{name}")
            for argument, name in names.items()
            if (item := self.call.attributes.get(name)) is not None
        }

    def site(self, argument: str) -> Site:
        symbol = f"{self.scope.symbol}.{argument}"
        return Site(Location(self.call.file.path, self.call.header, symbol), symbol)

    def given(self, name: str) -> Value | None:
        """The value of an argument of the call, None when it is not passed."""
        item = self.call.attributes.get(name)
        return evaluate(item.expression, self.scope.of(item)) if item else None

    def value(self, argument: str) -> Value:
        if argument == "network_configuration":
            return self._network()
        if argument == "logging_configuration":
            return self._logging()
        given = self.given(self.row["arguments"].get(argument, argument))
        switch = self.row["created"].get(argument)
        if switch is not None and truth(self.given(switch) or ABSENT) is not False:
            return self.site(argument).unresolved(_MADE_BY_MODULE)
        if argument == "airflow_configuration_options":
            return adjusted(argument, settled(self._options(given)), self.scope.file)
        if argument in self.row["computed"]:
            return self.site(argument).unresolved(_MADE_BY_MODULE)
        if given is not None:
            return adjusted(argument, settled(given), self.call.file)
        return self._default(argument)

    def _default(self, argument: str) -> Value:
        if not self.known_release or argument in self.row["varying"]:
            return self.site(argument).unresolved("the module's release decides it")
        return self.site(argument).wrap(self.row["defaults"].get(argument))

    def _options(self, given: Value | None) -> Value:
        site, options = self.site("airflow_configuration_options"), self.row["options"]
        if not self.known_release and given is None:
            return site.unresolved("the module's release decides it")
        if isinstance(given, Known) and isinstance(given.value, dict):
            base = {key: site.wrap(value) for key, value in options.items() if key not in given.value}
            return Known({**base, **given.value}, given.origin)
        if given is None or isinstance(given, Absent):
            return site.wrap(options) if options else ABSENT
        return given

    def _network(self) -> Value:
        site = self.site("network_configuration")
        name = self.row["subnets_argument"]
        subnets = self.given(name) if name else None
        if subnets is None:
            return site.unresolved(_MADE_BY_MODULE)
        return site.known({"subnet_ids": settled(subnets), "security_group_ids": site.unresolved(_MADE_BY_MODULE)})

    def _logging(self) -> Value:
        site, table = self.site("logging_configuration"), self.row["logging"]
        if table is None or not self.known_release:
            return site.unresolved("the module's release decides it")
        logs = {log: self._log(log, defaults, table, site) for log, defaults in table["defaults"].items()}
        return settled(Known(logs, site.location))

    def _log(self, log: str, defaults: Mapping[str, Any], table: Mapping[str, Any], site: Site) -> Value:
        if "argument" not in table:
            enabled = self.given(table["enabled_argument"].format(log=log))
            level = self.given(table["level_argument"].format(log=log))
        else:
            given = self.given(table["argument"])
            if given is not None and not isinstance(given, Known | Absent):
                return site.unresolved(_MADE_BY_MODULE)
            one = _entry(given, log)
            enabled, level = _entry(one, "enabled"), _entry(one, "log_level")
        return site.known(
            {
                "enabled": site.wrap(defaults["enabled"]) if enabled is None else enabled,
                "log_level": site.wrap(defaults["log_level"]) if level is None else level,
            }
        )


def _entry(value: Value | None, key: str) -> Value | None:
    if isinstance(value, Known) and isinstance(value.value, dict):
        found: Value | None = value.value.get(key)
        return found
    return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number[:9]) for number in text.split(".")[:4])
