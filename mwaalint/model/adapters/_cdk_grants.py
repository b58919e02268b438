"""What a role is allowed by the grant methods of the CDK's buckets, as statements of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import load
from mwaalint.model.adapters._given import TAKEN, Given
from mwaalint.model.values import ABSENT, Known, Unresolved, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.findings import Location

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
    row = load().table("cdk-grants")["rows"].get(method) if kind in _KINDS else None
    if row is None:
        return Given()
    on = Unresolved("", TAKEN, at, bucket)
    key = ABSENT if kind in _WITHOUT_KEY else Unresolved("", TAKEN, at)
    given = {"statement": _statement(_words(row["bucket"], at), on, at), "key": key}
    return Given(named=given | ({"key_actions": _words(row["key"], at)} if row["key"] else {}))


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
    actions = given.get("key_actions")
    if is_set(actions) and is_set(key):
        yield _statement(actions, key, statement.origin)


def _key(bucket: Given, at: Location) -> Value:
    """The key of a bucket, which the grant is for as well."""
    key, encryption = bucket.get("encryption_key"), bucket.get("encryption")
    if is_set(key) or not is_set(encryption):
        return key
    managed = isinstance(encryption, Known) and encryption.value not in _OWN_KEY
    return ABSENT if managed else Unresolved("", TAKEN, at)


def _words(words: Iterable[str], at: Location) -> Known:
    return Known(tuple(Known(each, at) for each in words), at)


def _statement(actions: Value, resource: Value, at: Location) -> Known:
    return Known({"Effect": Known("Allow", at), "Action": actions, "Resource": resource}, at)
