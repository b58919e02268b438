"""At which times of the day a cron expression starts runs."""

from __future__ import annotations

from mwaalint.patterns import regex

_PRESETS = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *"}
_PART = regex(r"(?:\*|(?P<first>\d{1,2})(?:-(?P<last>\d{1,2}))?)(?:/(?P<step>\d{1,2}))?")
_MOST_PARTS = 60


def times(text: str) -> frozenset[tuple[int, int]]:
    """The hours and minutes of every day at which runs start; empty for an expression that leaves days out, or that
    Airflow does not read.
    """
    fields = _PRESETS.get(text, text).split()
    if len(fields) != 5 or any(field not in ("*", "?") for field in fields[2:]):
        return frozenset()
    minutes, hours = _numbers(fields[0], 60), _numbers(fields[1], 24)
    return frozenset((hour, minute) for hour in hours for minute in minutes)


def _numbers(field: str, size: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(",")[:_MOST_PARTS]:
        match = _PART.fullmatch(part)
        step = int(match["step"] or 1) if match else 0
        if match is None or not step:
            return set()
        first = int(match["first"] or 0)
        last = int(match["last"]) if match["last"] else size - 1 if match["step"] or not match["first"] else first
        if not first <= last < size:
            return set()
        found.update(range(first, last + 1, step))
    return found
