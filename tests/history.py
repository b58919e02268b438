"""Git repositories for tests: their commits have no author of this machine and run none of its hooks."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "x",
    "GIT_AUTHOR_EMAIL": "x@example.com",
    "GIT_COMMITTER_NAME": "x",
    "GIT_COMMITTER_EMAIL": "x@example.com",
}


def git(root: Path, *words: str) -> str:
    """What a git command in a folder says."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _ALONE
    done = subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, text=True, env=variables)
    return done.stdout.strip()


def committed(root: Path) -> str:
    """Commits all there is in a folder, made a repository where it is none, and gives the commit's name."""
    if not (root / ".git").exists():
        git(root, "-c", "init.defaultBranch=main", "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    return git(root, "rev-parse", "HEAD")
