"""Terraform's S3 buckets, with what older providers take inline and newer ones as resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters.terraform_items import Owners
from mwaalint.model.resources import Bucket, LifecycleRule
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.adapters.terraform_blocks import Body
    from mwaalint.model.adapters.terraform_items import Grouped, Item, Items

_BLOCK = "aws_s3_bucket_public_access_block"
_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_VERSIONING = "aws_s3_bucket_versioning"
KINDS = frozenset({"aws_s3_bucket", _BLOCK, _ENCRYPTION, _LIFECYCLE, _VERSIONING})
_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_INLINE = ("versioning", "lifecycle_rule", "server_side_encryption_configuration")
# The key that S3 takes where ``aws:kms`` is asked for without one.
_AWS_KEY = "alias/aws/s3"


def buckets(items: Items) -> tuple[Bucket, ...]:
    """The buckets of a stack."""
    found = items.of("aws_s3_bucket")
    named = [Bucket(item.address, item.location, item.body.text("bucket")) for item in found]
    owners = Owners((bucket.address, bucket.name) for bucket in named)
    facets = {kind: items.grouped(owners, "bucket", kind) for kind in (_BLOCK, _ENCRYPTION, _LIFECYCLE, _VERSIONING)}
    doubt = any(facet.doubt for facet in facets.values())
    return tuple(_bucket(item, bucket, facets, doubt) for item, bucket in zip(found, named, strict=True))


def _bucket(item: Item, bucket: Bucket, facets: dict[str, Grouped], doubt: bool) -> Bucket:
    of = {kind: facet.of(item.address) for kind, facet in facets.items()}
    separate_rules = [each for each in of[_LIFECYCLE] if each.body.unknown("rule")]
    return bucket._replace(
        versioning=_versioning(item, of[_VERSIONING]),
        public_access_block=_sole([_flags(each) for each in of[_BLOCK]]),
        kms_key=_kms_key(item, of[_ENCRYPTION]),
        lifecycle_rules=tuple(_lifecycle_rules(item, of[_LIFECYCLE])),
        complete=item.certain and not doubt and not separate_rules and not any(map(item.body.unknown, _INLINE)),
    )


def _sole(values: Sequence[Value]) -> Value:
    """What one resource says; two that say it of one bucket are alternatives, and which one exists is not known."""
    if len(values) < 2:
        return values[0] if values else ABSENT
    first = values[0]
    assert isinstance(first, Known | OneOf | Unresolved)
    return Unresolved("", "more than one resource says it", first.origin)


def _versioning(item: Item, separate: Sequence[Item]) -> Value:
    said = [_status(each.body.inner("versioning_configuration"), each) for each in separate]
    inline = item.body.inner("versioning")
    if item.body.unknown("versioning"):
        said.append(item.body.site.unresolved("the block may not be there"))
    elif inline is not None:
        enabled = inline.flag("enabled")
        # The provider reads a block without ``enabled`` as suspended.
        said.append(enabled if is_set(enabled) else Known(False, inline.place))
    return _sole(said)


def _status(configuration: Body | None, item: Item) -> Value:
    status = configuration.value("status") if configuration else ABSENT
    if not item.certain or not isinstance(status, Known | OneOf):
        return item.body.site.unresolved("the status is not known")
    return _mapped(status)


def _mapped(status: Value) -> Value:
    match status:
        case Known(value=value, origin=origin):
            return Known(value == "Enabled", origin)
        case OneOf(options=options, origin=origin):
            kinds = {option.value == "Enabled" for option in options}
            return Known(kinds.pop(), origin) if len(kinds) == 1 else status
        case _:
            return status


def _flags(item: Item) -> Value:
    """The four flags; the provider turns off those that are left out."""
    if not item.certain:
        return item.body.site.unresolved("the instances are not known")
    values = {name: item.body.flag(name) for name in _FLAGS}
    flags = {name: value if is_set(value) else Known(False, item.location) for name, value in values.items()}
    return Known(flags, item.location)


def _kms_key(item: Item, separate: Sequence[Item]) -> Value:
    blocks = [rule for each in separate if (rule := each.body.inner("rule"))]
    inline = item.body.inner("server_side_encryption_configuration")
    if inline is not None and (rule := inline.inner("rule")):
        blocks.append(rule)
    defaults = [inner for rule in blocks if (inner := rule.inner("apply_server_side_encryption_by_default"))]
    return _sole([_key(default) for default in defaults])


def _key(default: Body) -> Value:
    key, algorithm = default.text("kms_master_key_id"), default.value("sse_algorithm")
    if not isinstance(algorithm, Known):
        return algorithm
    if algorithm.value == "AES256":
        return ABSENT
    return Known(_AWS_KEY, algorithm.origin) if isinstance(key, Absent) else key


def _lifecycle_rules(item: Item, separate: Sequence[Item]) -> Iterator[LifecycleRule]:
    for body in item.body.nested("lifecycle_rule"):
        yield LifecycleRule(
            body.whole,
            enabled=body.flag("enabled"),
            prefix=_prefix(body),
            expiration_days=_days(body, "expiration", "days"),
            noncurrent_expiration_days=_days(body, "noncurrent_version_expiration", "days"),
            narrowed="tags" in body.block.attributes,
        )
    for each in separate:
        for body in each.body.nested("rule"):
            yield _lifecycle_rule(body)


def _lifecycle_rule(body: Body) -> LifecycleRule:
    status = body.value("status")
    outer = body.inner("filter")
    filtered = (outer.inner("and") or outer) if outer else body
    narrowing = {"tag", "tags", "object_size_greater_than", "object_size_less_than"}
    names = {*filtered.block.attributes, *(block.type for block in filtered.block.blocks)} if outer else set()
    return LifecycleRule(
        body.whole,
        enabled=_mapped(status) if isinstance(status, Known) else status,
        prefix=_prefix(filtered),
        expiration_days=_days(body, "expiration", "days"),
        noncurrent_expiration_days=_days(body, "noncurrent_version_expiration", "noncurrent_days"),
        narrowed=not narrowing.isdisjoint(names),
    )


def _prefix(body: Body) -> Value:
    prefix = body.value("prefix")
    return prefix if is_set(prefix) else Known("", body.place)


def _days(body: Body, block: str, attribute: str) -> Value:
    inner = body.inner(block)
    if inner is not None and is_set(kept := inner.value("newer_noncurrent_versions")):
        return inner.site.unresolved("some versions stay") if not isinstance(kept, Unresolved) else kept
    return inner.number(attribute) if inner else ABSENT
