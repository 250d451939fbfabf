"""`Reply`: the answer to one request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, looks_like_json, parse_json
from bw_magics.lean_regex import regex

_REDIRECTS = (301, 302, 303, 307, 308)
_HOST = regex(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")

# Media types that may be named; any other is a server's own text.
_NAMED = frozenset(
    {
        "application/json",
        "application/octet-stream",
        "application/problem+json",
        "application/xhtml+xml",
        "application/xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
        "text/xml",
    }
)

# "Try again in 2 minutes", "in 1m", "locked for 15 minutes": the wait in words only.
_IN_WORDS = regex(
    r"\b(?:in|for) (\d{1,6}) ?(s|m|h)(?:(?:ec|econd|in|inute|our)s?)?\b", re.IGNORECASE
)
_SECONDS = regex(r"[0-9]{1,9}")
_UNITS = {"s": 1, "m": 60, "h": 3600}
_LONGEST_WAIT = timedelta(days=365)

# How much of an error answer is read to find known texts in it.
_MOST_TEXTS = 30
_LONGEST_TEXT = 1000
_DEEPEST_TEXT = 4


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """Status, headers (lower-case names) and unpacked body; its repr shows the status only."""

    status: int
    headers: Mapping[str, str]
    body: bytearray

    def __repr__(self) -> str:
        return f"<Reply {self.status}>"

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 2xx."""
        return 200 <= self.status < 300

    @property
    def sent_at(self) -> datetime | None:
        """When the server sent it, by the server's clock, in whole seconds."""
        return _http_date(self.headers.get("date", ""))

    @property
    def is_redirect(self) -> bool:
        """Whether the status sends the client to another address."""
        return self.status in _REDIRECTS

    @property
    def is_json(self) -> bool:
        """Whether the body may be JSON, going by its first character."""
        return looks_like_json(self.body)

    def json(self) -> Any:
        """Returns the JSON value, or `UNREADABLE`."""
        return parse_json(self.body)

    @property
    def answer(self) -> Answer:
        """The JSON object; an empty one for anything else."""
        value = self.json()
        return Answer({} if value is UNREADABLE else value)

    @property
    def kind(self) -> str:
        """The media type in words that are safe to show."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not kind:
            return "no content type"
        return kind if kind in _NAMED else "another content type"

    @property
    def redirect_host(self) -> str | None:
        """The host that a redirect points to; None for the same one or no readable one."""
        try:
            host = urlsplit(self.headers.get("location", "")).hostname
        except ValueError:
            return None
        return host if host and _HOST.fullmatch(host) else None

    @property
    def wait(self) -> timedelta | None:
        """How long a 429 asks to wait, from `Retry-After` or the message; None if not said."""
        value = self.headers.get("retry-after", "").strip()
        wait = retry_after(value, date=self.headers.get("date"))
        if wait is not None:
            return wait
        for text in messages(self.answer):
            if found := _IN_WORDS.search(text):
                return timedelta(seconds=int(found[1]) * _UNITS[found[2].lower()])
        return None


def messages(answer: Answer) -> tuple[str, ...]:
    """Returns the texts of an error answer, those of the members that servers use first.

    Servers and the proxies before them also put texts into lists and objects of other names.
    """
    found = (
        answer.text("message"),
        answer.object("errorModel").text("message"),
        answer.text("error_description"),
        *islice(_texts_in(answer.members), _MOST_TEXTS),
    )
    return tuple(dict.fromkeys(text for text in found if text is not None))


def _texts_in(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value[:_LONGEST_TEXT]
    elif depth < _DEEPEST_TEXT and isinstance(value, (Mapping, list)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(each, depth + 1)


def retry_after(value: str, *, date: str | None = None) -> timedelta | None:
    """Reads a `Retry-After` header: seconds or an HTTP date; None for anything else.

    Of several seconds, as where a proxy adds its own, the longest count.
    A date is compared with `date`, the answer's own `Date`, else with this computer's clock.
    A date in the past means no waiting; more than a year counts as a mistake.
    """
    value = value.strip()
    seconds = [_SECONDS.fullmatch(part.strip()) for part in value.split(",")]
    if all(seconds):
        wait = timedelta(seconds=max(int(found[0]) for found in seconds if found))
    else:
        until = _http_date(value)
        if until is None:
            return None
        now = _http_date(date or "") or datetime.now(UTC)
        wait = max(until - now, timedelta(0))
    return wait if wait <= _LONGEST_WAIT else None


def _http_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    if len(text) > 64:
        return None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
