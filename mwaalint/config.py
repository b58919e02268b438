"""The project's settings: ``[tool.mwaalint]`` in pyproject.toml, or mwaalint.toml. An unknown key is an error with a
suggestion.
"""

from __future__ import annotations

from dataclasses import field, replace
from posixpath import normpath
from typing import TYPE_CHECKING, Any, NoReturn

from mwaalint.findings import Severity
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from mwaalint.rulebook import Rulebook

BASELINE = ".mwaalint-baseline.json"

_VERSION = regex(r"\d+\.\d+\.\d+")


class ConfigError(Exception):
    """A setting that cannot be used; the text names the file, the key and what would be right."""


@record
class StatedEnvironment:
    """What a team states where the repository does not tell: one ``[[tool.mwaalint.environment]]``.

    Paths are relative to the folder that is checked. Without ``name`` it speaks of every environment.
    """

    name: str = ""
    airflow_version: str | None = None
    requirements: str | None = None
    dags: str | None = None


@record
class Config:
    """The settings of a run. Rules are kept as codes.

    ``base`` is the way from the folder of the settings down to the folder that is checked ("airflow/", or nothing):
    patterns are written from the former. ``baseline`` is "" for the usual file, where it exists, and None for none.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    airflow_version: str | None = None
    fail_on: Severity = Severity.WARNING
    environments: tuple[StatedEnvironment, ...] = ()
    rule_options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    base: str = ""
    baseline: str | None = ""
    require_reason: bool = False
    inline_ignores: bool = True

    def folder(self, root: Path) -> Path:
        """The folder of the settings, from the folder that is checked."""
        return root.parents[self.base.count("/") - 1] if self.base else root

    def selects(self, code: str) -> bool:
        """Whether a rule runs: selected (everything is, when nothing is named) and not ignored."""
        return (not self.select or code in self.select) and code not in self.ignore


def load(root: Path, rulebook: Rulebook) -> Config:
    """The settings that apply to a folder: its own file, or that of the nearest folder above it inside the same
    repository.

    Raises ConfigError.
    """
    for folder in (root, *root.parents):
        for path in (folder / "mwaalint.toml", folder / "pyproject.toml"):
            table = _table(path)
            if table is not None:
                config = parse(table, str(path), rulebook)
                return config if folder == root else _seen_from(root.relative_to(folder).as_posix() + "/", config)
        if (folder / ".git").exists():
            break
    return Config()


def _seen_from(base: str, config: Config) -> Config:
    """The settings for a folder below theirs. Of an environment's files, those that lie elsewhere are left out."""

    def below(path: str | None) -> str | None:
        return f"{path}/".removeprefix(base).rstrip("/") if path is not None and f"{path}/".startswith(base) else None

    environments = tuple(
        replace(one, requirements=below(one.requirements), dags=below(one.dags)) for one in config.environments
    )
    return replace(config, base=base, environments=environments)


