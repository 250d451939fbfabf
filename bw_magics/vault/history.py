"""The earlier passwords of an item, which an edit stores.

The rule is that of the official clients (docs/protocol.md, Password history): the newest come
first, hidden fields as `name: value` before the password, and five are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bw_magics.errors import TooLong
from bw_magics.secret import Unpicklable
from bw_magics.vault.lengths import check_length
from bw_magics.vault.record import Record, TextKey, fields_of, text_or_none
from bw_magics.vault.types import HIDDEN, LOGIN, ROTATING

# Clients keep so many earlier passwords.
MOST_PAST_PASSWORDS = 5


@dataclass(frozen=True, slots=True)
class Author:
    """The writer and the time of a change: the user's id, None if unknown, and UTC."""

    user_id: str | None
    now: datetime

    @property
    def moment(self) -> str:
        """The time as servers take it: ISO 8601 with milliseconds."""
        text = self.now.astimezone(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, repr=False)
class ClearValues(Unpicklable):
    """The values of a record that leave a trace in its history."""

    password: str | None
    hidden: tuple[tuple[str, str], ...]  # name and value


def clear_values(request: Record, key: TextKey) -> ClearValues:
    """Decrypts the password and the hidden fields; what cannot be read leaves no trace."""
    held = request.get(LOGIN.name)
    password = None
    if isinstance(held, dict):
        password = text_or_none(held.get("password"), key)
    found: list[tuple[str, str]] = []
    for entry in fields_of(request):
        if entry.get("type") == HIDDEN:
            name = text_or_none(entry.get("name"), key)
            value = text_or_none(entry.get("value"), key)
            if name and value:
                found.append((name, value))
    return ClearValues(password, tuple(found))


def remember(
    request: Record, before: ClearValues, after: ClearValues, key: TextKey, author: Author
) -> None:
    """Puts the values that an edit replaces in front of the history: hidden fields as
    `name: value`, then the password. The dates of a password move with it.
    """
    gone = [
        f"{name}: {value}"
        for name, value in before.hidden
        if (name, value) not in after.hidden and not _is_taken_over(name, value, after)
    ]
    held = request.get(LOGIN.name)
    if isinstance(held, dict) and before.password != after.password and before.password:
        gone.append(before.password)
        held["passwordRevisionDate"] = author.moment
    gone = [text for text in (_fitting(value, key) for value in gone) if text is not None]
    if gone:
        entries = [
            {"password": key.encrypt_text(value), "lastUsedDate": author.moment} for value in gone
        ]
        history = request.get("passwordHistory") or []
        request["passwordHistory"] = [*entries, *history][:MOST_PAST_PASSWORDS]


def _fitting(value: str, key: TextKey) -> str | None:
    """Returns the value if a server takes it as an earlier password; None where it is too long. A
    hidden field may hold more than the history can.
    """
    try:
        check_length("password", key.encrypt_text(value), "an earlier value")
    except TooLong:
        return None
    return value


def _is_taken_over(name: str, value: str, after: ClearValues) -> bool:
    """Returns whether a rotation ended by this edit: its new value is where it belongs now."""
    member = name.removeprefix(ROTATING)
    if member == name:
        return False
    if member == "password":
        return after.password == value
    return (member.removeprefix("field:"), value) in after.hidden
