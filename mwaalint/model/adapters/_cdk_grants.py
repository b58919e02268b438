"""What a role is allowed by the grant methods of the CDK's buckets, in the statements that the CDK writes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._given import TAKEN, Given
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.findings import Location

_READ = ("s3:GetObject*", "s3:GetBucket*", "s3:List*")
# The shorter list of newer apps lacks a few of these: a flag of the app decides.
_PUT = ("s3:PutObject*", "s3:Abort*")
_DELETE = ("s3:DeleteObject*",)
_ACTIONS = {
    "grant_read": _READ,
    "grant_put": _PUT,
    "grant_put_acl": _PUT,
    "grant_delete": _DELETE,
    "grant_write": (*_PUT, *_DELETE),
    "grant_read_write": (*_READ, *_PUT, *_DELETE),
}
_KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_BUCKET = "s3.Bucket"
# Buckets of other stacks, of which the CDK is told no key.
_WITHOUT_KEY = frozenset({"s3.Bucket.from_bucket_arn", "s3.Bucket.from_bucket_name"})
_KINDS = frozenset({_BUCKET, *_WITHOUT_KEY, "s3.Bucket.from_bucket_attributes"})
_OWN_KEY = ("KMS", "DSSE")
# What makes a role that another stack has, and the methods that give it more.
IMPORTED_ROLE = "iam.Role.from_"
EXTENDING = frozenset({"add_managed_policy", "add_to_policy", "add_to_principal_policy", "attach_inline_policy"})


def grant(method: str, kind: str, bucket: str, at: Location) -> Given:
    """The actions that a method of a construct grants to a role, and on what; no arguments where that is not known."""
    actions = _ACTIONS.get(method, ()) if kind in _KINDS else ()
    if not actions:
        return Given()
    on = Unresolved("", TAKEN, at, bucket)
    key = ABSENT if kind in _WITHOUT_KEY else Unresolved("", TAKEN, at)
    return Given(named={"statement": _statement(actions, on, at), "key": key})


def role_named(given: Given) -> Value:
    """The ARN or the name by which a role is imported."""
    arn = given.get("role_arn")
    return arn if is_set(arn) else given.get("role_name", 2)


def may_be(role: str, name: Value, imported: Value) -> bool:
    """Whether what a role is imported by may name the role of an address, with a name if it is given one."""
    match imported:
        case Unresolved(resource=resource):
            return resource in ("", role)
        case Known(value=str() as text) if isinstance(name, Known):
            return text.rpartition("/")[2] == name.value
        case Known(value=str()):
            # Nobody can write out the name that CloudFormation makes up.
            return is_set(name)
        case _:
            return True


def granted(given: Given, bucket: Given | None) -> Iterable[Value]:
    """The statements of a grant by a bucket with some arguments, None for one that is not an app's own."""
    statement = given.get("statement")
    if not isinstance(statement, Known):
        return
    yield statement
    key = given.get("key") if bucket is None else _key(bucket, statement.origin)
    if not isinstance(key, Absent):
        yield _statement(_KEY, key, statement.origin)


def _key(bucket: Given, at: Location) -> Value:
    """The key of a bucket, which the grant is for as well."""
    key, encryption = bucket.get("encryption_key"), bucket.get("encryption")
    if is_set(key) or not is_set(encryption):
        return key
    managed = isinstance(encryption, Known) and encryption.value not in _OWN_KEY
    return ABSENT if managed else Unresolved("", TAKEN, at)


def _statement(actions: Iterable[str], resource: Value, at: Location) -> Known:
    members = {"Effect": Known("Allow", at), "Action": Known(tuple(Known(each, at) for each in actions), at)}
    return Known({**members, "Resource": resource}, at)
