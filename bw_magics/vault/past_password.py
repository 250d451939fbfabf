"""The passwords that an item had before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bw_magics.answer import Answer
from bw_magics.secret import Secret
from bw_magics.vault.moments import read_moment
from bw_magics.vault.sealed import Sealed


@dataclass(frozen=True, slots=True)
class PastPassword:
    """An earlier password and the time of its last use, with its zone; None where unknown."""

    password: Secret
    last_used: datetime | None


def past_passwords(record: Answer, sealed: Sealed) -> tuple[PastPassword, ...]:
    """Decrypts the earlier passwords of a record, in the server's order: the newest first.

    Entries without a password are left out. Raises `Unreadable`.
    """
    history = []
    for entry in record.objects("passwordHistory"):
        password = sealed.secret(entry, "password", "password history")
        if password is not None:
            history.append(PastPassword(password, read_moment(entry.text("lastUsedDate"))))
    return tuple(history)
