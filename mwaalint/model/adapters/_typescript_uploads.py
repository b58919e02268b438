"""What TypeScript programs copy to a bucket: the CDK's ``BucketDeployment``, Pulumi's ``BucketObject``."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import Binary, Call, Import, ListOf, Literal, Member, Template
from mwaalint.model.adapters._typescript_calls import PULUMI_OBJECT
from mwaalint.model.adapters._typescript_sites import Site
from mwaalint.model.environment import Upload
from mwaalint.model.values import Absent, Known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.documents.typescript_syntax import Expression
    from mwaalint.model.adapters._typescript_values import TypeScriptValues

_DEPLOYMENT = regex(r"(aws-cdk-lib[./]|@aws-cdk/)aws[-_]s3[-_]deployment\.(?P<name>BucketDeployment|Source\.\w+)")
_FILE = regex(r"@pulumi/pulumi[./](asset\.)?FileAsset")
_JOIN = regex(r"(node:)?path\.((posix|default)\.)?(join|resolve|normalize)")
_DIRNAME = regex(r"(node:)?path\.((posix|default)\.)?dirname")
_READ = regex(r"(node:)?fs\.readFileSync")
_EVERYTHING = frozenset({"*", "**", "**/*"})
_MAX_DEPTH = 20


def uploads(site: Site, values: TypeScriptValues) -> Iterator[Upload]:
    """The uploads that a ``new`` expression makes; none when the place in the bucket is not known."""
    assert isinstance(site.node, Call)
    kind = values.qualified(site.to(site.node.function))
    arguments = site.node.arguments
    deployment = _DEPLOYMENT.fullmatch(kind)
    if deployment and deployment["name"] == "BucketDeployment" and len(arguments) > 2:
        name = _name("BucketDeployment", site.to(arguments[1]), values)
        yield from _deployed(site.to(arguments[2]), name, values)
    elif PULUMI_OBJECT.fullmatch(kind) and len(arguments) > 1:
        yield from _object(site, values)


def _name(kind: str, site: Site, values: TypeScriptValues) -> str:
    found = values.value(site)
    return f"{kind}.{found.value}" if isinstance(found, Known) else kind


def _deployed(properties: Site, name: str, values: TypeScriptValues) -> Iterator[Upload]:
    prefix = _text(properties, "destinationKeyPrefix", values)
    if prefix is None:
        return
    narrowed = _patterns(properties, values)
    for sources in _member(properties, "sources", values):
        items = sources.node.items if isinstance(sources.node, ListOf) else ()
        for source in items:
            if isinstance(source, Call):
                yield from _source(sources.to(source), prefix.strip("/"), narrowed, name, values)


def _source(site: Site, prefix: str, narrowed: list[str], name: str, values: TypeScriptValues) -> Iterator[Upload]:
    assert isinstance(site.node, Call)
    kind = _DEPLOYMENT.fullmatch(values.qualified(site.to(site.node.function)))
    place, project = site.at(), values.scripts.project
    match kind and kind["name"], site.node.arguments:
        case "Source.asset", [path, *options]:
            folder = existing(site.to(path), values)
            if folder is None or project.get(folder) is not None:
                return
            kept = _kept([*narrowed, *(_patterns(site.to(options[0]), values) if options else ())])
            if kept is None:
                yield Upload(folder, prefix, place, address=name, recursive=True)
            for below in kept or ():
                file = posixpath.join(folder, below)
                if project.get(file) is not None:
                    yield Upload(file, posixpath.join(prefix, below), place, address=name)
        case "Source.data", [key, content]:
            read, known = _read_file(site.to(content), values), values.value(site.to(key))
            if read is not None and isinstance(known, Known) and isinstance(known.value, str):
                yield Upload(read, posixpath.join(prefix, known.value), place, address=name)
        case _:
            pass


def _object(site: Site, values: TypeScriptValues) -> Iterator[Upload]:
    assert isinstance(site.node, Call)
    name = _name("aws.s3.BucketObject", site.to(site.node.arguments[0]), values)
    key = values.either(list(values.member(site, "key", site)), site)
    for source in _member(site.to(site.node.arguments[1]), "source", values):
        match source.node:
            case Call(new=True, function=function, arguments=[path, *_]):
                is_file = _FILE.fullmatch(values.qualified(source.to(function)))
                file = existing(source.to(path), values) if is_file else None
                if file and values.scripts.project.get(file) and isinstance(key, Known) and isinstance(key.value, str):
                    yield Upload(file, key.value.lstrip("/"), site.at(), address=name)
            case _:
                pass


def _member(properties: Site, name: str, values: TypeScriptValues) -> list[Site]:
    """What a member of an object of properties is written as; nothing where that is not known for certain."""
    targets = [each for t in values.targets(properties) for each in values.member(t, name, properties)]
    return [each for each in targets if isinstance(each, Site)] if len(targets) == 1 else []


def _text(properties: Site, name: str, values: TypeScriptValues) -> str | None:
    """A text among properties: "" where it is absent, None where it is not known."""
    targets = [each for t in values.targets(properties) for each in values.member(t, name, properties)]
    found = values.either(targets, properties)
    if isinstance(found, Absent):
        return ""
    return found.value if isinstance(found, Known) and isinstance(found.value, str) else None


def _patterns(properties: Site, values: TypeScriptValues) -> list[str]:
    """What ``exclude`` leaves out; what ``include`` brings back starts with "!"."""
    found: list[str] = []
    for name, mark in (("exclude", ""), ("include", "!")):
        for each in _member(properties, name, values):
            value = values.content(each)
            items = value.value if isinstance(value, Known) and isinstance(value.value, tuple) else ()
            found += [f"{mark}{item.value}" for item in items if isinstance(item, Known)]
    return found


def _kept(patterns: Sequence[str]) -> list[str] | None:
    """The files that are left over when everything else is excluded; None for the whole folder."""
    if not _EVERYTHING & set(patterns):
        return None
    return [pattern[1:].lstrip("/") for pattern in patterns if pattern.startswith("!")]


def _read_file(site: Site, values: TypeScriptValues) -> str | None:
    """The file of the project whose text an expression reads."""
    match values.targets(site):
        case [Site(node=Call(function=Member(base=Call() as inner, name="toString" | "trim"))) as outer]:
            return _read_file(outer.to(inner), values)
        case [Site(node=Call(function=function, arguments=[path, *_])) as call]:
            if _READ.fullmatch(values.qualified(call.to(function))):
                found = existing(call.to(path), values)
                return found if found is not None and values.scripts.project.get(found) else None
        case _:
            pass
    return None


def existing(site: Site, values: TypeScriptValues) -> str | None:
    """The path in the project of a folder or file that is there, from the app's folder or else from the root."""
    path = _path(site, values, 0)
    if path is None:
        return None
    project = values.scripts.project
    bases = [""] if path.startswith("/") else list(dict.fromkeys([*_homes(site, values), ""]))
    for base in bases:
        candidate = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
        if (
            candidate != "."
            and not candidate.startswith("..")
            and (project.get(candidate) or project.has_folder(candidate))
        ):
            return candidate
    return None


