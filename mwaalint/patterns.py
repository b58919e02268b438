"""Regular expressions that are compiled at the first question: of the hundreds there are, a run asks few."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

from mwaalint.cached import cached_property


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What ``re.compile`` gives, but for when a mistake in it shows, which a test looks for."""
    return cast("re.Pattern[AnyStr]", Later(text, flags))


class Later:
    """Stands for a pattern until somebody asks it something, and answers as the pattern would from then on."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._arguments = text, flags

    @cached_property
    def compiled(self) -> re.Pattern[Any]:
        """The pattern itself."""
        return re.compile(*self._arguments)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what Python or a search for checks asks of any object
            raise AttributeError(name)
        answer = getattr(self.compiled, name)
        setattr(self, name, answer)  # so that nobody comes here for it again
        return answer
