"""Which versions of dbt's packages the constraints allow, by what those versions require."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from mwaalint.documents.requirements import Requirement
    from mwaalint.model.install import InstallPlan, Pin

CORE = "dbt-core"
_COSMOS = "astronomer-cosmos"


class Collision(NamedTuple):
    """Why no version fits: the newest one allowed, what it asks for in the end, by way of what, and the pin."""

    version: str
    wanted: Sequence[str]
    name: str
    pin: Pin


@dataclass(slots=True)
class DbtVersions:
    """Looks at each group of versions with the same requirements once. ``table`` is dbt-requirements.json."""

    plan: InstallPlan
    table: Mapping[str, Any]
    _seen: dict[tuple[str, int], Collision | None] = field(default_factory=dict)

    def collision(self, requirement: Requirement) -> Collision | None:
        """Why a line cannot be installed; None when it can, when it is not about dbt, or when that is not known."""
        from packaging.specifiers import SpecifierSet

        name = requirement.name
        if name is None or requirement.url is not None or self.plan.pinned_by(name):
            return None
        if name in self.table["rows"]:
            return self._none_fits(name, requirement.specifier)
        core = SpecifierSet(">=1.0")
        if name in self.table["adapters"]["names"]:
            wanted = self._core_of_adapter(name, requirement.pin)
            found = self._none_fits(CORE, SpecifierSet(wanted) if wanted else core)
            return _by_way_of(f"{CORE}{wanted}", requirement.pin, found)
        if name == _COSMOS and any(extra.startswith("dbt-") for extra in requirement.extras):
            return _by_way_of(CORE, requirement.pin, self._none_fits(CORE, core))
        return None

    def _core_of_adapter(self, name: str, pin: str | None) -> str:
        """The dbt-core that a version of an adapter requires; "" (any) when the line leaves the version open."""
        from packaging.version import InvalidVersion, Version

        adapters = self.table["adapters"]
        try:
            version = Version(pin) if pin else None
        except InvalidVersion:
            return ""
        if version is None or version < Version("1.0"):
            return ""
        if version < Version(adapters["own_minor_before"]):
            return f"~={version.major}.{version.minor}.0" if name in adapters["own_minor"] else ""
        return str(adapters["later"])

    def _none_fits(self, name: str, allowed: SpecifierSet) -> Collision | None:
        """Why not one allowed version fits; None also when the table has none of them."""
        newest: tuple[Version, Collision] | None = None
        for version, group in self._versions(name):
            if not allowed.contains(version, prereleases=True):
                continue
            found = self._of_group(name, group)
            if found is None:
                return None
            if newest is None or version > newest[0]:
                newest = (version, found._replace(version=str(version)))
        return newest[1] if newest else None

    def _versions(self, name: str) -> Iterator[tuple[Version, int]]:
        from packaging.version import Version

        for group, row in enumerate(self.table["rows"][name]):
            for version in row["versions"]:
                yield Version(version), group

    def _of_group(self, name: str, group: int) -> Collision | None:
        if (name, group) not in self._seen:
            requires = self.table["rows"][name][group]["requires"]
            # The shortest way to a contradiction explains most.
            direct = next(filter(None, map(self._against_pins, requires)), None)
            indirect = filter(None, map(self._among_dbt, requires if direct is None else ()))
            self._seen[name, group] = direct or min(indirect, key=lambda why: len(why.wanted), default=None)
        return self._seen[name, group]

    def _against_pins(self, line: str) -> Collision | None:
        from packaging.requirements import Requirement as Required

        required = Required(line)
        for pin in self.plan.pinned_by(required.name):
            if not required.specifier.contains(pin.version, prereleases=True):
                return Collision("", (line,), required.name, pin)
        return None

    def _among_dbt(self, line: str) -> Collision | None:
        from packaging.requirements import Requirement as Required

        required = Required(line)
        if required.name not in self.table["rows"] or self.plan.pinned_by(required.name):
            return None
        return _by_way_of(line, None, self._none_fits(required.name, required.specifier))


def _by_way_of(line: str, version: str | None, found: Collision | None) -> Collision | None:
    return found._replace(version=version or "", wanted=(line, *found.wanted)) if found else None
