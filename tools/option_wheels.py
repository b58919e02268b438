"""What the wheels of Airflow and its providers tell about configuration options. Wheels are read, never imported.

``config.yml`` and the providers' metadata describe the options; ``deprecated_options`` names those whose old name is
still read; ``CONFIGS_CHANGES`` is what ``airflow config lint`` knows; and the calls ``conf.get("section", "option")``
show options that nothing describes.
"""

from __future__ import annotations

import ast
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_CONFIG = "airflow/config_templates/config.yml"
_PARSERS = ("airflow/configuration.py", "airflow/_shared/configuration/parser.py")
_LINT = "airflow/cli/commands/config_command.py"
_PROVIDER = "/get_provider_info.py"
_RENAMES = ("deprecated_sections", "deprecated_options", "many_to_one_deprecated_options")
# Asked only whether it holds a certain option, not read as a whole.
_NOT_FREE = frozenset({"webserver"})


class WheelError(Exception):
    """A wheel that is not what its name says."""


class Described(NamedTuple):
    """An option as Airflow or a provider describes it. ``added`` is the version of Airflow, where it is told."""

    kind: str
    default: str | None
    sensitive: bool
    added: str
    provider: str


class Snapshot(NamedTuple):
    """The options of one version of Airflow.

    ``renamed`` has old names that are still read, with the new one and the version of the change; ``linted`` old names
    with the new one or "". ``read`` are options that code asks for, ``free`` sections that are read as a whole.
    """

    airflow: str
    options: dict[str, Described]
    renamed: dict[str, tuple[str, str]]
    linted: dict[str, str]
    read: frozenset[str]
    free: frozenset[str]


def snapshot(airflow: str, core: Path, others: Iterable[Path] = ()) -> Snapshot:
    """What a version's wheels tell: the one with its core, and those of its task SDK and its providers."""
    with zipfile.ZipFile(core) as wheel:
        options = _described(_sections(wheel), "")
        renamed = {
            old: new for name in _PARSERS if (text := _text(wheel, name)) for old, new in _renamed(text, options)
        }
        linted = dict(_linted(_text(wheel, _LINT)))
        read, free = _asked(wheel)
    for path in others:
        with zipfile.ZipFile(path) as wheel:
            options |= _provided(wheel)
            more_read, more_free = _asked(wheel)
            read, free = read | more_read, free | more_free
    return Snapshot(airflow, options, renamed, linted, frozenset(read), frozenset(free - _NOT_FREE))


def _text(wheel: zipfile.ZipFile, name: str) -> str:
    return wheel.read(name).decode() if name in wheel.namelist() else ""


def _sections(wheel: zipfile.ZipFile) -> dict[str, Any]:
    """The sections of config.yml with their options, in its old form (lists) or its new one (maps)."""
    text = _text(wheel, _CONFIG)
    if not text:
        raise WheelError(f"{wheel.filename}: no {_CONFIG}")
    found = yaml.safe_load(text)
    if isinstance(found, list):
        return {s["name"]: {"options": {o["name"]: o for o in s["options"]}} for s in found}
    return dict(found)


def _described(sections: dict[str, Any], provider: str) -> dict[str, Described]:
    return {
        f"{section}.{option}".lower(): _option(row or {}, provider)
        for section, content in sections.items()
        for option, row in (content.get("options") or {}).items()
    }


def _option(row: dict[str, Any], provider: str) -> Described:
    default, added = row.get("default"), row.get("version_added")
    return Described(
        kind=str(row.get("type") or "string"),
        default=None if default is None else str(default),
        sensitive=bool(row.get("sensitive")),
        added="" if provider or added is None else str(added),
        provider=provider,
    )


def _provided(wheel: zipfile.ZipFile) -> dict[str, Described]:
    """The options a provider's metadata describe: a function that returns one literal."""
    for name in wheel.namelist():
        if name.startswith("airflow/providers/") and name.endswith(_PROVIDER):
            provider = name.removeprefix("airflow/providers/").removesuffix(_PROVIDER).replace("/", "-")
            returned = next(node for node in ast.walk(ast.parse(wheel.read(name))) if isinstance(node, ast.Return))
            metadata = ast.literal_eval(returned.value) if returned.value else {}
            return _described(metadata.get("config") or {}, provider)
    return {}


def _renamed(text: str, options: Iterable[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each old name that is still read, with its new one and the version of the change."""
    for table, value in _assigned(text):
        if table not in _RENAMES or not isinstance(value, ast.Dict):
            continue
        for new, row in ast.literal_eval(value).items():
            if table == "deprecated_sections":
                yield from _moved(new, row[0], row[1], options)
            elif isinstance(new, tuple):  # Airflow 1 had maps of sections
                for section, option, *since in row if isinstance(row, list) else [row]:
                    yield f"{section}.{option}", (".".join(new), "".join(since))


def _moved(new: str, old: str, since: str, options: Iterable[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The options of a section that has another name now."""
    for name in options:
        if name.startswith(f"{new}."):
            yield old + name.removeprefix(new), (name, since)


def _assigned(text: str) -> Iterator[tuple[str, ast.expr]]:
    """The values assigned to plain names."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                yield target.id, node.value


def _linted(text: str) -> Iterator[tuple[str, str]]:
    """The renamed and removed options of ``CONFIGS_CHANGES``; changes of a default or of one value are left out."""
    for name, value in _assigned(text):
        if name != "CONFIGS_CHANGES" or not isinstance(value, ast.List):
            continue
        for call in value.elts:
            if not isinstance(call, ast.Call):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            if "renamed_to" in given:
                yield _parameter(given["config"]), _parameter(given["renamed_to"])
            elif not _is_false(given.get("was_removed")) and "remove_if_equals" not in given:
                yield _parameter(given["config"]), ""


def _parameter(call: ast.expr) -> str:
    """``ConfigParameter("core", option="executor")`` as a name."""
    assert isinstance(call, ast.Call)
    return ".".join(ast.literal_eval(part) for part in (*call.args, *(keyword.value for keyword in call.keywords)))


def _is_false(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def _asked(wheel: zipfile.ZipFile) -> tuple[set[str], set[str]]:
    """The options and the whole sections that a wheel's code asks the configuration for, by literal names."""
    read: set[str] = set()
    free: set[str] = set()
    for name in wheel.namelist():
        if not name.endswith(".py") or "/migrations/" in name:
            continue
        for node in ast.walk(ast.parse(wheel.read(name))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _of_configuration(node.func):
                names = _names(node)
                if node.func.attr == "getsection" and names:
                    free.add(names[0].lower())
                elif len(names) == 2:
                    read.add(".".join(names).lower())
    return read, free


def _of_configuration(function: ast.Attribute) -> bool:
    asks = function.attr.startswith("get") or function.attr == "has_option"
    return asks and "conf" in ast.unparse(function.value).lower()


def _names(call: ast.Call) -> list[str]:
    """The literal section and option of a call, as far as they are given."""
    given = [*call.args[:2], *(word.value for word in call.keywords if word.arg in ("section", "key"))]
    found = [node.value for node in given[:2] if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return found if all(name.replace("_", "").replace(".", "").isalnum() for name in found) else []
