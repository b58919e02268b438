"""Repairs: edits of bytes that leave everything else as it is."""


class FixError(Exception):
    """A file that could not be written; the text names it and says why."""
