"""The codes of this release. A rule leaves the book by a decision, not by a deleted file."""

from pathlib import Path

CODES = sorted(set(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split()))
