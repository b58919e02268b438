"""Runs ``python -m mwaalint`` as the command does."""

from mwaalint.cli import main

main()
