"""Files of the project that Terraform copies to a bucket: ``aws_s3_object`` and what published modules upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint.documents.terraform_syntax import Call, Expression, For, GetAttr, Reference
from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_eval import evaluate
from mwaalint.model.adapters.terraform_values import EACH_FILE, Site, project_path
from mwaalint.model.environment import Upload
from mwaalint.model.values import Known, Value, possible
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.model.adapters.terraform_instances import Instance
    from mwaalint.model.adapters.terraform_scope import Scope

RESOURCES = ("aws_s3_object", "aws_s3_bucket_object")
_SCRIPT = regex(r"\.sh(\.(tpl|tftpl|tmpl|template))?$")
_WILDCARDS = frozenset("*?[{")


def uploads(instance: Instance, kind: str, name: str, block: Block) -> Iterator[Upload]:
    """What one resource uploads: a file for each instance, or a folder for a fileset."""
    address = f"{kind}.{name}"
    location = Location(block.file.path, block.header, address)
    each = block.attributes.get("for_each")
    pattern = _fileset(each.expression, instance, instance.scope(block, address)) if each else None
    if pattern is not None:
        upload = _matching(instance, address, block, location, pattern)
        if upload is not None:
            yield upload
        return
    archive = _archive(instance, block)
    for suffix, bindings in instance.instances(block):
        scope = instance.scope(block, address, bindings)
        key = _text(_attribute(block, "key", scope))
        if archive is not None:
            symbol = f"{instance.prefix}{address}{suffix}"
            yield Upload(archive, key, location, symbol, watched=_watched(block), archived=True)
            continue
        for source in _sources(block, scope):
            path = project_path(source, instance.root_folder)
            rendered = _content(block) == "templatefile"
            # Of the files that are made from templates, only scripts can be read with their placeholders.
            if path is not None and (not rendered or _SCRIPT.search(path)):
                yield Upload(
                    path,
                    key,
                    location,
                    f"{instance.prefix}{address}{suffix}",
                    watched=_watched(block),
                    rendered=rendered,
                )


def _archive(instance: Instance, block: Block) -> str | None:
    """The folder that an ``archive_file`` packs into the file of this resource; None where it is no such file."""
    attribute = block.attributes.get("source")
    for (kind, name), data in instance.module.data.items() if attribute else ():
        folder, path = data.attributes.get("source_dir"), data.attributes.get("output_path")
        if kind != "archive_file" or folder is None or path is None or attribute is None:
            continue
        scope = instance.scope(data, f"data.{kind}.{name}", {})
        packed = _path(path.expression, scope, instance)
        written = _path(attribute.expression, instance.scope(block, name, {}), instance)
        if _is_output(attribute.expression, name) or (packed and packed == written):
            return _path(folder.expression, scope, instance)
    return None


def _path(expression: Expression, scope: Scope, instance: Instance) -> str | None:
    return project_path(_text(evaluate(expression, scope)), instance.root_folder)


def _is_output(expression: Expression, name: str) -> bool:
    """Whether an expression is ``data.archive_file.NAME.output_path``, of one of several instances as well."""
    if not isinstance(expression, Reference) or expression.root != "data":
        return False
    named = [step.name for step in expression.steps if isinstance(step, GetAttr)]
    return named == ["archive_file", name, "output_path"]


def published(instance: Instance, name: str, call: Block, row: Mapping[str, Any]) -> Iterator[Upload]:
    """The files that a published module uploads when its arguments name them."""
    for argument, key, recursive in (
        (row.get("requirements_file_argument"), row.get("requirements_key", "requirements.txt"), False),
        (row.get("dags_folder_argument"), "dags", True),
    ):
        item = call.attributes.get(argument) if argument else None
        if item is None:
            continue
        for _, bindings in instance.instances(call):
            scope = instance.scope(item, f"module.{name}.{argument}", bindings)
            for source in possible(evaluate(item.expression, scope)):
                path = project_path(_text(source), instance.root_folder)
                if path is not None:
                    location = Location(item.file.path, item.span, scope.symbol)
                    yield Upload(path, key, location, f"{instance.prefix}module.{name}", recursive)


def _sources(block: Block, scope: Scope) -> Iterator[str]:
    """The paths of ``source``, or of ``content = file(...)`` or ``templatefile(...)``."""
    attribute = block.attributes.get("source")
    expression = attribute.expression if attribute else None
    content = block.attributes.get("content")
    if content and isinstance(content.expression, Call) and _content(block) in ("file", "templatefile"):
        expression = content.expression.arguments[0] if content.expression.arguments else None
    if expression is not None:
        yield from (_text(option) for option in possible(evaluate(expression, scope)))


def _content(block: Block) -> str:
    """The function whose result is the object's content; "" where the object has a ``source``."""
    content = block.attributes.get("content")
    if "source" in block.attributes or content is None or not isinstance(content.expression, Call):
        return ""
    return content.expression.name


