"""Where an expression of Terraform stands, and what the names in it mean there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_values import Site
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mwaalint.documents.terraform_syntax import Attribute, Expression, Step
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile

_MOST_STEPS = 200_000


@dataclass(slots=True)
class Budget:
    """How much evaluation one root module may cost, against configurations made to be slow.

    ``defaults`` gathers the root's variables whose defaults the values evaluated so far stand on.
    """

    steps: int = _MOST_STEPS
    depth: int = 0
    defaults: set[str] = field(default_factory=set)


class Names(Protocol):
    """What the names in an expression stand for: an instance of a module, or a file of Terragrunt."""

    folder: str
    root_folder: str

    def variable(self, name: str, site: Site) -> Value:
        """The value of ``var.name``."""

    def local(self, name: str, site: Site) -> Value:
        """The value of ``local.name``."""

    def output(self, name: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of ``module.name`` and the steps after it."""

    def resource(self, kind: str, name: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of any other ``kind.name`` and the steps after it."""

    def data(self, kind: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of ``data.kind`` and the steps after it."""

    def function(self, name: str, arguments: Sequence[Value], site: Site) -> Value | None:
        """The result of a function that needs the files of the project; None for any other function."""


@record
class Scope:
    """Where an expression stands: its file, what its names mean (None in .tfvars), what each.* and count.* are."""

    file: SourceFile
    symbol: str
    budget: Budget
    module: Names | None = None
    bindings: Mapping[str, Value] = field(default_factory=dict)

    def of(self, attribute: Attribute) -> Scope:
        """The scope of an attribute of the block that this is the scope of, in whatever file it stands."""
        return replace(self, file=attribute.file, symbol=f"{self.symbol}.{attribute.name}")

    def site(self, expression: Expression) -> Site:
        """The place and text of an expression of this scope."""
        return Site(Location(self.file.path, expression.span, self.symbol), self.file.slice(expression.span))
