"""Arguments, entries and imported names between brackets, with all that stands between them."""

from __future__ import annotations

from dataclasses import replace

from mwaalint.records import record


@record
class Item:
    """One of them: ``lead`` up to its value ("mode="), the value, the comma with the blanks before it ("" when there is
    none), and what follows up to the next one or the bracket. ``name`` is what it is called by.
    """

    value: str
    lead: str = ""
    comma: str = ""
    after: str = ""
    name: str = ""


@record
class Listing:
    """``head`` ends with the opening bracket, ``tail`` begins with the closing one."""

    head: str
    before: str
    items: tuple[Item, ...]
    tail: str

    @property
    def text(self) -> str:
        """The whole as it is written."""
        items = (item.lead + item.value + item.comma + item.after for item in self.items)
        return "".join([self.head, self.before, *items, self.tail])

    def find(self, name: str) -> int | None:
        """The place of the last item of a name."""
        return next((at for at, item in reversed([*enumerate(self.items)]) if item.name == name), None)

    def replaced(self, at: int, value: str) -> Listing:
        """The same with another value for an item."""
        items = list(self.items)
        items[at] = replace(items[at], value=value)
        return replace(self, items=tuple(items))

    def appended(self, text: str) -> Listing:
        """The same with one more at the end, laid out as the last one is."""
        if not self.items:
            return replace(self, before="", items=(Item(text, after=self.before),))
        *others, last = self.items
        gap = others[-1].after if others else self.before
        comma = "," if last.comma else ""
        if "\n" not in gap:
            new = Item(text, comma=comma, after=last.after)
            return replace(self, items=(*others, replace(last, comma=last.comma or ",", after=" "), new))
        line, rest = _first_line(last.after)
        between = f"{line if '#' in line else ''}{_newline(gap)}{gap.rpartition(chr(10))[2]}"
        new = Item(text, comma=comma, after=rest)
        return replace(self, items=(*others, replace(last, comma=last.comma or ",", after=between), new))

    def without(self, at: int) -> Listing:
        """The same without an item and the comment that ends its line. Comments on lines of their own stay."""
        removed, items = self.items[at], list(self.items)
        last = at == len(items) - 1
        before = items[at - 1].after if at else self.before
        joined = _joined(before, removed.after, last=last)
        del items[at]
        if not at:
            lone = not items and "#" not in joined
            return replace(self, before="" if lone else joined, items=tuple(items))
        # What has a line to itself goes as a line, and what is before it keeps its comma.
        keeps = bool(removed.comma) or not last or ("\n" in before and "\n" in removed.after)
        items[at - 1] = replace(items[at - 1], comma=items[at - 1].comma if keeps else "", after=joined)
        return replace(self, items=tuple(items))

    def comment(self, at: int) -> str:
        """The comment behind an item that has a line to itself."""
        before = self.items[at - 1].after if at else self.before
        return _first_line(self.items[at].after)[0].strip() if "\n" in before else ""


def _joined(before: str, after: str, *, last: bool) -> str:
    """What is left between two neighbours of what is gone."""
    if "\n" in before and "\n" in after:
        return before[: before.rindex("\n")].removesuffix("\r") + _first_line(after)[1]
    if "#" in before or ("\n" in before and not last):
        return before
    return after if last or "\n" in after else before


def _first_line(after: str) -> tuple[str, str]:
    """What follows on the same line, and the rest from the newline on; all of it is the rest where there is none."""
    line, newline, _ = after.partition("\n")
    line = line.removesuffix("\r") if newline else ""
    return line, after[len(line) :]


def _newline(gap: str) -> str:
    return "\r\n" if "\r\n" in gap else "\n"