def _homes(site: Site, values: TypeScriptValues) -> list[str]:
    """The folders that a program may be run in: the nearest that describe an app, or a package."""
    found = []
    for name in ("cdk.json", "Pulumi.yaml", "package.json"):
        folder = posixpath.dirname(site.script.file.path)
        while folder and posixpath.join(folder, name) not in values.scripts.project.files:
            folder = posixpath.dirname(folder)
        if posixpath.join(folder, name) in values.scripts.project.files:
            found.append(folder)
    return found


def _path(site: Site, values: TypeScriptValues, depth: int) -> str | None:
    """A path as text; with a slash in front it starts at the project's root."""
    targets = values.targets(site) if depth <= _MAX_DEPTH else []
    if len(targets) != 1:
        return None
    target = targets[0]
    if not isinstance(target, Site):
        return target.value if isinstance(target, Known) and isinstance(target.value, str) else None
    match target.node:
        case Import(module="", name="__dirname"):
            return f"/{posixpath.dirname(target.script.file.path)}"
        case Import(module="", name="__filename"):
            return f"/{target.script.file.path}"
        case Literal(value=str() as text):
            return text if not text.startswith("/") else None
        case Template(parts=parts):
            return _concatenated(parts, target, values, depth)
        case Binary(operator="+", left=left, right=right):
            return _concatenated([left, right], target, values, depth)
        case Call(function=function, arguments=arguments):
            return _called(values.qualified(target.to(function)), arguments, target, values, depth)
        case _:
            return None


def _concatenated(parts: Sequence[Expression], site: Site, values: TypeScriptValues, depth: int) -> str | None:
    texts: list[str] = []
    for part in parts:
        if isinstance(part, Literal):
            texts.append(str(part.value))
        elif (text := _path(site.to(part), values, depth + 1)) is not None:
            texts.append(text)
        else:
            return None
    return "".join(texts)


def _called(name: str, arguments: Sequence[Expression], site: Site, values: TypeScriptValues, depth: int) -> str | None:
    if name == ".process.cwd":
        return "."
    paths = [_path(site.to(argument), values, depth + 1) for argument in arguments]
    known = [path for path in paths if path is not None]
    if not known or len(known) != len(paths):
        return None
    if _DIRNAME.fullmatch(name):
        return posixpath.dirname(known[0]) if known[0].startswith("/") else None
    return posixpath.join(*known) if _JOIN.fullmatch(name) else None
