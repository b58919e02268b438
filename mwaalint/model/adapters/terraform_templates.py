"""``templatefile``: a file of the project with values of the configuration filled in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint.documents.terraform import template
from mwaalint.model.adapters.terraform_eval import evaluate
from mwaalint.model.adapters.terraform_scope import Names, Scope
from mwaalint.model.values import Known, Value
from mwaalint.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.model.adapters.terraform_values import Site

_LONGEST_TEMPLATE = 200_000
# No name of a value: says that an expression stands in a template.
_INSIDE = "\0template"


def rendered(arguments: Sequence[Value], scope: Scope, names: Names, site: Site) -> Value:
    """The text of a template; its parts that are not known stay gaps."""
    if _INSIDE in scope.bindings:
        return site.failure("a template cannot fill in another one")
    path, values = (*arguments, None, None)[:2]
    text = names.function("file", [path], site) if isinstance(path, Known) else None
    if not (isinstance(text, Known) and isinstance(text.value, str) and len(text.value) <= _LONGEST_TEMPLATE):
        return site.unresolved("the template is not known")
    if not (isinstance(values, Known) and isinstance(values.value, dict)):
        return site.unresolved("the values for the template are not known")
    data = text.value.encode("utf-8", "replace")
    file = SourceFile(text.origin.path, Path(text.origin.path), data)
    bindings = {**values.value, _INSIDE: site.known(True)}
    inner = Scope(file, site.location.symbol, scope.budget, names, bindings)
    return evaluate(template(text.value, file, Span(0, len(data))), inner)
