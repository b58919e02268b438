"""Terraform's IAM roles with their policies, inside of them and attached, and KMS keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._policy_documents import policy
from mwaalint.model.adapters.terraform_documents import content_of
from mwaalint.model.adapters.terraform_items import Owners
from mwaalint.model.resources import KmsKey, Policy, Role
from mwaalint.model.values import ABSENT, Absent, Known, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.model.adapters.terraform_blocks import Body
    from mwaalint.model.adapters.terraform_items import Grouped, Items

_ROLE = "aws_iam_role"
_INLINE = "aws_iam_role_policy"
_POLICY = "aws_iam_policy"
# Attachments with the argument that names the role or the roles.
_ATTACHED = {"aws_iam_role_policy_attachment": "role", "aws_iam_policy_attachment": "roles"}
_KEY = "aws_kms_key"
_KEY_GRANT = "aws_kms_grant"
_KEY_POLICY = "aws_kms_key_policy"
KINDS = frozenset({_ROLE, _INLINE, _POLICY, *_ATTACHED, _KEY, _KEY_POLICY, _KEY_GRANT})


def roles(items: Items) -> tuple[Role, ...]:
    """The roles of a stack."""
    found = [Role(item.address, item.location, item.body.text("name")) for item in items.of(_ROLE)]
    owners = Owners((role.address, role.name) for role in found)
    policies = _Policies(items)
    attached = [items.grouped(owners, "role", _INLINE)]
    attached += [items.grouped(owners, argument, kind) for kind, argument in _ATTACHED.items()]
    bodies = [item.body for item in items.of(_ROLE)]
    certain = [item.certain for item in items.of(_ROLE)]
    return tuple(
        _role(role, body, sure, attached, policies) for role, body, sure in zip(found, bodies, certain, strict=True)
    )


class _Policies:
    """The policies that are resources of their own, by what their attachments name."""

    def __init__(self, items: Items) -> None:
        found = items.of(_POLICY)
        self._owners = Owners((item.address, item.body.text("name")) for item in found)
        self._by_address: Mapping[str, Policy] = {
            item.address: document(item.body, "policy", item.address) for item in found
        }

    def named(self, arn: Value) -> Policy | None:
        """The policy an ARN leads to; None when it is not one of the project."""
        found = self._owners.named_by(arn)
        return self._by_address[found[0]] if found and len(found) == 1 else None


def _role(role: Role, body: Body, certain: bool, attached: list[Grouped], policies: _Policies) -> Role:
    inline, *others = [group.of(role.address) for group in attached]
    arns = [*body.items("managed_policy_arns"), *(each.value("policy_arn") for group in others for each in group)]
    own = {index: found for index, arn in enumerate(arns) if (found := policies.named(arn))}
    managed = tuple(arn for index, arn in enumerate(arns) if index not in own)
    written = [*_inside(body), *(document(each.body, "policy", each.address) for each in inline), *own.values()]
    given = [each for group in (inline, *others) for each in group]
    followed = all(isinstance(arn, Known) for arn in managed) and all(each.certain for each in given)
    doubt = any(group.doubt for group in attached) or body.unknown("inline_policy")
    return role._replace(
        trust=document(body, "assume_role_policy"),
        policies=tuple(written),
        managed=managed,
        attachments=tuple(each.address for each in given if each.certain),
        complete=certain and followed and not doubt and all(each.complete for each in written),
    )


def _inside(body: Body) -> Iterator[Policy]:
    for block in body.nested("inline_policy"):
        # An empty block takes all inline policies away.
        if "policy" in block.block.attributes:
            yield document(block, "policy")


def document(body: Body, name: str, address: str = "") -> Policy:
    """The policy that an argument holds."""
    content = content_of(body.raw(name))
    place = content.origin if isinstance(content, Known) and isinstance(content.value, dict) else body.at(name)
    return policy(content, place, address)


def keys(items: Items) -> tuple[KmsKey, ...]:
    """The KMS keys of a stack."""
    found = items.of(_KEY)
    owners = Owners((item.address, ABSENT) for item in found)
    separate, grants = (items.grouped(owners, "key_id", kind) for kind in (_KEY_POLICY, _KEY_GRANT))
    made = (
        KmsKey(each.address, each.location, granted=grants.doubt or bool(grants.of(each.address))) for each in found
    )
    return tuple(_key(key, item.body, item.certain, separate) for key, item in zip(made, found, strict=True))


def _key(key: KmsKey, body: Body, certain: bool, separate: Grouped) -> KmsKey:
    written = [each.body for each in separate.of(key.address)]
    if not isinstance(body.raw("policy"), Absent):
        written.append(body)
    found = [document(each, "policy") for each in written]
    only = found[0] if len(found) == 1 and (found[0].complete or found[0].statements) else None
    return key._replace(
        multi_region=body.flag("multi_region"),
        policy=only,
        complete=certain and not separate.doubt and (only.complete if only else not found),
    )
