"""What calls of the CDK and of Pulumi give a TypeScript program: context, configuration, the keys of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import AT_RUN_TIME, Call, Member
from mwaalint.model.adapters._typescript_sites import Site, Target
from mwaalint.model.values import ABSENT, Absent, Known, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from mwaalint.model.adapters._typescript_values import TypeScriptValues

PULUMI_OBJECT = regex(r"@pulumi/aws(/s3)?\.(s3\.)?BucketObject(v2)?")

_PASSES_ON = frozenset({".Object.freeze", "@pulumi/pulumi.interpolate", "@pulumi/pulumi.output"})
_CONFIG = regex(r"@pulumi/pulumi[./](config\.)?Config")
_GETTER = regex(r"(?P<verb>get|require)(?P<secret>Secret)?(?P<kind>Number|Boolean|Object)?")
_KINDS = {"Number": "float", "Boolean": "bool", "Object": "object"}


def called(call: Call, site: Site, values: TypeScriptValues) -> Sequence[Target]:
    """What a call that is no function of the repository gives; the call itself where nothing is known of it."""
    match call:
        case Call(function=Member(name="tryGetContext" | "getContext"), arguments=[key]):
            return [_context(values.value(site.to(key)), site, values)]
        case Call(function=Member(base=holder, name=method), arguments=[key, *_]) if getter := _GETTER.fullmatch(
            method
        ):
            space = _config_namespace(site.to(holder), values)
            if space is not None:
                return [_configured(getter, space, values.value(site.to(key)), site, values)]
        case _:
            pass
    name = values.qualified(site.to(call.function))
    if name in _PASSES_ON and call.arguments:
        return values.targets(site.to(call.arguments[0]))
    stack = values.stack
    told = {"@pulumi/pulumi.getStack": stack.name, "@pulumi/pulumi.getProject": stack.project} if stack else {}
    return [site.known(told[name])] if told.get(name) else [site]


def made(kind: str, call: Call, name: str, instance: Site, values: TypeScriptValues) -> Sequence[Target]:
    """A member of what a class outside the repository makes: only an object in a bucket keeps the key it is given."""
    if PULUMI_OBJECT.fullmatch(kind) and name == "key" and len(call.arguments) > 1:
        properties = instance.to(call.arguments[1])
        found = [each for target in values.targets(properties) for each in values.member(target, "key", properties)]
        if all(isinstance(each, Absent) for each in found):
            return values.targets(instance.to(call.arguments[0]))
        return found
    return [instance.missing(AT_RUN_TIME)]


def _context(key: Value, site: Site, values: TypeScriptValues) -> Value:
    if not (isinstance(key, Known) and isinstance(key.value, str)):
        return site.missing("which context value is read is not known")
    found = values.settings.context(key.value, site.script.file.path)
    # What cdk.json does not give, whoever deploys may.
    return site.missing(AT_RUN_TIME) if isinstance(found, Absent) else found


def _config_namespace(holder: Site, values: TypeScriptValues) -> str | None:
    """The namespace of the ``pulumi.Config`` that an expression is; None when it is something else."""
    match values.targets(holder):
        case [Site(node=Call(new=True, function=function, arguments=arguments)) as config]:
            if not _CONFIG.fullmatch(values.qualified(config.to(function))):
                return None
            if not arguments:
                return values.stack.project if values.stack else ""
            name = values.value(config.to(arguments[0]))
            return name.value if isinstance(name, Known) and isinstance(name.value, str) else ""
        case _:
            return None


def _configured(getter: re.Match[str], space: str, key: Value, site: Site, values: TypeScriptValues) -> Value:
    if getter["secret"] or not isinstance(key, Known) or values.stack is None:
        return site.missing("it is a secret" if getter["secret"] else "which setting is read is not known")
    found = values.stack.value(f"{space}:{key.value}", _KINDS.get(getter["kind"] or "", "str"))
    if found is not None:
        return found
    return ABSENT if getter["verb"] == "get" and values.stack.name else site.missing(AT_RUN_TIME)
