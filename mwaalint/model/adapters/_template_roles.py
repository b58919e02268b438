"""The roles of a template with their policies, inside of them and as resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._policy_documents import Written, policy
from mwaalint.model.adapters._template_properties import Declared, Joins, member, text
from mwaalint.model.resources import Policy, Role
from mwaalint.model.values import Absent, Known, Unresolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Policies that name their roles, with the property that does.
_ATTACHING = {
    "AWS::IAM::Policy": "roles",
    "AWS::IAM::ManagedPolicy": "roles",
    "AWS::IAM::RolePolicy": "role_name",
}


def roles(by_type: Mapping[str, Sequence[Declared]]) -> tuple[Role, ...]:
    """The roles of a template."""
    separate = [each for type_ in _ATTACHING for each in by_type.get(type_, ())]
    attached = Joins(separate, lambda each: _ATTACHING[each.type])
    managed = {each.address: each for each in by_type.get("AWS::IAM::ManagedPolicy", ())}
    return tuple(_role(each, attached, managed) for each in by_type.get("AWS::IAM::Role", ()))


def _role(role: Declared, attached: Joins, managed: Mapping[str, Declared]) -> Role:
    # A policy that is there under a condition only may grant more, and is counted as if it were there.
    its, _ = attached.of(role, "role_name")
    arns = role.items("managed_policy_arns")
    own = [managed[arn.resource] for arn in arns if isinstance(arn, Unresolved) and arn.resource in managed]
    others = tuple(arn for arn in arns if not (isinstance(arn, Unresolved) and arn.resource in managed))
    inline = [_inline(item) for item in role.items("policies")]
    policies = [*inline, *(_document(each) for each in [*own, *(each for each in its if each not in own)])]
    followed = all(isinstance(arn, Known) for arn in others)
    trust = role.get("assume_role_policy_document")
    return Role(
        role.address,
        role.location,
        name=text(role.get("role_name")),
        trust=None if isinstance(trust, Absent) else policy(trust, trust.origin),
        policies=tuple(policies),
        managed=others,
        attachments=tuple(each.address for each in its),
        complete=role.complete and followed and attached.all_lead_somewhere and all(each.complete for each in policies),
    )


def _inline(value: Written) -> Policy:
    return policy(member(value, "policy_document"), value.origin)


def _document(each: Declared) -> Policy:
    return policy(each.get("policy_document"), each.location, each.address)
