"""The libraries of the tests' own environment."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import logging
import multiprocessing
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import cloudpickle
import dill
import httpx
import loguru
import msgpack
import msgspec
import orjson
import pydantic
import rich
import rich.console
import rich.traceback
import structlog
import tomli_w
import tomlkit
import yaml
from omegaconf import OmegaConf
from pythonjsonlogger.json import JsonFormatter

from bw_magics.secret import Secret
from tests.later import joblib, pandas, parquet, polars, pyarrow, requests, sqlalchemy
from tests.libraries.case import Case, Verdict
from tests.libraries.echo import echoing

REFUSED, MASKED = Verdict.REFUSED, Verdict.MASKED
DELIVERED, SHOWN = Verdict.DELIVERED, Verdict.SHOWN

_A_FILE = "the line writes a file of it"
_A_LINE = "the line prints it"
_JSON = "JSON of a `str` is its text: requests has to send it"
_COPY = "the library keeps a `str` of its own"


class Model(pydantic.BaseModel):
    """A model that takes any text."""

    password: str


class SecretModel(pydantic.BaseModel):
    """A model that knows what it takes."""

    password: Secret


class Hidden(pydantic.BaseModel):
    """The same with pydantic's own type."""

    password: pydantic.SecretStr


class Number(pydantic.BaseModel):
    """A model that takes no text."""

    password: int


@attrs.define
class Attributes:
    """The same with attrs."""

    password: str


@dataclasses.dataclass
class Data:
    """The same with dataclasses."""

    password: str


class Struct(msgspec.Struct):
    """The same with msgspec."""

    password: str


def _show(value: object) -> None:
    print(repr(value))


def _to_log(formatter: logging.Formatter, extra: dict[str, object]) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logger = logging.getLogger("tests.libraries.formatted")
    logger.addHandler(handler)
    try:
        logger.warning("connecting", extra=extra)
    finally:
        logger.removeHandler(handler)


def _structlog(renderer: Any, secret: Secret) -> None:
    structlog.wrap_logger(structlog.PrintLogger(), processors=[renderer]).info(
        "connecting", password=secret
    )


def _loguru_failure(secret: Secret) -> None:
    number = loguru.logger.add(sys.stderr, diagnose=True, backtrace=False)
    try:
        _fail(secret)
    except ValueError:
        loguru.logger.exception("failed")
    finally:
        loguru.logger.remove(number)


def _loguru(text: str, *arguments: object) -> None:
    number = loguru.logger.add(sys.stderr)
    try:
        loguru.logger.info(text, *arguments)
    finally:
        loguru.logger.remove(number)


def _fail(secret: Secret) -> None:
    raise ValueError(len(secret))


def _rich_failure(secret: Secret) -> None:
    try:
        _fail(secret)
    except ValueError:
        rich.console.Console(file=sys.stderr).print_exception(show_locals=True)


def _sql(secret: Secret, statement: str) -> None:
    engine = sqlalchemy.create_engine("sqlite://", echo="debug")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(statement), {"password": secret})


def _url(secret: Secret) -> None:
    url = sqlalchemy.URL.create("postgresql+psycopg", "etl", secret, "localhost", 1)
    _show(url)
    sqlalchemy.create_engine(url, connect_args={"connect_timeout": 1}).connect()


def _boto(secret: Secret, address: str) -> None:
    import boto3  # heavy: not for those who only collect

    boto3.set_stream_logger("", logging.DEBUG)
    try:
        client = boto3.client(
            "s3",
            aws_access_key_id="AKIA-MADE-UP",
            aws_secret_access_key=secret,
            endpoint_url=address,
            region_name="eu-west-1",
        )
        client.list_buckets()
    finally:
        logger = logging.getLogger("")
        for handler in [each for each in logger.handlers if type(each) is logging.StreamHandler]:
            logger.removeHandler(handler)


