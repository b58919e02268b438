"""MW408 toplevel-io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Call
from mwaalint.checks.dags._calls_at_import import called_at
from mwaalint.documents.python import source_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_SESSIONS = ("requests", "requests.Session()", "requests.session()", "httpx", "httpx.Client()")
_AWS = tuple(
    f"{session}.{kind}().*"
    for session in ("boto3", "boto3.Session()", "boto3.session.Session()")
    for kind in ("client", "resource")
)
_NETWORK = (
    *(f"{session}.{verb}" for session in _SESSIONS for verb in _VERBS),
    *("urllib.request.urlopen", "urllib.request.urlretrieve", "urllib3.PoolManager().request", "urllib3.request"),
    *(f"awswrangler.s3.read_{kind}" for kind in ("csv", "json", "parquet")),
    *("awswrangler.secretsmanager.get_secret", "awswrangler.secretsmanager.get_secret_json"),
)
_DATABASE = (
    *("psycopg2.connect", "psycopg.connect", "pymysql.connect", "mysql.connector.connect", "pyodbc.connect"),
    *("snowflake.connector.connect", "redshift_connector.connect", "oracledb.connect", "cx_Oracle.connect"),
    *("sqlalchemy.create_engine().connect", "sqlalchemy.create_engine().execute", "pyathena.connect"),
    *("pandas.read_sql", "pandas.read_sql_query", "pandas.read_sql_table", "awswrangler.athena.read_sql_query"),
)
_PROCESS = (
    *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen"),
    *("os.system", "os.popen"),
)
_SLEEP = ("time.sleep",)
_READERS = ("pandas.read_csv", "pandas.read_parquet", "pandas.read_json", "pandas.read_excel")
# Methods of boto3's objects that ask AWS nothing.
_LOCAL = frozenset(
    {
        *("get_paginator", "get_waiter", "can_paginate", "close", "register"),
        *("generate_presigned_url", "generate_presigned_post", "generate_db_auth_token"),
    }
)
# What finds the things of a kind, one after the other.
_COLLECTIONS = frozenset({"all", "filter", "limit", "page_size"})
_REMOTE = ("s3://", "s3a://", "http://", "https://", "gs://", "ftp://")


@check("MW408", on=Call(*_NETWORK, *_AWS, *_DATABASE, *_PROCESS, *_SLEEP, *_READERS))
def toplevel_io(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A call that goes over the network, to a database or to another program whenever the file is imported."""
    kind = _kind(call, ctx) if ctx.runs_at_import(call) else None
    if kind is None:
        return
    function = ctx.document.function_around(call)
    name = source_of(call.func)
    yield ctx.report(
        ctx.at(call),
        f"{kind}_in_function" if function else kind,
        related=called_at(function, ctx),
        subject=name,
        call=name if len(name) <= 60 else f"….{name.rpartition('.')[2]}",
        function=function.name if function else "",
    )


def _kind(call: ast.Call, ctx: FileContext) -> str | None:
    origins = ctx.document.origins(call.func)
    aws = next((origin for origin in origins if origin.startswith("boto3.")), None)
    if aws is not None:
        return "network" if _asks_aws(aws) else None
    for kind, names in (("network", _NETWORK), ("database", _DATABASE), ("process", _PROCESS), ("sleep", _SLEEP)):
        if not set(names).isdisjoint(origins):
            return kind
    return "network" if _reads_remotely(call, ctx) else None


def _asks_aws(origin: str) -> bool:
    """Whether a method of a client or resource goes to AWS. Bucket, Table and their like only name a thing, and what
    other methods answer is data.
    """
    names = [part.rpartition(".")[2] for part in origin.split("().")]
    first = next((index for index, name in enumerate(names) if name in ("client", "resource")), len(names))
    *made, method = names[first + 1 :] or [""]
    if not method or method in _LOCAL or method[:1].isupper():
        return False
    return all(name in _LOCAL or name in _COLLECTIONS or name[:1].isupper() for name in made)


def _reads_remotely(call: ast.Call, ctx: FileContext) -> bool:
    path = ctx.literal_argument(call, 0, "filepath_or_buffer")
    return isinstance(path, str) and path.startswith(_REMOTE)