def _table(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    import tomllib

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if path.name == "mwaalint.toml":
        return document
    tools = document.get("tool")
    table = tools.get("mwaalint") if isinstance(tools, dict) else None
    return None if table is None else _mapping(str(path), "tool.mwaalint", table)


def has_table(path: Path) -> bool:
    """Whether a file holds settings. Raises ConfigError."""
    return _table(path) is not None


def parse(table: Mapping[str, Any], where: str, rulebook: Rulebook) -> Config:
    """Checks a settings table and turns rule names into codes. What it says itself goes before what its profile says.

    Raises ConfigError.
    """
    own = {key: value for key, value in table.items() if key != "profile"}
    profile = profiled(table["profile"], where, rulebook) if "profile" in table else {}
    return Config(**{**profile, **_fields(own, where, rulebook)})


def profiled(name: object, where: str, rulebook: Rulebook) -> dict[str, Any]:
    """What a profile sets, by the names of Config's fields. Raises ConfigError."""
    from mwaalint import profiles

    if name not in profiles.names():
        raise ConfigError(f"{where}: unknown profile {name!r}{_suggestion(str(name), profiles.names())}")
    return _fields(profiles.settings(str(name), rulebook), f"profile {name}", rulebook)


def _fields(table: Mapping[str, Any], where: str, rulebook: Rulebook) -> dict[str, Any]:
    readers: dict[str, Callable[[Any], Any]] = {
        "select": lambda value: selection(_strings(where, "select", value), where, rulebook),
        "ignore": lambda value: selection(_strings(where, "ignore", value), where, rulebook),
        "severity": lambda value: _severities(where, value, rulebook),
        "per-file-ignores": lambda value: {
            pattern: selection(_strings(where, f"per-file-ignores.{pattern}", codes), where, rulebook)
            for pattern, codes in _mapping(where, "per-file-ignores", value).items()
        },
        "exclude": lambda value: _strings(where, "exclude", value),
        "airflow-version": lambda value: airflow_version(value, where),
        "fail-on": lambda value: _severity(where, "fail-on", value),
        "baseline": lambda value: _relative(where, "baseline", value),
        "require-reason": lambda value: _flag(where, "require-reason", value),
        "environment": lambda value: _environments(where, value),
        "rules": lambda value: _rule_options(where, value, rulebook),
    }
    _known_keys(table, [*readers, "profile"], where, "")
    names = {"environment": "environments", "rules": "rule_options"}
    return {names.get(key, key.replace("-", "_")): readers[key](value) for key, value in table.items()}


def overridden(
    config: Config,
    rulebook: Rulebook,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    airflow: str | None = None,
    fail_on: str | None = None,
    inline_ignores: bool = True,
    baseline: str | None = "",
    profile: str | None = None,
) -> Config:
    """The settings with what the command line says instead; an empty baseline says nothing. Raises ConfigError."""
    where = "command line"
    if profile is not None:
        config = replace(config, **profiled(profile, where, rulebook))
    return replace(
        config,
        select=selection(select, where, rulebook) or config.select,
        ignore=config.ignore + selection(ignore, where, rulebook),
        airflow_version=config.airflow_version if airflow is None else airflow_version(airflow, where),
        fail_on=_severity(where, "--fail-on", fail_on) if fail_on else config.fail_on,
        inline_ignores=inline_ignores,
        baseline=config.baseline if baseline == "" else baseline,
    )


def selection(words: Iterable[str], where: str, rulebook: Rulebook) -> tuple[str, ...]:
    """Codes for codes, names and prefixes (``MW1`` is every rule whose code starts so). Raises ConfigError."""
    codes: list[str] = []
    for word in (part.strip() for item in words for part in item.split(",")):
        code = rulebook.code_of(word)
        matching = [code] if code else [c for c in rulebook.pages if word and c.startswith(word.upper())]
        if not matching:
            raise ConfigError(
                f"{where}: unknown rule {word!r}{_suggestion(word, [*rulebook.pages, *rulebook.names.values()])}"
            )
        codes += matching
    return tuple(dict.fromkeys(codes))


def airflow_version(value: object, where: str) -> str:
    """A full version such as 2.10.3. Raises ConfigError."""
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise ConfigError(f'{where}: airflow-version is a full version such as "2.10.3", not {value!r}')
    return value


def _severities(where: str, value: object, rulebook: Rulebook) -> dict[str, Severity]:
    found = {}
    for word, severity in _mapping(where, "severity", value).items():
        for code in selection([word], where, rulebook):
            found[code] = _severity(where, f"severity.{word}", severity)
    return found


def _severity(where: str, key: str, value: object) -> Severity:
    try:
        return Severity[str(value).upper()]
    except KeyError:
        raise ConfigError(f"{where}: {key} must be error, warning or note, not {value!r}") from None


def _environments(where: str, value: Any) -> tuple[StatedEnvironment, ...]:
    if not isinstance(value, list):
        _wrong(where, "environment", "a list of tables, [[tool.mwaalint.environment]]", value)
    return tuple(_environment(where, item) for item in value)


def _environment(where: str, value: object) -> StatedEnvironment:
    table = _mapping(where, "environment", value)
    _known_keys(table, ("name", "airflow-version", "requirements", "dags"), where, "environment.")
    for key, item in table.items():
        if not isinstance(item, str):
            _wrong(where, f"environment.{key}", "a string", item)
    return StatedEnvironment(
        name=table.get("name", ""),
        airflow_version=airflow_version(table["airflow-version"], where) if "airflow-version" in table else None,
        requirements=_path(where, "environment.requirements", table.get("requirements")),
        dags=_path(where, "environment.dags", table.get("dags")),
    )


def _path(where: str, key: str, value: str | None) -> str | None:
    """A path as the project has it: "dags" for "./dags/", "" for the folder itself."""
    if value is None:
        return None
    path = normpath(value.replace("\\", "/"))
    if not value or path.startswith(("/", "../")) or path == ".." or ":" in path:
        _wrong(where, key, "a path below the settings' folder", value)
    return "" if path == "." else path


def _relative(where: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        _wrong(where, key, "a path below the settings' folder", value)
    return _path(where, key, value) or ""


def _flag(where: str, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        _wrong(where, key, "true or false", value)
    return value


def _rule_options(where: str, value: object, rulebook: Rulebook) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for word, table in _mapping(where, "rules", value).items():
        code, *more = selection([word], where, rulebook)
        if more:
            raise ConfigError(f"{where}: rules.{word} matches {1 + len(more)} rules; choose one, for example {code}")
        options = rulebook.rule(code).options
        table = _mapping(where, f"rules.{word}", table)
        _known_keys(table, options, where, f"rules.{word}.")
        for key, item in table.items():
            wanted = type(options[key].default)
            if type(item) is not wanted:
                _wrong(where, f"rules.{word}.{key}", f"a {wanted.__name__}", item)
        found[code] = table
    return found


def _known_keys(table: Mapping[str, object], known: Iterable[str], where: str, prefix: str) -> None:
    names = list(known)
    for key in table:
        if key not in names:
            raise ConfigError(f"{where}: unknown setting {prefix + key!r}{_suggestion(key, names)}")


def _strings(where: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        _wrong(where, key, "a list of strings", value)
    return tuple(value)


def _mapping(where: str, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong(where, key, "a table", value)
    return dict(value)


def _wrong(where: str, key: str, wanted: str, value: object) -> NoReturn:
    raise ConfigError(f"{where}: {key} must be {wanted}, not {value!r}")


def _suggestion(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1) or get_close_matches(word.upper(), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}" if len(known) <= 12 else ""
