"""The generated blocks of the guide: what the code, the pages and the catalogue say of themselves."""

from __future__ import annotations

import json
import re
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mwaalint import catalog, profiles, rulebook
from mwaalint.catalog import version_key
from mwaalint.cli.app import app
from tools import generate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DATA = Path(catalog.__file__).parent / "data"
_SHOWN = 8


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table. A cell's bars and line breaks do not end it."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """A cell in one line; Python-Markdown wants bars escaped except in code."""
    return " ".join(re.sub(r"`[^`]*`|\|", lambda match: "\\|" if match[0] == "|" else match[0], text).split())


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` knows them."""
    return "\n\n".join(_command(name, command) for name, command in app.commands.items())


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"mwaalint {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    rows = [(f"`{names}`", text) for names, text in filter(None, records)]
    parts = [f"### {name}", _paragraphs(cleandoc(command.help or "")), f"```text\n{usage}\n```"]
    return "\n\n".join([*parts, table(("option", "what it does"), rows)] if rows else parts)


def _paragraphs(text: str) -> str:
    """A command's help; lines that are set there one by one (``\\b``) become a block of their own."""
    return "\n\n".join(_paragraph(one) for one in text.split("\n\n"))


def _paragraph(text: str) -> str:
    lines = text.removeprefix("\b\n").strip()
    return f"```text\n{lines}\n```" if "\n" in lines and lines != text.strip() else lines


def profile_table() -> str:
    """The profiles and what each is for."""
    return table(("profile", "what it does"), ((f"`{name}`", profiles.about(name)) for name in profiles.names()))


def rule_options() -> str:
    """The settings of single rules."""
    rows = (
        (
            f"`[tool.mwaalint.rules.{rule.code}]` {rule.name}",
            f"`{name}`",
            f"`{json.dumps(option.default)}`",
            option.help,
        )
        for rule in rulebook.shipped().all()
        for name, option in rule.options.items()
    )
    return table(("rule", "setting", "default", "meaning"), rows)


def releases() -> str:
    """The Airflow versions of MWAA, the newest first, each with its source."""
    known = sorted(catalog.load().releases.values(), key=lambda one: one.key, reverse=True)
    rows = (
        (one.airflow, one.python, one.mwaa_release, one.end_of_support or "not announced",
         "yes" if one.creatable else "no", f"[AWS]({one.source})")
        for one in known
    )  # fmt: skip
    return table(("Airflow", "Python", "on MWAA since", "support ends", "new environments", "source"), rows)


def collections() -> str:
    """The files of the catalogue: what each holds, the day it is of, and where it is from."""
    rows = []
    for path in (*sorted(DATA.glob("*.json")), *sorted(DATA.glob("tables/*.json"))):
        document = json.loads(path.read_text(encoding="utf-8"))
        rows.append((f"`{path.relative_to(DATA).as_posix()}`", document["date"], _sources(document)))
    return table(("file", "as of", "sources"), rows)


def _sources(document: dict[str, Any]) -> str:
    """The sources of the whole file or, where its entries have their own, of these."""
    texts = list(dict.fromkeys(_texts(document["source"]) if "source" in document else _below(document)))
    links = [_link(number, text) for number, text in enumerate(texts[:_SHOWN], 1)]
    return ", ".join(links) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")


def _texts(source: str | list[str]) -> list[str]:
    return [source] if isinstance(source, str) else source


def _below(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _below(one)
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one) if key == "source" and one else _below(one)


def _link(number: int, text: str) -> str:
    address = re.search(r"https://[^\s)>]+", text)
    return f"[{number}]({address[0]})" if address else text


def catalogued() -> str:
    """How much the catalogue holds."""
    known = catalog.load().releases
    oldest, newest = (sorted(known, key=version_key)[index] for index in (0, -1))
    return f"{len(known)} Airflow versions, {oldest} to {newest}, as of {catalog.load().compiled}."


BLOCKS: dict[str, Callable[[], str]] = {
    "catalogued": catalogued,
    "collections": collections,
    "commands": commands,
    "example": lambda: generate.example_output(width=80),
    "profiles": profile_table,
    "releases": releases,
    "rule-options": rule_options,
}
