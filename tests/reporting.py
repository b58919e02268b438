"""Small runs for the tests of the reports, made by hand: sources from bytes, places found by their text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mwaalint.engine.result import RunResult
from mwaalint.findings import Confidence, Finding, Location, Severity
from mwaalint.model.deployment import Deployment, Target
from mwaalint.model.environment import Environment
from mwaalint.model.values import ABSENT, Known
from mwaalint.report import ReportOptions, load
from mwaalint.rulebook import Rulebook
from mwaalint.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.engine.result import Notice

ROOT = Path("/nowhere")

_PAGE = """\
---
severity: {severity}
confidence: {confidence}
fix: safe
since: 0.1.0
tags: [{tags}]
messages:
  default: "unused here"
references: []
---
# {code} {name}: {title}

## What it finds

{finds}

## Why it matters on MWAA

Because.

## How to fix it

{fix}

## When to ignore it

Never.
"""


def write_page(
    rules: Path,
    code: str,
    name: str,
    *,
    family: str = "requirements",
    title: str = "No constraint line",
    finds: str = "A file without a constraint line. There is more to say.",
    fix: str = "Put the constraint line first. Then read the log.",
    severity: str = "error",
    confidence: str = "high",
    tags: str = "install",
) -> None:
    """Writes a rule page into a rulebook's folder."""
    folder = rules / family
    folder.mkdir(parents=True, exist_ok=True)
    text = _PAGE.format(
        code=code, name=name, title=title, finds=finds, fix=fix, severity=severity, confidence=confidence, tags=tags
    )
    (folder / f"{code}-{name}.md").write_text(text, encoding="utf-8")


@dataclass
class Bench:
    """A project by its files, to make findings in and runs of."""

    files: dict[str, bytes | str]
    rulebook: Rulebook = field(default_factory=lambda: Rulebook(ROOT))

    def __post_init__(self) -> None:
        contents = {path: one.encode() if isinstance(one, str) else one for path, one in self.files.items()}
        self.sources = {path: SourceFile(path, ROOT / path, content) for path, content in contents.items()}

    def at(self, path: str, text: str, note: str = "", symbol: str = "") -> Location:
        """The first place of a text in a file."""
        source = self.sources[path]
        start = source.text.index(text)
        return Location(path, source.span(start, start + len(text)), symbol, note)

    def result(
        self,
        *findings: Finding,
        suppressed: Iterable[Finding] = (),
        deployments: Iterable[Deployment] | None = None,
        notices: Iterable[Notice] = (),
        crashed: bool = False,
        version: str = "0.1.0",
        root: Path = ROOT,
    ) -> RunResult:
        """A run that found these; of one deployment unless said otherwise."""
        return RunResult(
            root=root,
            findings=findings,
            suppressed=tuple(suppressed),
            sources=self.sources,
            deployments=(deployment(),) if deployments is None else tuple(deployments),
            notices=tuple(notices),
            crashed=crashed,
            rulebook=self.rulebook,
            version=version,
            files_analysed=len(self.files),
        )


def finding(primary: Location, message: str = "no constraint line", **changes: Any) -> Finding:
    """An MW103 error, with what a test wants different."""
    usual = {"code": "MW103", "name": "constraint-missing", "severity": Severity.ERROR, "fingerprint": "f" * 32}
    given: dict[str, Any] = {**usual, **changes}
    return Finding(message=message, primary=primary, **given)


def deployment(
    name: str | None = "etl", airflow: str | None = "2.10.3", source: str = "declared in main.tf", **changes: Any
) -> Deployment:
    """A deployment of a Terraform environment; with ``name`` None one that only the layout tells of."""
    place = Location("main.tf")
    named = Known(name, place) if name else ABSENT
    environment = Environment("aws_mwaa_environment.main", "terraform", place, name=named) if name else None
    return Deployment(Target(airflow, "3.11", source, Confidence.HIGH), environment, **changes)


def rendered(format_name: str, result: RunResult, **options: Any) -> str:
    """The whole report; the project is the repository unless ``path_prefix`` says otherwise."""
    return "".join(load(format_name)(result, ReportOptions(**({"path_prefix": ""} | options))))


def parsed(format_name: str, result: RunResult, **options: Any) -> Any:
    """The whole report of a format that is JSON, as Python has it."""
    return json.loads(rendered(format_name, result, **options))
