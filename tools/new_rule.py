"""Starts a rule: writes its page and its check, the two files a rule is made of.

python tools/new_rule.py MW199 requirements wheel-too-old --on InstallPlan
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
SUBJECTS = {
    "InstallPlan": "mwaalint.model.install",
    "Environment": "mwaalint.model.environment",
    "Deployment": "mwaalint.model.deployment",
    "DbtProject": "mwaalint.model.deployment",
    "StartupScript": "mwaalint.model.startup",
    "DeployedCode": "mwaalint.model.deployed_code",
    "DeploySteps": "mwaalint.model.deploy_commands",
    "LocalRunner": "mwaalint.model.local_runner",
}
# Selectors of DAG and plugin code, each with how it is written, the subject's name and type, and where that comes from.
SELECTORS = {
    "Call": ('Call("airflow.models.Variable.get")', "call", "ast.Call", "import ast"),
    "Import": (
        'Import("airflow.contrib")',
        "imported",
        "ImportedName",
        "from mwaalint.documents.python_document import ImportedName",
    ),
    "Operator": ('Operator("BashOperator")', "task", "Task", "from mwaalint.model.dag_model import Task"),
    "Dags": ("Dags()", "dag", "Dag", "from mwaalint.model.dag_model import Dag"),
    "DagFile": (
        'DagFile("word")',
        "document",
        "PythonDocument",
        "from mwaalint.documents.python_document import PythonDocument",
    ),
    "PluginFile": (
        'PluginFile("word")',
        "document",
        "PythonDocument",
        "from mwaalint.documents.python_document import PythonDocument",
    ),
}

PAGE = """\
---
severity: warning
confidence: high
fix: none
since: {since}
tags: []
messages:
  default: "{{what}} happens on MWAA because …"
references:
  - https://docs.aws.amazon.com/mwaa/latest/userguide/
---
# {code} {name}: Say in one line what it finds

## What it finds

## Why it matters on MWAA

## How to fix it

## Examples

### Flagged: …

```text file=requirements.txt
example==1.0  # expect: {code} "words of the message"
```

### Not flagged: …

```text file=requirements.txt
example==1.1
```

### Not flagged: the value is not known here

```text file=requirements.txt
example==1.2
```

## When to ignore it
"""

CHECK = '''\
"""{code} {name}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from {module} import {subject}

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("{code}", on={subject})
def {function}(subject: {subject}, ctx: Context) -> Iterator[Finding]:
    """What is wrong, and what makes it right."""
    yield from ()
'''

CODE_CHECK = '''\
"""{code} {name}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import {subject}

if TYPE_CHECKING:
    {import_}
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("{code}", on={selector})
def {function}({argument}: {type}, ctx: FileContext) -> Iterator[Finding]:
    """What is wrong, and what makes it right."""
    yield from ()
'''

FAMILY = '''\
"""{family}: say in one line what its rules are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether a deployment has something for the rules of this family."""
    return True
'''


def main(arguments: list[str]) -> int:
    """Writes the two files, and for a new family its package; returns 0, or 2 with a sentence when one of them exists
    or a name is not as it should be.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("code", help="MW and three digits")
    parser.add_argument("family", help="the folder below rules/, such as requirements")
    parser.add_argument("name", help="lower-case words that name the problem, joined by hyphens")
    parser.add_argument(
        "--on", choices=sorted({*SUBJECTS, *SELECTORS}), default="Deployment", help="what the check is handed"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    files = _files(options)
    problem = _problem(options, files)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)
    return 0


def _problem(options: argparse.Namespace, files: Iterable[Path]) -> str | None:
    if not re.fullmatch(r"MW\d{3}", options.code):
        return f"a code is MW and three digits, not {options.code!r}"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", options.name):
        return f"a name is lower-case words joined by hyphens, not {options.name!r}"
    rules = options.root / "rules"
    for word, pattern in ((options.code, f"*/{options.code}-*.md"), (options.name, f"*/MW???-{options.name}.md")):
        if taken := next(rules.glob(pattern), None):
            return f"{word} is taken by {taken.relative_to(options.root)}"
    existing = next((path for path in files if path.exists()), None)
    return f"{existing.relative_to(options.root)} is there already" if existing else None


def _files(options: argparse.Namespace) -> dict[Path, str]:
    function = options.name.replace("-", "_")
    since = re.search(r'__version__ = "(.+)"', (ROOT / "mwaalint" / "__init__.py").read_text())
    values = {
        "code": options.code,
        "name": options.name,
        "function": function,
        "subject": options.on,
        "module": SUBJECTS.get(options.on, ""),
        "since": since[1] if since else "",
    }
    template = CHECK
    if options.on in SELECTORS:
        template = CODE_CHECK
        values |= dict(zip(("selector", "argument", "type", "import_"), SELECTORS[options.on], strict=True))
    family = options.root / "mwaalint" / "checks" / options.family.replace("-", "_")
    files = {
        options.root / "rules" / options.family / f"{options.code}-{options.name}.md": PAGE.format_map(values),
        family / f"{function}.py": template.format_map(values),
    }
    # The first rule of a family brings its package: without it no check of the family is found.
    start = family / "__init__.py"
    return files if start.exists() else {**files, start: FAMILY.format_map({"family": options.family})}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
