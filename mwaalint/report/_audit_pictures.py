"""The audit's two pictures as inline SVG: when support ends, and where the money goes. The tables say the same."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import TYPE_CHECKING

from mwaalint.report._audit import money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Release
    from mwaalint.report._audit import Audit, EnvironmentRow

_WIDTH = 720
_ROW = 22
_LABELS = 90
_MOST_BARS = 40


def timeline(audit: Audit) -> Iterator[str]:
    """A bar for each Airflow version from MWAA's release to the end of its support; used ones stand out."""
    used = {row.airflow for row in audit.environments}
    shown = [release for release in audit.releases if release.creatable or release.airflow in used]
    if not shown:
        return
    first = min(release.mwaa_release for release in shown).replace(month=1, day=1)
    ends = [release.end_of_support for release in shown if release.end_of_support]
    last = date(max([audit.today, *ends]).year + 1, 12, 31)
    height = _ROW * (len(shown) + 1) + 8
    yield f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="timeline-title" class="picture">'
    yield '<title id="timeline-title">From when until when MWAA supports each Airflow version</title>'
    yield from _years(first, last, height)
    for index, release in enumerate(shown):
        yield _bar(release, _ROW * (index + 1), first, last, release.airflow in used)
    x = _x(audit.today, first, last)
    yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_ROW - 6}" y2="{height}" class="today"/>'
    yield f'<text x="{x:.1f}" y="{_ROW - 9}" text-anchor="middle" class="now">today</text></svg>\n'


def _years(first: date, last: date, height: int) -> Iterator[str]:
    for year in range(first.year, last.year + 1):
        x = _x(date(year, 1, 1), first, last)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_ROW}" y2="{height}" class="grid"/>'
        yield f'<text x="{x + 3:.1f}" y="{height - 2}" class="year">{year}</text>'


def _bar(release: Release, y: int, first: date, last: date, used: bool) -> str:
    start, end = _x(release.mwaa_release, first, last), _x(release.end_of_support or last, first, last)
    told = f"until {release.end_of_support:%Y-%m-%d}" if release.end_of_support else "no end announced"
    kind = "used" if used else "unused"
    open_end = "" if release.end_of_support else " open"
    return (
        f"<g><title>Airflow {escape(release.airflow)}: {release.mwaa_release:%Y-%m-%d}, {told}</title>"
        f'<text x="{_LABELS - 8}" y="{y + 14}" text-anchor="end" class="{kind}-label">{escape(release.airflow)}</text>'
        f'<rect x="{start:.1f}" y="{y + 4}" width="{max(end - start, 2):.1f}" height="{_ROW - 8}" rx="2"'
        f' class="{kind}{open_end}"/></g>'
    )


def _x(day: date, first: date, last: date) -> float:
    share = (day - first).days / max((last - first).days, 1)
    return _LABELS + share * (_WIDTH - _LABELS - 6)


def cost_bars(audit: Audit) -> Iterator[str]:
    """A bar for each environment whose price is known, the dearest first."""
    priced = [(row, float(row.bill.monthly)) for row in audit.environments if row.bill]
    if not priced:
        return
    priced = sorted(priced, key=lambda pair: -pair[1])[:_MOST_BARS]
    most = max(amount for _, amount in priced) or 1.0
    height = _ROW * 2 * len(priced)
    yield f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="costs-title" class="picture">'
    yield '<title id="costs-title">What each environment costs a month, at least</title>'
    for index, (row, amount) in enumerate(priced):
        yield _cost_bar(row, _ROW * 2 * index, amount / most)
    yield "</svg>\n"


def _cost_bar(row: EnvironmentRow, y: int, share: float) -> str:
    assert row.bill is not None
    width = max(share * (_WIDTH - 120), 2)
    label = row.label if len(row.label) <= 90 else f"{row.label[:89]}…"
    return (
        f'<text x="0" y="{y + 14}">{escape(label)}</text>'
        f'<rect x="0" y="{y + 20}" width="{width:.1f}" height="14" rx="2" class="used"/>'
        f'<text x="{width + 8:.1f}" y="{y + 32}">{money(row.bill.monthly)}</text>'
    )
