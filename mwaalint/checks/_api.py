"""What a check is: a function that is handed one subject and reports what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mwaalint.findings import Confidence, Finding, Fix, Location, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.model.deployment import Deployment
    from mwaalint.rulebook import Rule, Rulebook

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Check:
    """A registered check: the rule's code, the type of subject it wants, the function."""

    code: str
    subject: type
    function: Callable[[Any, Context], Iterator[Finding]]
    needs_version: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may look at beside its subject, and how it reports.

    ``stated`` are the rule's options from the settings; ``today`` is a parameter, never the clock.
    ``past`` are the files at the commit of ``--base``; ``deployment.previous`` is what was made of them.
    """

    code: str
    rulebook: Rulebook
    project: Project
    deployment: Deployment
    catalog: Catalog
    today: date
    stated: Mapping[str, object]
    cap: Confidence = Confidence.HIGH
    past: Project | None = None

    @property
    def rule(self) -> Rule:
        """The rule's page, read when first needed: most checks find nothing."""
        return self.rulebook.rule(self.code)

    @property
    def options(self) -> Mapping[str, object]:
        """The rule's options: what the settings say, else the page's defaults."""
        return {name: self.stated.get(name, option.default) for name, option in self.rule.options.items()}

    def report(
        self,
        where: Location,
        message: str = "default",
        *,
        related: Iterable[Location] = (),
        fix: Fix | None = None,
        subject: str = "",
        **args: object,
    ) -> Finding:
        """A finding at ``where`` with one of the page's messages, filled with ``args``.

        ``subject`` is what the finding is about in words that survive moved lines (a package's name); with the place's
        symbol it makes the fingerprint. Confidence is the page's, lowered to what the evidence behind the deployment
        allows. Passwords and tokens of URLs are starred out. The argument ``monthly`` is what the advice saves, in US
        dollars a month, and ``arithmetic`` how it comes about: an audit adds them up.
        """
        args = {name: without_secrets(value) if isinstance(value, str) else value for name, value in args.items()}
        text = self.rule.messages[message]
        label = self.deployment.label
        return Finding(
            code=self.rule.code,
            name=self.rule.name,
            message=text.template.format_map(args),
            primary=where,
            severity=text.severity,
            confidence=min(text.confidence, self.cap),
            related=tuple(related),
            environments=(label,) if label else (),
            fixes=(fix,) if fix else (),
            args=args,
            subject=subject,
        )


def check(
    code: str, *, on: type[S], needs_version: bool = False
) -> Callable[[Callable[[S, Context], Iterator[Finding]]], Callable[[S, Context], Iterator[Finding]]]:
    """Registers a function as the check of a rule.

    ``on`` is the type of the subject: InstallPlan, Environment, Deployment, DbtProject. With ``needs_version`` it
    runs only where the Airflow version is known and in the catalogue; where it is not, the report counts it as skipped.
    """

    def register(function: Callable[[S, Context], Iterator[Finding]]) -> Callable[[S, Context], Iterator[Finding]]:
        function.__mwaalint_check__ = Check(code, on, function, needs_version)  # type: ignore[attr-defined]
        return function

    return register