def _openai(secret: Secret, address: str) -> None:
    import openai  # heavy: not for those who only collect

    client = openai.OpenAI(api_key=secret, base_url=address, max_retries=0)
    _show(client)
    _show(vars(client))
    client.models.list()


def _at(call: Callable[[Secret, str], object]) -> Callable[[Secret, Path], object]:
    """Makes what a case does of a call to a server that answers everything."""

    def does(secret: Secret, folder: Path) -> None:
        with echoing() as (address, heard):
            try:
                call(secret, address)
            finally:
                assert heard, "nothing was sent"

    return does


def _processes(secret: Secret, folder: Path) -> object:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        return pool.submit(len, secret).result()


def _threads(secret: Secret, folder: Path) -> object:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(_fail, secret).result()


def _pool(secret: Secret, folder: Path) -> object:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.map(len, [secret])


def _queue(secret: Secret, folder: Path) -> None:
    queue: Any = multiprocessing.get_context("spawn").Queue()
    queue.put(secret)
    queue.close()
    queue.join_thread()
    raise RuntimeError("its thread has printed why")


def _process(secret: Secret, folder: Path) -> None:
    multiprocessing.get_context("spawn").Process(target=len, args=(secret,)).start()


def _memory(secret: Secret, folder: Path) -> object:
    return joblib.Memory(folder, verbose=10).cache(len)(secret)


def _hydra(secret: Secret, folder: Path) -> None:
    import hydra  # heavy: not for those who only collect

    (folder / "config.yaml").write_text("password: ???\n")
    with hydra.initialize_config_dir(str(folder), version_base=None):
        _show(hydra.compose("config", overrides=[f"password={secret}"]))


def _series(secret: Secret, folder: Path) -> None:
    _show(pandas.Series([secret], dtype=object))