def _watched(block: Block) -> bool:
    """Whether Terraform sees a change of the file: ``source`` is only its path, the content is in the others."""
    return "source" not in block.attributes or not {"etag", "source_hash"}.isdisjoint(block.attributes)


def _attribute(block: Block, name: str, scope: Scope) -> Value | None:
    attribute = block.attributes.get(name)
    return evaluate(attribute.expression, scope.of(attribute)) if attribute else None


def _text(value: Value | None) -> str:
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""


def _fileset(expression: Expression, instance: Instance, scope: Scope) -> tuple[str, str] | None:
    """Folder and pattern of ``fileset(folder, pattern)``, also inside toset() and behind a local value."""
    for _ in range(8):
        match expression:
            case Call(name="fileset", arguments=(folder, pattern)):
                parts = _text(evaluate(folder, scope)), _text(evaluate(pattern, scope))
                return parts if parts[0] and parts[1] else None
            case Call(name="toset" | "tolist", arguments=(inner,)):
                expression = inner
            case For(names=(name,), key=key, value=value, condition=None) if _hands_on(name, key, value):
                expression = expression.collection
            case Reference(root="local", steps=(GetAttr(name=name),)) if name in instance.module.locals:
                local = instance.module.locals[name]
                expression, scope = local.expression, instance.scope(local, f"local.{name}")
            case _:
                return None
    return None


def _hands_on(name: str, key: Expression | None, value: Expression) -> bool:
    """Whether a ``for`` gives its elements as they are: ``[for f in files : f]``, ``{ for f in files : f => f }``."""
    return all(isinstance(part, Reference) and part.root == name and not part.steps for part in (key or value, value))


def _matching(
    instance: Instance, address: str, block: Block, location: Location, fileset: tuple[str, str]
) -> Upload | None:
    """The upload of a fileset: its folder when the pattern has wildcards, else the one file.

    A folder whose key is not known is left out: an empty key of a folder is the root of the bucket.
    """
    fixed, rest = _split(fileset[1])
    site = Site(location, address)
    file = site.known(fixed + (EACH_FILE if rest else ""))
    scope = instance.scope(block, address, {"each.key": file, "each.value": file})
    source = next(iter(_sources(block, scope)), "")
    key = _text(_attribute(block, "key", scope))
    if rest and not (source.endswith(EACH_FILE) and key.endswith(EACH_FILE)):
        return None
    path, prefix = project_path(source.removesuffix(EACH_FILE), instance.root_folder), key.removesuffix(EACH_FILE)
    if path is None or "\0" in prefix:
        return None
    return Upload(
        path,
        prefix.strip("/") if rest else prefix,
        location,
        f"{instance.prefix}{address}",
        recursive=bool(rest),
        watched=_watched(block),
    )


def _split(pattern: str) -> tuple[str, str]:
    """The folders (or the file) a pattern names before its first wildcard, and the rest."""
    first = next((index for index, letter in enumerate(pattern) if letter in _WILDCARDS), None)
    if first is None:
        return pattern, ""
    cut = pattern.rfind("/", 0, first) + 1
    return pattern[:cut], pattern[cut:]
