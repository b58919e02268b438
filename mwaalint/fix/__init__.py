"""Repairs: edits of bytes that leave everything else as it is."""


class FixError(Exception):
    """A file that could not be repaired or written; the text names it and says why."""