CASES = [
    Case("cloudpickle", "dumps", lambda s, f: cloudpickle.dumps(s), REFUSED),
    Case("cloudpickle", "of a function that uses it",
         lambda s, f: cloudpickle.dumps(lambda: len(s)), REFUSED),
    Case("dill", "dumps", lambda s, f: dill.dumps({"password": s}), REFUSED),
    Case("joblib", "dump", lambda s, f: joblib.dump([s], f / "a.joblib"), REFUSED),
    Case("joblib", "Parallel",
         lambda s, f: joblib.Parallel(2)(joblib.delayed(len)(s) for _ in range(2)), REFUSED),
    Case("joblib", "Memory", _memory, REFUSED),
    Case("multiprocessing", "Pool.map", _pool, REFUSED),
    Case("multiprocessing", "Queue.put", _queue, REFUSED),
    Case("multiprocessing", "Process(args=…)", _process, REFUSED),
    Case("concurrent.futures", "ProcessPoolExecutor", _processes, REFUSED),
    Case("concurrent.futures", "ThreadPoolExecutor, a failing call", _threads, REFUSED),
    Case("msgpack", "packb", lambda s, f: (f / "a").write_bytes(msgpack.packb({"p": s})),
         DELIVERED, _A_FILE),
    Case("msgspec", "json.encode", lambda s, f: msgspec.json.encode({"p": s}), REFUSED),
    Case("msgspec", "msgpack.encode of a struct",
         lambda s, f: msgspec.msgpack.encode(Struct(s)), REFUSED),
    Case("msgspec", "repr of a struct", lambda s, f: _show(Struct(s)), MASKED),
    Case("msgspec", "convert to another type",
         lambda s, f: msgspec.convert({"password": [s]}, Struct), REFUSED),
    Case("orjson", "dumps to a file", lambda s, f: (f / "a").write_bytes(orjson.dumps({"p": s})),
         DELIVERED, _A_FILE),
    Case("orjson", "dumps with OPT_PASSTHROUGH_SUBCLASS",
         lambda s, f: orjson.dumps({"p": s}, option=orjson.OPT_PASSTHROUGH_SUBCLASS), REFUSED),
    Case("json", "dumps to a file", lambda s, f: (f / "a").write_text(json.dumps({"p": s})),
         DELIVERED, _A_FILE),
    Case("pydantic", "repr of a model with a `str`", lambda s, f: _show(Model(password=s)),
         SHOWN, _COPY),
    Case("pydantic", "repr of a model with a `Secret`",
         lambda s, f: _show(SecretModel(password=s)), MASKED),
    Case("pydantic", "model_dump with a `Secret`",
         lambda s, f: _show(SecretModel(password=s).model_dump()), MASKED),
    Case("pydantic", "model_dump_json with a `Secret`",
         lambda s, f: print(SecretModel(password=s).model_dump_json()), MASKED),
    Case("pydantic", "repr of a model with a SecretStr",
         lambda s, f: _show(Hidden(password=s)), MASKED),  # type: ignore[arg-type]
    Case("pydantic", "a validation error",
         lambda s, f: Number(password=s), REFUSED),  # type: ignore[arg-type]
    Case("attrs", "repr and asdict",
         lambda s, f: _show([Attributes(s), attrs.asdict(Attributes(s))]), MASKED),
    Case("dataclasses", "repr and asdict",
         lambda s, f: _show([Data(s), dataclasses.asdict(Data(s))]), MASKED),
    Case("PyYAML", "safe_dump", lambda s, f: yaml.safe_dump({"p": s}), REFUSED),
    Case("PyYAML", "dump", lambda s, f: yaml.dump({"p": s}), REFUSED),
    Case("tomli-w", "dumps to a file",
         lambda s, f: (f / "a.toml").write_text(tomli_w.dumps({"p": s})), DELIVERED, _A_FILE),
    Case("tomlkit", "dumps to a file",
         lambda s, f: (f / "a.toml").write_text(tomlkit.dumps({"p": s})), DELIVERED, _A_FILE),
    Case("structlog", "console", lambda s, f: _structlog(structlog.dev.ConsoleRenderer(), s),
         SHOWN, _A_LINE),
    Case("structlog", "key and value",
         lambda s, f: _structlog(structlog.processors.KeyValueRenderer(), s), MASKED),
    Case("structlog", "JSON", lambda s, f: _structlog(structlog.processors.JSONRenderer(), s),
         SHOWN, _JSON),
    Case("loguru", "a traceback with values", lambda s, f: _loguru_failure(s), MASKED),
    Case("loguru", "of a dictionary", lambda s, f: _loguru("got {}", {"p": s}), MASKED),
    Case("loguru", "of the secret itself", lambda s, f: _loguru("got {}", s), SHOWN, _A_LINE),
    Case("rich", "print of a dictionary", lambda s, f: rich.print({"p": s}), MASKED),
    Case("rich", "print of the secret itself", lambda s, f: rich.print(s), SHOWN, _A_LINE),
    Case("rich", "a traceback with values", lambda s, f: _rich_failure(s), MASKED),
    Case("logging", "extra that no format names",
         lambda s, f: _to_log(logging.Formatter(), {"password": s}), MASKED),
    Case("logging", "of a dictionary",
         lambda s, f: logging.getLogger("x").warning("got %s", {"p": s}), MASKED),
    Case("logging", "extra that the format names",
         lambda s, f: _to_log(logging.Formatter("%(password)s"), {"password": s}),
         SHOWN, _A_LINE),
    Case("logging", "extra, with %(password)r",
         lambda s, f: _to_log(logging.Formatter("%(password)r"), {"password": s}), MASKED),
    Case("python-json-logger", "extra", lambda s, f: _to_log(JsonFormatter(), {"password": s}),
         SHOWN, _JSON),
    Case("OmegaConf", "repr", lambda s, f: _show(OmegaConf.create({"p": s})), REFUSED),
    Case("Hydra", "compose with an override", _hydra, SHOWN, _A_LINE),
    Case("pandas", "to_parquet", lambda s, f: pandas.DataFrame({"p": [s]}).to_parquet(f / "a"),
         DELIVERED, _A_FILE),
    Case("pandas", "repr of a column of objects", _series, SHOWN, _A_LINE),
    Case("pandas", "to_pickle of objects",
         lambda s, f: pandas.DataFrame({"p": [s]}, dtype=object).to_pickle(f / "a"), REFUSED),
    Case("Polars", "write_parquet",
         lambda s, f: polars.DataFrame({"p": [s]}).write_parquet(f / "a"), DELIVERED, _A_FILE),
    Case("Polars", "repr", lambda s, f: _show(polars.DataFrame({"p": [s]})), SHOWN, _COPY),
    Case("pyarrow", "write_table",
         lambda s, f: parquet.write_table(pyarrow.table({"p": [s]}), f / "a"), DELIVERED, _A_FILE),
    Case("pyarrow", "repr of a table", lambda s, f: _show(pyarrow.table({"p": [s]})),
         SHOWN, _COPY),
    Case("SQLAlchemy", "echo of a parameter", lambda s, f: _sql(s, "select :password is null"),
         MASKED),
    Case("SQLAlchemy", "an error with its parameters",
         lambda s, f: _sql(s, "select :password from nowhere"), REFUSED),
    Case("SQLAlchemy", "a URL and its refused connection", lambda s, f: _url(s), REFUSED),
    Case("httpx", "DEBUG, basic authentication and a header",
         _at(lambda s, url: httpx.get(url, auth=("etl", s), headers={"X-Api-Key": s})), MASKED),
    Case("requests", "DEBUG, basic authentication and a header",
         _at(lambda s, url: requests.get(url, auth=("etl", s), headers={"X-Api-Key": s},
                                         timeout=30)), MASKED),
    Case("requests", "DEBUG, in the query",
         _at(lambda s, url: requests.get(url, params={"key": s}, timeout=30)),
         SHOWN, "a URL is not a place for a secret"),
    Case("boto3", "DEBUG", _at(_boto), REFUSED),
    Case("openai", "repr, attributes and DEBUG", _at(_openai), REFUSED),
]  # fmt: skip


