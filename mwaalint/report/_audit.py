"""What an audit says, before it is written as a page or as Markdown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from mwaalint import catalog as catalogue
from mwaalint.model.bill import Bill, bill_of, class_of
from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value, known
from mwaalint.report._pages import first_paragraph, first_sentence, rule_of
from mwaalint.report._places import place_of
from mwaalint.report._summary import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from mwaalint.catalog import Catalog, Release
    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding, Location
    from mwaalint.model.deployment import Deployment
    from mwaalint.model.environment import Environment
    from mwaalint.rulebook import Rule

# From so many days before the end of support on, it is time to plan.
SOON = 180
# Findings about the run itself, which say what the others do not cover.
_ABOUT_THE_RUN = frozenset({"MW001", "MW002"})


class EnvironmentRow(NamedTuple):
    """One environment as a lead wants to see it. ``support`` is "supported", "ends soon", "ended" or "unknown";
    ``declared`` is its own version where the audit asks about another.
    """

    label: str
    place: str
    airflow: str
    end_of_support: date | None
    support: str
    size: str
    workers: str
    bill: Bill | None
    declared: str = ""

    @property
    def version(self) -> str:
        """The version, after the one it would follow."""
        return f"{self.declared} → {self.airflow}" if self.declared else self.airflow


class Saving(NamedTuple):
    """What following one finding's advice saves, in US dollars a month, with the arithmetic."""

    finding: Finding
    place: str
    monthly: Decimal
    arithmetic: str


class Family(NamedTuple):
    """The findings of one family of rules, the worst first. ``ran`` and ``rules`` count its rules."""

    name: str
    findings: tuple[Finding, ...]
    ran: int
    unfinished: int
    rules: int


class Audit(NamedTuple):
    """All of it. ``releases`` are the versions of the timeline, oldest first."""

    title: str
    today: date
    environments: tuple[EnvironmentRow, ...]
    savings: tuple[Saving, ...]
    families: tuple[Family, ...]
    not_analysed: tuple[str, ...]
    releases: tuple[Release, ...]
    facts_as_of: date

    @property
    def monthly(self) -> Decimal:
        """What the environments whose price is known cost a month."""
        return sum((row.bill.monthly for row in self.environments if row.bill), Decimal())

    @property
    def saved(self) -> Decimal:
        """What the savings come to. Two findings about the same argument are alternatives: the larger counts."""
        best: dict[tuple[object, ...], Decimal] = {}
        for saving in self.savings:
            key = (saving.finding.environments, saving.finding.primary.symbol)
            best[key] = max(best.get(key, Decimal()), saving.monthly)
        return sum(best.values(), Decimal())


def audit_of(result: RunResult, catalog: Catalog | None = None) -> Audit:
    """The audit of a run."""
    catalog = catalog or catalogue.load()
    return Audit(
        title=result.root.name or "this repository",
        today=result.today,
        environments=tuple(_environments(result, catalog)),
        savings=tuple(sorted(_savings(result), key=lambda saving: -saving.monthly)),
        families=tuple(_families(result)),
        not_analysed=tuple(_not_analysed(result)),
        releases=tuple(catalog.releases.values()),
        facts_as_of=catalog.compiled,
    )


def money(amount: Decimal) -> str:
    """Whole dollars: ``$1,124``."""
    return f"${amount.quantize(Decimal(1), ROUND_HALF_UP):,}"


def place(result: RunResult, location: Location) -> str:
    """``path:line``, or the path of a whole file."""
    found = place_of(result, location)
    return f"{location.path}:{found.start.line}" if found else location.path


def why(rule: Rule) -> str:
    """The first paragraph of why it matters."""
    return first_paragraph(rule, "Why it matters on MWAA")


def advice(result: RunResult, finding: Finding) -> str:
    """How to repair it, in a sentence: the fix that the finding offers, else the page's own."""
    if finding.fixes:
        return finding.fixes[0].title
    rule = rule_of(result.rulebook, finding.code)
    return first_sentence(rule, "How to fix it") if rule else ""


def _environments(result: RunResult, catalog: Catalog) -> Iterator[EnvironmentRow]:
    for deployment in result.deployments:
        if deployment.environment is not None:
            yield _row(result, deployment, deployment.environment, catalog)


def _row(result: RunResult, deployment: Deployment, environment: Environment, catalog: Catalog) -> EnvironmentRow:
    airflow = deployment.target.airflow
    release = catalog.release(airflow) if airflow else None
    own = known(environment.airflow_version, str)
    end = release.end_of_support if release else None
    return EnvironmentRow(
        label=deployment.label,
        place=place(result, environment.location),
        airflow=airflow or _written(environment.airflow_version, "MWAA's latest"),
        end_of_support=end,
        support=_support(release, result.today),
        size=class_of(environment) or _written(environment.environment_class, "MWAA's default"),
        workers=f"{_written(environment.min_workers, '1')} – {_written(environment.max_workers, '10')}",
        bill=bill_of(environment, catalog),
        declared=own if own and airflow and own != airflow else "",
    )


def _support(release: Release | None, today: date) -> str:
    if release is None:
        return "unknown"
    if release.end_of_support is None:
        return "supported"
    left = (release.end_of_support - today).days
    return "ended" if left < 0 else "ends soon" if left <= SOON else "supported"


def _written(value: Value, default: str) -> str:
    match value:
        case Known(value=data):
            return str(data)
        case OneOf(options=options):
            return " or ".join(str(option.value) for option in options)
        case Unresolved():
            return "not known here"
        case Absent():
            return default


def _savings(result: RunResult) -> Iterator[Saving]:
    for finding in result.findings:
        try:
            monthly = Decimal(str(finding.args.get("monthly", "")))
        except InvalidOperation:
            continue
        if monthly > 0:
            arithmetic = str(finding.args.get("arithmetic", ""))
            yield Saving(finding, place(result, finding.primary), monthly, arithmetic)


def _families(result: RunResult) -> Iterator[Family]:
    pages = result.rulebook.pages
    listed = sorted(pages.items(), key=lambda page: (page[1].parent.name, page[0]))
    for name, group in groupby(listed, key=lambda page: page[1].parent.name):
        codes = {code for code, _ in group}
        if name == "tool":
            continue
        found = [finding for finding in result.findings if finding.code in codes]
        yield Family(
            name,
            tuple(sorted(found, key=lambda finding: -finding.severity)),
            len(codes & result.ran),
            len(codes & result.unfinished),
            len(codes),
        )


def _not_analysed(result: RunResult) -> Iterator[str]:
    """Everything that is not known to be clean, in sentences."""
    for finding in result.findings:
        if finding.code in _ABOUT_THE_RUN:
            yield f"{place(result, finding.primary)}: {finding.message}"
    for notice in result.notices:
        yield f"{notice.path}: {notice.message}" if notice.path else notice.message


def standing(family: Family) -> str:
    """What the family's rules came to, in a sentence; a rule that did not run is not called clean."""
    if family.ran == 0 and not family.findings:
        return f"Not checked: nothing here for its {counted(family.rules, 'rule')} to check."
    found = counted(len(family.findings), "finding") if family.findings else "Nothing found"
    looked = f"{family.ran} of {counted(family.rules, 'rule')} had something to check"
    limits = f"; {counted(family.unfinished, 'rule')} could not check all of it" if family.unfinished else ""
    return f"{found}; {looked}{limits}."


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """How many errors, warnings and notes there are, in this order."""
    counts = {"error": 0, "warning": 0, "note": 0}
    for finding in findings:
        counts[str(finding.severity)] += 1
    return counts
