"""The hooks of the documentation site: MkDocs calls the functions ``on_…`` when it builds what mkdocs.yml describes.

    pip install '.[docs]' && mkdocs serve

The rules' pages, their index, and the blocks ``<!-- generated: NAME -->`` of the guide are made while it builds; no
copy of them is kept.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mwaalint import rulebook
from mwaalint.engine.registry import all_checks
from tools import docs_blocks, docs_rules

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_BLOCK = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.M)


def pages() -> dict[str, str]:
    """The generated pages, by their paths below docs/."""
    rules = rulebook.shipped().all()
    versions = {check.code: check.airflow for check in all_checks()}
    made = {docs_rules.address(rule): docs_rules.page(rule, versions.get(rule.code, "")) for rule in rules}
    return {"rules/index.md": docs_rules.index(rules), **made}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Adds the rules to the navigation, family by family."""
    families: list[object] = ["rules/index.md"]
    for name, rules in docs_rules.families(rulebook.shipped().all()):
        families.append({name: [{f"{rule.code} {rule.name}": docs_rules.address(rule)} for rule in rules]})
    config.nav = [*(config.nav or ()), {"Rules": families}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages to those in docs/."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fills the generated blocks of a page. Raises KeyError for a block nobody knows."""
    return _BLOCK.sub(lambda match: docs_blocks.BLOCKS[match[1]](), markdown)