def _made(reversed_text: str) -> Secret:
    return Secret(reversed_text[::-1], "X / password")


def dask_cases() -> list[Case]:
    """Dask starts processes of its own; its workers' logs are this process's."""

    def on_a_cluster(call: Callable[[Any, Secret], object]) -> Callable[[Secret, Path], object]:
        def does(secret: Secret, folder: Path) -> object:
            from distributed import Client, LocalCluster

            with (
                LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=1, threads_per_worker=1, dashboard_address=None
                ) as cluster,
                Client(cluster) as client,  # type: ignore[no-untyped-call]
            ):
                return call(client, secret)

        return does

    def delayed(secret: Secret, folder: Path) -> object:
        from dask.delayed import delayed as delay

        graph = delay(len)(secret)
        _show(graph)
        _show(dict(graph.__dask_graph__()))
        return graph.compute(scheduler="processes", num_workers=1)

    return [
        Case("Dask", "submit", on_a_cluster(lambda c, s: c.submit(len, s).result()), REFUSED),
        Case("Dask", "submit of a function that uses it",
             on_a_cluster(lambda c, s: c.submit(lambda: len(s)).result()), REFUSED),
        Case("Dask", "map", on_a_cluster(lambda c, s: c.gather(c.map(len, [s]))), REFUSED),
        Case("Dask", "scatter", on_a_cluster(lambda c, s: _show(c.scatter(s).result())), MASKED),
        Case("Dask", "scatter of a dictionary",
             on_a_cluster(lambda c, s: _show(c.scatter({"p": s})["p"].result())), MASKED),
        Case("Dask", "a task that returns one",
             on_a_cluster(lambda c, s: _show(c.submit(_made, str(s)[::-1]).result())), MASKED),
        Case("Dask", "delayed, with processes", delayed, REFUSED),
    ]  # fmt: skip


CASES += dask_cases()
