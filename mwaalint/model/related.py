"""Which of a project's resources belong to an environment: followed from its arguments, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from mwaalint.model.resources import leads_to
from mwaalint.model.values import ABSENT, Known, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.findings import Location
    from mwaalint.model.environment import Declarations, Environment
    from mwaalint.model.resources import (
        Bucket,
        KmsKey,
        LogGroup,
        Resources,
        Role,
        RouteTable,
        SecurityGroup,
        Subnet,
        VpcEndpoint,
    )


class _Addressed(Protocol):
    @property
    def address(self) -> str: ...
    @property
    def location(self) -> Location: ...


R = TypeVar("R", bound=_Addressed)


class Related(NamedTuple):
    """The resources of one environment. What is None or missing is not declared in the project, or cannot be followed.

    ``subnets`` and ``security_groups`` hold one entry an id of the network configuration, None for an id that leads to
    no resource of the project. ``route_tables``, ``vpc_endpoints`` and ``log_groups`` are all of its stack;
    a rule picks by VPC or name.
    """

    bucket: Bucket | None = None
    role: Role | None = None
    key: KmsKey | None = None
    subnets: tuple[Subnet | None, ...] = ()
    security_groups: tuple[SecurityGroup | None, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    vpc_endpoints: tuple[VpcEndpoint, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()


def related_of(environment: Environment, declared: Declarations) -> Related:
    """The resources of its stack that the environment's arguments lead to."""
    resources = declared.resources.get(environment.stack)
    return _related(environment, resources) if resources else Related()


def _related(environment: Environment, resources: Resources) -> Related:
    return Related(
        bucket=_named(environment.source_bucket_arn, resources.buckets),
        role=_named(environment.execution_role_arn, resources.roles),
        key=_one(environment.kms_key, resources.keys),
        subnets=tuple(_one(each, resources.subnets) for each in network_ids(environment, "subnet_ids")),
        security_groups=tuple(
            _one(each, resources.security_groups) for each in network_ids(environment, "security_group_ids")
        ),
        route_tables=resources.route_tables,
        vpc_endpoints=resources.vpc_endpoints,
        log_groups=resources.log_groups,
    )


def comes_before(environment: Environment, address: str) -> bool:
    """Whether a resource, or all that is declared with it, exists before the environment is made."""
    return any(
        address.startswith(each) and address[len(each) : len(each) + 1] in ("", ".", "[")
        for each in environment.depends_on or ()
    )


def network_ids(environment: Environment, member: str) -> tuple[Value, ...]:
    """The ids of ``subnet_ids`` or ``security_group_ids``; none where the list itself is not known."""
    network = environment.network_configuration
    ids = (
        network.value.get(member, ABSENT) if isinstance(network, Known) and isinstance(network.value, dict) else ABSENT
    )
    return ids.value if isinstance(ids, Known) and isinstance(ids.value, tuple) else ()


class _Named(_Addressed, Protocol):
    @property
    def name(self) -> Value: ...


N = TypeVar("N", bound=_Named)


def _named(value: Value, resources: Iterable[N]) -> N | None:
    found = [each for each in resources if leads_to(value, each.address, each.name)]
    return found[0] if len(found) == 1 else None


def _one(value: Value, resources: Iterable[R]) -> R | None:
    found = [each for each in resources if leads_to(value, each.address)]
    return found[0] if len(found) == 1 else None
