"""What Terraform says about an environment beside its arguments: timeouts, and the versions of the AWS provider."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_eval import evaluate
from mwaalint.model.adapters.terraform_values import settled
from mwaalint.model.values import Known, Value
from mwaalint.patterns import regex
from mwaalint.source import Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.model.adapters.terraform_instances import Instance
    from mwaalint.model.adapters.terraform_modules import Module
    from mwaalint.model.adapters.terraform_scope import Scope
    from mwaalint.source import SourceFile

_LOCK = ".terraform.lock.hcl"
_LOCKED = regex(
    rb'provider\s+"registry\.(?:terraform\.io|opentofu\.org)/hashicorp/aws"\s*\{[^}]*?version\s*=\s*"(?P<version>[\d.]+)"'
)


def timeouts(block: Block, scope: Scope) -> dict[str, Value]:
    """The values of a ``timeouts`` block: ``create`` and the like."""
    found: dict[str, Value] = {}
    for inner in block.blocks:
        if inner.type == "timeouts":
            within = replace(scope, file=inner.file, symbol=f"{scope.symbol}.timeouts")
            found |= {
                name: settled(evaluate(item.expression, within.of(item))) for name, item in inner.attributes.items()
            }
    return found


def made_before_destroyed(block: Block, scope: Scope) -> Known | None:
    """The ``create_before_destroy`` of a resource, where it is on."""
    for inner in block.blocks:
        item = inner.attributes.get("create_before_destroy") if inner.type == "lifecycle" else None
        if item is not None:
            within = replace(scope, file=inner.file, symbol=f"{scope.symbol}.lifecycle.create_before_destroy")
            value = settled(evaluate(item.expression, within.of(item)))
            if isinstance(value, Known) and value.value is True:
                return value
    return None


def provider_versions(instance: Instance) -> tuple[Known, ...]:
    """The constraints on the AWS provider's version that all hold for a module, or the one version that is locked."""
    locked = _locked(instance.root_folder, instance.module.project)
    if locked is not None:
        return (locked,)
    found: list[Known] = []
    above: Instance | None = instance
    while above is not None:
        found += _required(above.module)
        above = above.parent
    return tuple(found)


def _required(module: Module) -> Iterator[Known]:
    for block in module.blocks:
        for inner in block.blocks if block.type == "terraform" else ():
            item = inner.attributes.get("aws") if inner.type == "required_providers" else None
            if item is not None:
                yield from _constraint(item.file, item.span)


# The value is literal by the language's own rule, so its text tells all.
_VERSION = regex(r'version"?\s*[=:]\s*"(?P<version>[^"]*)"|^[^{]*[=:]\s*"(?P<whole>[^"]*)"\s*$')


def _constraint(file: SourceFile, span: Span) -> Iterator[Known]:
    match = _VERSION.search(file.slice(span))
    if match is not None:
        text = match["version"] if match["version"] is not None else match["whole"]
        yield Known(text, Location(file.path, span, "required_providers.aws"))


def _locked(folder: str, project: Mapping[str, SourceFile]) -> Known | None:
    file = project.get(posixpath.join(folder, _LOCK))
    try:
        match = _LOCKED.search(file.data) if file is not None else None
    except UnreadableFileError:
        return None
    if match is None or file is None:
        return None
    return Known(match["version"].decode(), Location(file.path, Span(*match.span("version")), "provider.aws"))
