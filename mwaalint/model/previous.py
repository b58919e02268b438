"""Pairs the deployments of today with the same ones at an earlier commit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from mwaalint.model.deployment import Deployment
    from mwaalint.model.environment import Environment

    Key = Callable[[Environment], Hashable]


def with_previous(deployments: Sequence[Deployment], past: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments, each with what its environment was, where it is certain which one that was.

    The surest sign first: the declaration's file and symbol, its symbol alone, its name. A sign that several
    environments share is none. One that got another name is another environment: MWAA cannot rename.
    """
    found: dict[int, Deployment] = {}
    taken: set[int] = set()
    for key in (_at_its_place, _by_symbol, _by_name):
        now = _unique(key, deployments, found)
        then = _unique(key, past, taken)
        for sign in now.keys() & then.keys():
            mine, old = now[sign], then[sign]
            if not _renamed(past[old], deployments[mine]):
                found[mine] = past[old]
                taken.add(old)
    return tuple(replace(one, previous=found.get(index)) for index, one in enumerate(deployments))


def _unique(key: Key, deployments: Sequence[Deployment], taken: Iterable[int]) -> Mapping[Hashable, int]:
    """The environments that are still to be paired by their sign, without those that share one."""
    left = set(taken)
    by_sign: dict[Hashable, list[int]] = defaultdict(list)
    for index, deployment in enumerate(deployments):
        if deployment.environment and index not in left and (sign := key(deployment.environment)) is not None:
            by_sign[sign].append(index)
    return {sign: indexes[0] for sign, indexes in by_sign.items() if len(indexes) == 1}


def _at_its_place(environment: Environment) -> Hashable:
    return environment.location.path, environment.symbol, environment.variant, known(environment.name, str)


def _by_symbol(environment: Environment) -> Hashable:
    return environment.symbol, environment.variant


def _by_name(environment: Environment) -> Hashable:
    return known(environment.name, str)


def _renamed(old: Deployment, new: Deployment) -> bool:
    names = {known(one.environment.name, str) for one in (old, new) if one.environment}
    return len(names - {None}) > 1
