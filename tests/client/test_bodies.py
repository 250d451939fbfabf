"""Bodies in every usual packing are read; a damaged, foreign or huge one is one typed error."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client.body import read_body
from bw_magics.errors import (
    AnswerUnusable,
)
from tests.client.conftest import (
    BEARER,
    Connect,
    Raw,
    Serve,
    answer,
    failed_get,
)


def packed(data: bytes, encoding: str) -> Raw:
    return answer(200, data, headers=(f"Content-Encoding: {encoding}",))


JSON = b'{"key": "body-canary"}'


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(answer(200, JSON), id="plain"),
        pytest.param(packed(JSON, "identity"), id="identity"),
        pytest.param(packed(gzip.compress(JSON), "gzip"), id="gzip"),
        pytest.param(packed(gzip.compress(JSON), "GZIP"), id="upper case"),
        pytest.param(
            packed(gzip.compress(JSON[:9]) + gzip.compress(JSON[9:]), "gzip"),
            id="two gzip members",
        ),
        pytest.param(packed(zlib.compress(JSON), "deflate"), id="deflate"),
        pytest.param(packed(raw_deflate(JSON), "deflate"), id="raw deflate"),
        pytest.param(answer(200, JSON, kind="text/plain"), id="wrong content type"),
        pytest.param(
            Raw(b"HTTP/1.1 200 OK\r\n\r\n" + JSON, close=True), id="ends with the connection"
        ),
        pytest.param(
            Raw(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + b"%x\r\n" % len(JSON)
                + JSON
                + b"\r\n0\r\n\r\n"
            ),
            id="chunked",
        ),
    ],
)
def test_every_usual_packing_is_unpacked(serve: Serve, connect: Connect, raw: Raw) -> None:
    server = serve(raw)
    body = connect(server.server).get(f"{server.server.api}/sync", bearer=BEARER)
    assert type(body) is bytearray
    assert body == JSON


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        pytest.param(
            answer(200, JSON, length=len(JSON) + 5, close=True), "cut off", id="short body"
        ),
        pytest.param(packed(gzip.compress(JSON)[:-9], "gzip"), "cut off", id="half gzip"),
        pytest.param(packed(JSON, "gzip"), "damaged", id="not gzip"),
        pytest.param(packed(JSON, "deflate"), "damaged", id="not deflate"),
        pytest.param(
            packed(gzip.compress(JSON) + b"body-canary", "gzip"), "damaged", id="gzip and more"
        ),
        pytest.param(packed(JSON, "br"), "not asked for", id="br"),
        pytest.param(packed(JSON, "gzip, gzip"), "not asked for", id="twice packed"),
        pytest.param(packed(JSON, "body-canary"), "not asked for", id="unknown packing"),
        pytest.param(packed(b"", "gzip"), "empty", id="empty gzip"),
        pytest.param(
            answer(200, "<html>body-canary", kind="text/html"), "text/html", id="web page"
        ),
        pytest.param(
            Raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"', close=True),
            "cut off",
            id="half a chunk",
        ),
        pytest.param(
            Raw(b"SSH-2.0-body-canary\r\n\r\n", close=True), "does not speak HTTP", id="no HTTP"
        ),
        pytest.param(
            Raw(b"HTTP/1.1 200 OK\r\nbody-canary\x00: \r\n\r\n", close=True),
            "does not speak HTTP",
            id="bad header",
        ),
    ],
)
def test_a_body_that_cannot_be_used(serve: Serve, connect: Connect, raw: Raw, words: str) -> None:
    server = serve(raw)
    error = failed_get(connect(server.server), server.server)
    assert type(error) is AnswerUnusable
    assert words in str(error)
    assert server.server.name in str(error)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_a_small_answer_cannot_fill_the_memory(
    serve: Serve, connect: Connect, encoding: str
) -> None:
    zeros = b"[" + b" " * (3 * 1024 * 1024)
    data = {"gzip": gzip.compress(zeros), "deflate": zlib.compress(zeros), "identity": zeros}
    server = serve(packed(data[encoding], encoding))
    transport = connect(server.server)
    with pytest.raises(AnswerUnusable, match="larger than 1 MiB"):
        transport.get(f"{server.server.api}/sync", bearer=BEARER, ceiling=1024 * 1024)


@given(
    st.binary(max_size=2000),
    st.sampled_from(["gzip", "deflate", "raw", "identity"]),
    st.lists(st.integers(1, 300), max_size=20),
)
def test_the_size_of_the_pieces_makes_no_difference(
    data: bytes, encoding: str, sizes: list[int]
) -> None:
    whole = {
        "gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "raw": raw_deflate(data),
        "identity": data,
    }[encoding]
    pieces = []
    for size in sizes:
        pieces.append(whole[:size])
        whole = whole[size:]
    encoding = "deflate" if encoding == "raw" else encoding
    body = read_body([*pieces, whole], encoding=encoding, ceiling=2000, server="s")
    assert body == data


@given(st.lists(st.binary()), st.sampled_from(["gzip", "deflate", "identity", "br"]))
def test_any_bytes_are_a_body_or_one_typed_error(pieces: list[bytes], encoding: str) -> None:
    try:
        body = read_body(pieces, encoding=encoding, ceiling=64, server="s")
    except AnswerUnusable:
        return
    assert len(body) <= 64
