"""Properties that are computed when first asked for."""

from __future__ import annotations

import functools

import pytest

from mwaalint.cached import cached_property


class Counting:
    """Counts how often it is asked in earnest."""

    def __init__(self) -> None:
        self.asked = 0

    @cached_property
    def answer(self) -> int:
        """What it comes to."""
        self.asked += 1
        if self.asked == 3:
            raise ValueError(self.asked)
        return self.asked


def test_a_value_is_computed_when_first_asked_for_and_kept() -> None:
    one = Counting()
    assert "answer" not in vars(one)
    assert [one.answer, one.answer] == [1, 1]
    assert one.asked == 1


def test_objects_have_values_of_their_own() -> None:
    one, other = Counting(), Counting()
    one.asked = 1
    assert (one.answer, other.answer) == (2, 1)


def test_a_value_that_is_let_go_of_is_computed_anew() -> None:
    one = Counting()
    assert one.answer == 1
    del one.answer
    assert one.answer == 2


def test_what_could_not_be_computed_is_not_kept() -> None:
    one = Counting()
    one.asked = 2
    with pytest.raises(ValueError, match="3"):
        _ = one.answer
    assert one.answer == 4


def test_the_class_has_the_property_itself_with_its_documentation() -> None:
    assert isinstance(vars(Counting)["answer"], cached_property)
    assert Counting.answer.__doc__ == "What it comes to."
    assert cached_property.__name__ == functools.cached_property.__name__
