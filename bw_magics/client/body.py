"""Bodies of answers: unpacked under a ceiling, and read as JSON and never quoted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bw_magics.errors import AnswerUnusable

if TYPE_CHECKING:
    from bw_magics.client.unpacker import Unpacker

MIB = 1024 * 1024

# What a JSON value can begin with: anything else is a web page or a file.
_JSON_STARTS = b'{["-0123456789tfn'
_WHITE_SPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

UNREADABLE = object()


def read_body(chunks: Iterable[bytes], *, encoding: str, ceiling: int, server: str) -> bytearray:
    """Unpacks the bytes of `chunks`; `encoding` is the content-encoding.

    At most `ceiling` bytes are ever unpacked, so that a small answer cannot fill the memory.
    Raises `AnswerUnusable` above that, for an encoding that was not asked for, and for packed
    data that is damaged or cut off.
    """
    body = bytearray()
    unpacker = _unpacker(encoding.strip().lower(), server)
    for chunk in chunks:
        if unpacker is None:
            body += chunk
        elif not unpacker.feed(chunk, into=body, ceiling=ceiling):
            break
        if len(body) > ceiling:
            break
    if len(body) > ceiling:
        raise AnswerUnusable(
            f"The answer of {server} is larger than {ceiling // MIB} MiB.",
            "Check that the address is that of your Bitwarden server.",
        )
    if unpacker is not None and not unpacker.complete:
        raise AnswerUnusable(
            f"The answer of {server} arrived damaged or cut off.",
            "Try again; if it stays so, look at the proxy in front of the server.",
        )
    return body


def _unpacker(encoding: str, server: str) -> Unpacker | None:
    if encoding in ("", "identity"):
        return None
    from bw_magics.client.unpacker import Unpacker

    if encoding in ("gzip", "x-gzip"):
        return Unpacker(Unpacker.GZIP)
    if encoding == "deflate":
        return Unpacker(Unpacker.ZLIB)
    raise AnswerUnusable(
        f"The answer of {server} is packed in a way that was not asked for.",
        "Look at the proxy in front of the server.",
    )


def looks_like_json(body: bytes | bytearray) -> bool:
    """Tells whether the first character can begin a JSON value."""
    start = bytes(body[:64]).removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)
    return start[:1] != b"" and start[0] in _JSON_STARTS


def parse_json(body: bytes | bytearray) -> Any:
    """Parses the JSON value of a body, or returns `UNREADABLE`.

    It does not raise: the errors of the parsers hold the body, which may hold tokens.
    """
    import msgspec

    if body[:3] == _BYTE_ORDER_MARK:
        body = body[3:]
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return UNREADABLE
