"""Repairs: edits of bytes that leave everything else as it is."""
