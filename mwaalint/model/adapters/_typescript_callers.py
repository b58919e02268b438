"""Who calls the functions of a TypeScript program, and makes instances of its classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import Class, Function, Import, Member, Name, Script
from mwaalint.model.adapters._typescript_sites import Site, Target
from mwaalint.model.values import Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from mwaalint.model.adapters._typescript_modules import Scripts


@dataclass(eq=False)
class Callers:
    """The calls in a project, found when first asked for. ``targets`` tells what an expression may stand for."""

    scripts: Scripts
    targets: Callable[[Site], list[Target]]
    _calls: dict[int, list[Site] | None] = field(default_factory=dict)

    def calls(self, target: Class | Function, home: Script) -> list[Site] | None:
        """Where the project calls a function or makes an instance of a class; None when that is not known."""
        if id(target) not in self._calls:
            self._calls[id(target)] = None
            self._calls[id(target)] = self._find_calls(target, home)
        return self._calls[id(target)]

    def _find_calls(self, target: Class | Function, home: Script) -> list[Site] | None:
        name = target.name or _bound_name(target, home)
        if not name:
            return None
        found: list[Site] = []
        for script in self.scripts.holding(name):
            bases = [Site(each.base, each.scope, script, "") for each in script.classes if each.base is not None]
            if any(self._is(base, name, target) is not False for base in bases):
                return None
            for call, scope in script.calls:
                site = Site(call, scope, script, name)
                its = call.new is isinstance(target, Class) and self._is(site.to(call.function), name, target)
                if its is None:
                    return None
                found += [site] if its else []
        return found

    def _is(self, site: Site, name: str, target: Class | Function) -> bool | None:
        """Whether an expression names a class or function; None when that cannot be told."""
        match site.node:
            case Member(name=last):
                pass
            case Name(name=last):
                home = site.scope.declaring(last)
                bound = home.names[last] if home is not None else []
                if any(isinstance(each.value, Import) and each.value.name in (name, "default") for each in bound):
                    last = name
            case _:
                return False
        found = self.targets(site) if last == name else []
        if any(isinstance(each, Unresolved) for each in found):
            return None
        return any(isinstance(each, Site) and each.node is target for each in found)


def _bound_name(target: Class | Function, home: Script) -> str:
    """The name of the constant that an arrow function or a class without a name is bound to."""
    names = (name for name, bound in home.scope.names.items() if any(each.value is target for each in bound))
    return next(names, "")
