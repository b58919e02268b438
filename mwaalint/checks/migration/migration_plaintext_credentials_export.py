"""MW704 migration-plaintext-credentials-export."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks.migration._metadata import MetadataScript
from mwaalint.documents.python_walk import walk
from mwaalint.model.metadata_scripts import method
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_DECRYPTS = {
    "get_password": "passwords of connections",
    "get_extra": "passwords of connections",
    "get_val": "variables",
}
_UPLOADS = frozenset({"put_object", "upload_fileobj", "upload_file", "load_string", "load_file_obj", "load_bytes"})


@check("MW704", on=MetadataScript())
def migration_plaintext_credentials_export(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """What Airflow keeps encrypted, written to S3 as it is."""
    if not any(method(call) in _DECRYPTS for call in document.calls):
        return
    for function in document.functions:
        calls = [node for node in walk(function) if isinstance(node, ast.Call)]
        secret = next((_DECRYPTS[method(call)] for call in calls if method(call) in _DECRYPTS and not call.args), None)
        upload = next((call for call in calls if method(call) in _UPLOADS and not _encrypted(call, ctx)), None)
        if secret is not None and upload is not None:
            yield ctx.report(ctx.at(upload), subject=function.name, what=secret, call=method(upload))


def _encrypted(call: ast.Call, ctx: FileContext) -> bool:
    """Whether a key of KMS, or something that is not known here, guards what is written."""
    for keyword in call.keywords:
        if keyword.arg == "ServerSideEncryption":
            value = ctx.value(keyword.value)
            return not isinstance(value, Known) or str(value.value).startswith("aws:kms")
        if keyword.arg in (None, "ExtraArgs", "encrypt"):
            return True
    return False
