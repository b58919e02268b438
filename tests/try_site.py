"""Builds the documentation site strictly and reads it as a visitor would: every rule has its page, every link leads
somewhere, and no page asks another host for anything.

python tests/try_site.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mwaalint import rulebook

ROOT = Path(__file__).parent.parent


class Page(HTMLParser):
    """The links of a page, what it loads, its anchors and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.anchors.add(named.get("id", ""))
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        elif tag in ("img", "script", "iframe", "link") and named.get("rel") not in ("next", "prev", "canonical"):
            self.loads.append(named.get("src") or named.get("href", ""))

    def handle_data(self, data: str) -> None:
        self.text += data


def main() -> int:
    """0 when the site is whole."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
        built = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if built.returncode != 0:
            return built.returncode
        site = Path(folder)
        pages = {path: Page(path) for path in site.rglob("index.html")}
        problems = [*missing(site, pages), *broken(site, pages)]
    print("\n".join(problems) or f"{len(pages)} pages")
    return int(bool(problems))


def missing(site: Path, pages: dict[Path, Page]) -> list[str]:
    """Rules without a page, and pages that lack a source."""
    problems = []
    for rule in rulebook.shipped().all():
        page = pages.get(site / "rules" / rule.family / rule.path.stem / "index.html")
        if page is None or rule.title.replace("`", "") not in page.text:
            problems.append(f"{rule.code} has no page with its title")
        elif not set(rule.references) <= set(page.links):
            problems.append(f"{rule.code}'s page does not link to its sources")
    return problems


def broken(site: Path, pages: dict[Path, Page]) -> list[str]:
    """Links to nowhere within the site, and what is loaded from elsewhere."""
    problems = []
    for path, page in pages.items():
        name = path.relative_to(site)
        problems += [f"{name} loads {load}" for load in page.loads if urlsplit(load).netloc]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            there = pages.get(target / "index.html" if target.suffix != ".html" else target)
            if there is None or (parts.fragment and parts.fragment not in there.anchors):
                problems.append(f"{name} links to {link}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
