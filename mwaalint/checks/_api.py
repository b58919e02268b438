"""What a check is: a function that is handed one subject and reports what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

from mwaalint.cached import cached_property
from mwaalint.findings import Confidence, Finding, Fix, Location, without_secrets
from mwaalint.model.values import ABSENT, Known, Value, member
from mwaalint.records import record

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from mwaalint.catalog import Catalog
    from mwaalint.checks._selectors import Selector
    from mwaalint.discover import Project
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.dag_reading import DagCode
    from mwaalint.model.dag_texts import DagTexts
    from mwaalint.model.deployment import Deployment, Target
    from mwaalint.model.environment import Environment
    from mwaalint.rulebook import Rule, Rulebook

S = TypeVar("S")


@record
class Check:
    """A registered check: the rule's code, what it is handed, the function.

    ``subject`` is a type, or a selector for checks of DAG and plugin code. ``airflow`` limits it to versions such as
    ">=3.0".
    """

    code: str
    subject: type | Selector[Any]
    function: Callable[[Any, Any], Iterator[Finding]]
    needs_version: bool
    airflow: str = ""


@dataclass(kw_only=True, eq=False, repr=False)
class Reporter:
    """How a check reports, and its rule's settings.

    ``stated`` are the rule's options from the settings; ``day`` gives the day to judge by; ``cap`` is the confidence
    that the evidence behind the deployment allows, whose ``label`` names it.
    """

    code: str
    rulebook: Rulebook
    catalog: Catalog
    day: Callable[[], date]
    stated: Mapping[str, object]
    label: str = ""
    cap: Confidence = Confidence.HIGH

    @property
    def today(self) -> date:
        """The day to judge by, never the clock's. What is found without asking for it holds on any other."""
        return self.day()

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
        return Finding(
            code=self.rule.code,
            name=self.rule.name,
            message=text.template.format_map(args),
            primary=where,
            severity=text.severity,
            confidence=min(text.confidence, self.cap),
            related=tuple(related),
            environments=(self.label,) if self.label else (),
            fixes=(fix,) if fix else (),
            args=args,
            subject=subject,
        )


@dataclass(kw_only=True, eq=False, repr=False)
class Context(Reporter):
    """What a check of a whole deployment may look at beside its subject.

    ``past`` are the files at the commit of ``--base``; ``deployment.previous`` is what was made of them.
    """

    project: Project
    deployment: Deployment
    past: Project | None = None


@dataclass(kw_only=True, eq=False, repr=False)
class FileContext(Reporter):
    """What a check of DAG or plugin code may look at beside its subject: this file, and what it runs on.

    No other file: a file's findings are kept as long as its bytes and these do not change. What depends on several
    files is checked on ``DeployedCode``.

    ``place`` is "dags" or "plugins". ``around`` gives the environment; ``evidence`` is the confidence that the files
    are those of the deployment.
    """

    document: PythonDocument
    code_of_dags: DagCode
    place: str
    target: Target
    around: Callable[[], Environment | None]
    dags_folder: str | None = None
    code: str = ""
    stated: Mapping[str, object] = field(default_factory=dict)
    evidence: Confidence = Confidence.HIGH

    def begin(self, check: Check, stated: Mapping[str, object]) -> None:
        """Reports for this check from now on. One context serves all checks of a file, which run one after another."""
        self.code, self.stated = check.code, stated
        self.cap = min(self.evidence, self.target.confidence) if check.needs_version else self.evidence

    @property
    def environment(self) -> Environment | None:
        """The environment, None where none is declared. What is found without asking for it holds in any other."""
        return self.around()

    def at(self, node: ast.AST, symbol: str = "") -> Location:
        """The place of a node; of a function or class the line with its name."""
        return self.document.location(node, symbol)

    def runs_at_import(self, node: ast.AST) -> bool:
        """Whether Airflow runs a node each time it reads the DAGs, not only when a task runs."""
        return self.document.runs_at_import(node)

    def value(self, node: ast.expr) -> Value:
        """What an expression comes to, as far as the file tells."""
        return self.code_of_dags.values.value(node)

    def text(self, node: ast.expr) -> str:
        """The text of an expression, paths as they are on MWAA: ``os.path``, ``pathlib``, ``__file__``, the variables
        that MWAA sets. What the file does not tell is a hole; see ``dbt_shell``.
        """
        return self._texts.text(node)

    @cached_property
    def _texts(self) -> DagTexts:
        from mwaalint.model.dag_texts import DagTexts

        return DagTexts(self.document, self.dags_folder, self.catalog)

    def argument(self, call: ast.Call, index: int | None, name: str) -> Value:
        """What a call passes at a position or by name: Absent when it surely does not, Unresolved when it may."""
        positional = [""] * (index or 0) + ([name] if index is not None else [])
        arguments = self.code_of_dags.arguments(call, positional, self.document.block(call))
        return arguments.value(name)

    def literal_argument(self, call: ast.Call, index: int | None, name: str) -> object:
        """The argument's value where it is known, else None."""
        value = self.argument(call, index, name)
        return value.value if isinstance(value, Known) else None

    def option(self, name: str) -> Value:
        """A configuration option of the environment ("core.default_timezone"): Absent when it is not set or there is no
        environment.
        """
        if self.environment is None:
            return ABSENT
        return member(self.environment.airflow_configuration_options, name)


Function = TypeVar("Function", bound="Callable[..., Iterator[Finding]]")


@overload
def check(
    code: str, *, on: type[S], needs_version: bool = False, airflow: str = ""
) -> Callable[[Callable[[S, Context], Iterator[Finding]]], Callable[[S, Context], Iterator[Finding]]]: ...


@overload
def check(
    code: str, *, on: Selector[S], needs_version: bool = False, airflow: str = ""
) -> Callable[[Callable[[S, FileContext], Iterator[Finding]]], Callable[[S, FileContext], Iterator[Finding]]]: ...


def check(code: str, *, on: Any, needs_version: bool = False, airflow: str = "") -> Any:
    """Registers a function as the check of a rule.

    ``on`` is the type of the subject (InstallPlan, Environment, Deployment, DbtProject, DeployedCode, DeploySteps,
    LocalRunner, StartupScript) or, for DAG and plugin code, a selector: Call, Import, Operator, Dags, DagFile,
    PluginFile. With ``needs_version`` it runs only where the Airflow version is known and in the catalogue; where it is
    not, the report counts it as skipped.
    ``airflow``, such as ">=2.7.2,<3", runs it only for these versions and implies ``needs_version``.
    """

    def register(function: Function) -> Function:
        registered = Check(code, on, function, needs_version or bool(airflow), airflow)
        function.__mwaalint_check__ = registered  # type: ignore[attr-defined]
        return function

    return register
