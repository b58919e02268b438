"""Results come back from JSON as what they were, and nothing else does."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import ModuleType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.engine import code_cache, recheck, run_cache
from mwaalint.engine.code import FileResult
from mwaalint.engine.code_run import Looked
from mwaalint.engine.codec import Codec, CodecError, Places
from mwaalint.engine.conclude import Gathered
from mwaalint.engine.seen import Seen
from mwaalint.findings import Confidence, Edit, Finding, Fix, Location, Safety, Severity, Suppression
from mwaalint.fix import kept_edits
from mwaalint.rewrites import Rewrite, SetArgument
from mwaalint.source import Span

THERE = Places(lambda path: path in ("dags/etl.py", "main.tf"), "dags/etl.py")
CODEC = Codec(*(sys.modules[name] for name in ("mwaalint.findings", "mwaalint.rewrites", "mwaalint.source")))

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Odd(NamedTuple):
    """A class of these tests with what a field may be."""

    numbers: tuple[int, ...]
    pair: tuple[str, bool]
    names: frozenset[str]
    day: date
    maybe: float | None = None


def there_and_back(value: Any, kind: Any, codec: Codec = CODEC) -> Any:
    return codec.read(json.loads(json.dumps(codec.write(value, kind, THERE))), kind, THERE)


def times(**options: Any) -> st.SearchStrategy[datetime]:
    """Times that are said once: where clocks are set back, ISO 8601 has one word for two."""
    return st.datetimes(**options).map(lambda time: time.replace(fold=0))


texts = st.text(max_size=20)
spans = st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)).map(lambda pair: Span(*sorted(pair)))
places = st.builds(Location, st.sampled_from(["dags/etl.py", "main.tf"]), spans, texts, texts)
plain = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts, st.dates(), st.timedeltas()),
        *(times(), times(timezones=st.just(UTC)), st.decimals(allow_nan=False)),
        st.frozensets(texts, max_size=3),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.lists(inner, max_size=3).map(tuple), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)
edits = st.builds(Edit, st.just("main.tf"), spans, st.binary(max_size=20), st.binary(max_size=20))
rewrites = st.builds(SetArgument, st.just("dags/etl.py"), spans, texts, texts)
fixes = st.builds(
    Fix,
    texts,
    st.sampled_from(Safety),
    st.lists(edits, max_size=2).map(tuple),
    st.lists(rewrites, max_size=2).map(tuple),
)
findings = st.builds(
    Finding,
    *(texts, texts, texts, places, st.sampled_from(Severity), st.sampled_from(Confidence)),
    st.lists(places, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(fixes, max_size=2).map(tuple),
    st.dictionaries(texts, plain, max_size=3),
    texts,
    texts,
    st.none() | st.builds(Suppression, texts, texts),
)


@unhurried
@given(findings)
def test_a_finding_comes_back_whole(finding: Finding) -> None:
    back = there_and_back(finding, Finding)
    assert back == finding
    assert repr(back.args) == repr(finding.args) or back.args == finding.args


@unhurried
@given(plain)
def test_values_keep_their_types(value: object) -> None:
    back = there_and_back(value, object)
    assert back == value
    assert type(back) is type(value)


def test_fields_of_every_kind() -> None:
    value = Odd((1, 2), ("a", True), frozenset({"b", "a"}), date(2026, 1, 1))
    assert there_and_back(value, Odd) == value
    assert there_and_back(value._replace(maybe=1.5), Odd).maybe == 1.5
    assert CODEC.write(value, Odd, THERE) == [[1, 2], ["a", True], ["a", "b"], "2026-01-01", None]


def test_a_place_at_home_needs_no_path() -> None:
    assert CODEC.write(Location("dags/etl.py", Span(3, 5)), Location, THERE) == [3, 5]
    assert CODEC.write(Location("main.tf", Span(3, 5), "a.b"), Location, THERE) == ["main.tf", 3, 5, "a.b", ""]


@pytest.mark.parametrize(
    "value",
    [
        object(),
        b"bytes",
        1 + 2j,
        datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/Vienna")),
        Severity.ERROR,
        ("a", object()),
        {"a": object()},
    ],
)
def test_what_would_come_back_as_something_else_is_not_written(value: object) -> None:
    with pytest.raises(CodecError):
        CODEC.write(value, object, THERE)


def test_a_time_zone_without_a_name_comes_back() -> None:
    value = datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert repr(there_and_back(value, object)) == repr(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, int),
        (1, bool),
        ("a", int),
        (1.0, int),
        ([1], tuple[int, ...]),
        (1, str | None),
        (3, Rewrite),
        (1, complex),
    ],
)
def test_a_value_of_another_type_is_not_written(value: object, kind: Any) -> None:
    with pytest.raises(CodecError):
        CODEC.write(value, kind, THERE)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (True, int),
        ("1", int),
        (None, str),
        ([], Location),
        ([1], Location),
        ([1, 2, "symbol"], Location),
        ([2, 1], Location),
        ([-1, 1], Location),
        ([True, 2], Location),
        (["../elsewhere", 1, 2], Location),
        ([["main.tf"], 1, 2], Location),
        ({"path": "main.tf"}, Location),
        (9, Severity),
        (True, Severity),
        ([], Severity),
        ("2026-13-01", date),
        ("é\u1234", bytes),
        ([[1], ["a", True], [], "2026-01-01"], Odd),
        ([[1], ["a"], [], "2026-01-01", None], Odd),
        ([[1], ["a", True], [[]], "2026-01-01", None], Odd),
        (["NoSuchChange", []], Rewrite),
        ([[], []], Rewrite),
        ("SetArgument", Rewrite),
        (["?", 1], object),
        (["n", "no number"], object),
        (["i", [10**30, 0, 0]], object),
        (["d", [[[], 1]]], object),
        (["d", [["L", []], 1]], object),
        ([], object),
        ({}, object),
    ],
)
def test_data_that_nobody_wrote_is_not_read(data: object, kind: Any) -> None:
    with pytest.raises(CodecError):
        CODEC.read(data, kind, THERE)


def test_data_deeper_than_python_goes() -> None:
    data: list[object] = ["L", []]
    for _ in range(100_000):
        data = ["L", [data]]
    with pytest.raises(CodecError):
        CODEC.read(data, object, THERE)


words = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=2)),
)


@unhurried
@given(words, st.sampled_from([Finding, Location, Fix, Odd, object, Severity, tuple[int, Finding]]))
def test_anything_at_all_is_read_or_refused(data: object, kind: Any) -> None:
    try:
        CODEC.read(data, kind, THERE)
    except CodecError:
        return


def test_all_that_is_kept_has_a_coder() -> None:
    """Here a new class of facts shows whose module ``code_cache`` does not name: nothing would be kept of any file."""
    assert code_cache._CODEC.coder(FileResult)
    assert run_cache._CODEC.coder(Gathered)
    assert run_cache._CODEC.coder(Seen)
    assert recheck._CODEC.coder(Looked)
    assert recheck._CODEC.coder(recheck._VIEWS)
    assert kept_edits._CODEC.coder(kept_edits._WANTED)
    assert kept_edits._CODEC.coder(kept_edits._MADE)


def test_a_class_that_nobody_names_is_refused() -> None:
    module = ModuleType("module")
    exec(
        "from __future__ import annotations\nfrom typing import NamedTuple\nclass Fact(NamedTuple):\n    a: Unknown\n",
        vars(module),
    )
    with pytest.raises(CodecError, match="Unknown"):
        Codec(module).write(module.Fact(1), module.Fact, THERE)


def test_decimals_of_any_size() -> None:
    assert there_and_back({"monthly": Decimal("0.10")}, object) == {"monthly": Decimal("0.10")}
    assert str(there_and_back(Decimal("1.50"), object)) == "1.50"
