"""A program on a real Spark cluster of two executors; run by `test_spark.py` in an environment of
its own. It writes the result of each step, as JSON.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas  # type: ignore[import-untyped]
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, udf

from bw_magics.adapters.py4j_log import keep_out
from bw_magics.adapters.spark import check_hidden, hides, on_executors, value
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret
from tests.clusters import controls
from tests.clusters.waiting import wait_until

NAME = "warehouse"


def logged(spark: SparkSession, secret: Secret) -> dict[str, list[str]]:
    """Returns what py4j logs of options: the records with the value, and with the user's name."""
    told: dict[str, list[str]] = {}
    for way in ("as they are", "kept out"):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        logger = logging.getLogger("py4j")
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        options = {"user": "analyst", "password": secret}
        if way == "kept out":
            keep_out(options.values())
        spark.read.format("jdbc").options(**options)
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        text = stream.getvalue()
        told[way] = [word for word in (str(secret), "analyst") if word in text]
    return told


class Told(dict[str, Any]):
    """The results; each is announced, so that a busy machine is seen to go on."""

    def __setitem__(self, what: str, result: Any) -> None:
        super().__setitem__(what, result)
        print("told:", what, flush=True)


def main(marker: str, folder: Path) -> dict[str, Any]:
    told = Told()
    secret = Secret(marker, "Warehouse DB / password")
    events = folder / "events"
    events.mkdir(parents=True)
    (folder / "text").write_text("a\nb\n")
    spark = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .appName("boxes")
        .config("spark.executor.memory", "512m")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.compress", "false")
        .config("spark.eventLog.dir", events.as_uri())
        .config("spark.control", controls.SPARK)
        .getOrCreate()
    )
    context = spark.sparkContext
    told["hidden names"] = {
        name: hides(spark, name) for name in ("password", "url", "sfToken", "user", "fs.key")
    }
    told["py4j"] = logged(spark, secret)
    told["before"] = error_of(lambda: context.parallelize([1], 1).map(_name_it).collect())
    with on_executors(spark, {NAME: secret}):
        meeting = folder / "meeting"
        meeting.mkdir()
        found = context.parallelize([str(meeting)] * 8, 8).map(_where).collect()
        told["executors"] = len({place for place, *_ in found})
        told["lengths"] = sorted({length for _, length, _ in found})
        told["reprs"] = sorted({shown for *_, shown in found})
        frame = spark.range(8).repartition(4)
        lengths = frame.mapInPandas(_map_in_pandas, "length long").collect()
        told["mapInPandas"] = sorted({row.length for row in lengths})
        with_udf = frame.select(udf(_length, "int")(col("id")).alias("length")).collect()
        told["UDF"] = sorted({row.length for row in with_udf})
        told["returned"] = error_of(lambda: context.parallelize([1], 1).map(_give_away).collect())
        told["other name"] = error_of(lambda: context.parallelize([1], 1).map(_other).collect())
        with on_executors(spark, {"second": secret}):
            told["nested"] = context.parallelize([1], 1).map(_second).collect()
        told["still there"] = context.parallelize(range(4), 4).map(_name_it).collect()
        told["pages"] = pages(spark, secret, folder)
        told["command lines"] = processes_with(marker, "cmdline")
        told["environments"] = processes_with(marker, "environ")
        told["boxes"] = len(box_processes())
        for process in box_processes():
            os.kill(process, signal.SIGKILL)
        told["box died"] = error_of(lambda: context.parallelize([1], 1).map(_name_it).collect())
    told["after"] = error_of(lambda: context.parallelize([1], 1).map(_name_it).collect())
    with on_executors(
        spark, {f"value {number}": f"{secret}-{number}" for number in range(100_000)}
    ):
        told["many"] = context.parallelize([1], 1).map(_many).collect()
    wait_until(lambda: not box_processes())
    told["boxes left"] = len(box_processes())
    for what, call in {
        "closure": lambda: context.parallelize([1], 1).map(lambda _: len(secret)).collect(),
        "broadcast": lambda: context.broadcast(secret),
        "rows": lambda: context.parallelize([secret], 1).collect(),
    }.items():
        told[what] = error_of(call)
    told["shown option"] = error_of(lambda: check_hidden(spark, {"fs.key": secret}))
    told["hidden option"] = error_of(lambda: check_hidden(spark, {"password": secret, "user": "x"}))
    told["work"] = str(Path(os.environ.get("SPARK_HOME", _home(spark))) / "work")
    told["application"] = context.applicationId
    spark.stop()
    return told


def _where(meeting: str) -> tuple[str, int, str]:
    # Until the other executor has a task, too: one that is quick would take all of them.
    place = os.getcwd()  # noqa: PTH109
    (Path(meeting) / place.replace("/", "-")).touch()
    wait_until(lambda: len(os.listdir(meeting)) > 1)  # noqa: PTH208
    return place, len(value(NAME)), repr(value(NAME))


def _name_it(_: int) -> str:
    return repr(value(NAME))


def _other(_: int) -> str:
    return repr(value("nothing"))


def _second(_: int) -> str:
    return repr(value("second"))


def _many(_: int) -> str:
    return repr(value("value 99999"))


def _give_away(_: int) -> Secret:
    return value(NAME)


def _length(_: int) -> int:
    return len(value(NAME))


def _map_in_pandas(frames: Iterator[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
    for frame in frames:
        yield pandas.DataFrame({"length": [len(value(NAME))] * len(frame)})


def pages(spark: Any, secret: Secret, folder: Path) -> str:
    """What Spark's UI and its REST answers tell everybody, after a read with options."""
    options = {"url": f"jdbc:x://h/db?p={secret}", "user": "etl", "password": secret}
    check_hidden(spark, options)
    frame = spark.read.format("text").options(**options).load(str(folder / "text"))
    frame.createOrReplaceTempView("texts")
    spark.sql("select count(*) from texts").collect()
    told = str(frame._jdf.queryExecution().toString())
    application = spark.sparkContext.applicationId
    for path in (
        "environment/", "SQL/", "SQL/execution/?id=0", "jobs/", "stages/", "executors/", "storage/",
        "api/v1/applications", f"api/v1/applications/{application}/environment",
        f"api/v1/applications/{application}/sql?details=true",
        f"api/v1/applications/{application}/stages?details=true",
        f"api/v1/applications/{application}/jobs",
    ):  # fmt: skip
        try:
            with urllib.request.urlopen(
                f"{spark.sparkContext.uiWebUrl}/{path}", timeout=30
            ) as page:
                told += f"{path}\n{page.read().decode()}\n"
        except OSError as error:
            told += f"{path} {error}\n"
    return told


def error_of(call: Any) -> list[str]:
    """The kind of an error and its whole text; nothing where there is none."""
    try:
        call()
    except Exception as error:
        text = str(error)
        kinds = [kind for kind in (NotFound, UsageMistake) if kind.__name__ in text]
        kind = kinds[0] if kinds else type(error)
        return [kind.__name__, text]
    return []


def box_processes() -> list[int]:
    """The processes of boxes on this machine."""
    return [int(each) for each in processes_with("bw_magics.adapters.box", "cmdline")]


def processes_with(text: str, file: str) -> list[str]:
    """The processes that have a text in their environment or command line, but for this one."""
    return [
        process.name
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and process.name != str(os.getpid())
        if text.encode() in _read(process / file)
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _home(spark: Any) -> str:
    import pyspark

    return str(Path(pyspark.__file__).parent)


if __name__ == "__main__":
    request = json.load(sys.stdin)
    result = main(request["marker"], Path(request["folder"]))
    Path(request["answer"]).write_text(json.dumps(result))
