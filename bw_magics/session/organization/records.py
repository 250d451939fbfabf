"""The rows that the Public API returns about an organisation; nothing of a vault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar, overload

from bw_magics.adapters.extra import load
from bw_magics.answer import Answer

_STATUS = {-1: "revoked", 0: "invited", 1: "accepted", 2: "confirmed"}
_MEMBER_TYPE = {0: "owner", 1: "admin", 2: "user", 3: "manager", 4: "custom"}
_POLICY = {
    0: "two-step login",
    1: "master password",
    2: "password generator",
    3: "single organisation",
    4: "single sign-on",
    5: "organisation data ownership",
    6: "no Sends",
    7: "Send options",
    8: "account recovery",
    9: "session time-out",
    10: "no export",
    11: "autofill",
    12: "automatic login",
    13: "no free families",
    14: "no PIN",
    15: "restricted item types",
}


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A row. Its repr names its kind only: e-mails, names and addresses are private."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@dataclass(frozen=True, slots=True, repr=False)
class Member(Record):
    """A member; `collections` are the ids of those that were given to the member directly."""

    id: str
    name: str | None
    email: str | None
    type: str
    status: str
    two_factor: bool
    user_id: str | None
    external_id: str | None
    collections: tuple[str, ...]

    @classmethod
    def read(cls, answer: Answer) -> Member:
        """Reads an object of the list."""
        return cls(
            id=answer.text("id") or "",
            name=answer.text("name"),
            email=answer.text("email"),
            type=_named(_MEMBER_TYPE, answer.integer("type")),
            status=_named(_STATUS, answer.integer("status")),
            two_factor=answer.truth("twoFactorEnabled"),
            user_id=answer.text("userId"),
            external_id=answer.text("externalId"),
            collections=_ids(answer, "collections"),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Group(Record):
    """A group; `collections` are ids."""

    id: str
    name: str | None
    external_id: str | None
    collections: tuple[str, ...]

    @classmethod
    def read(cls, answer: Answer) -> Group:
        """Reads an object of the list."""
        return cls(
            id=answer.text("id") or "",
            name=answer.text("name"),
            external_id=answer.text("externalId"),
            collections=_ids(answer, "collections"),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Collection(Record):
    """A collection; its name is encrypted, and no API key can read it. `groups` are ids."""

    id: str
    external_id: str | None
    groups: tuple[str, ...]

    @classmethod
    def read(cls, answer: Answer) -> Collection:
        """Reads an object of the list."""
        return cls(
            id=answer.text("id") or "",
            external_id=answer.text("externalId"),
            groups=_ids(answer, "groups"),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Policy(Record):
    """A policy; `data` are its settings."""

    id: str
    type: str
    is_enabled: bool
    data: dict[str, Any]

    @classmethod
    def read(cls, answer: Answer) -> Policy:
        """Reads an object of the list."""
        return cls(
            id=answer.text("id") or "",
            type=_named(_POLICY, answer.integer("type")),
            is_enabled=answer.truth("enabled"),
            data=dict(answer.object("data").members),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Event(Record):
    """An entry of the event log; `type` is Bitwarden's number, `date` is as the server wrote it."""

    date: str | None
    type: int | None
    acting_user_id: str | None
    member_id: str | None
    item_id: str | None
    collection_id: str | None
    group_id: str | None
    policy_id: str | None
    device: int | None
    ip_address: str | None

    @classmethod
    def read(cls, answer: Answer) -> Event:
        """Reads an object of the list."""
        return cls(
            date=answer.text("date"),
            type=answer.integer("type"),
            acting_user_id=answer.text("actingUserId"),
            member_id=answer.text("memberId"),
            item_id=answer.text("itemId"),
            collection_id=answer.text("collectionId"),
            group_id=answer.text("groupId"),
            policy_id=answer.text("policyId"),
            device=answer.integer("device"),
            ip_address=answer.text("ipAddress"),
        )


Row = TypeVar("Row", bound=Record)


class Table(Sequence[Row], Generic[Row]):
    """Rows that cannot be changed.

    Its repr shows only how many there are, because outputs are saved with a notebook; `to_pandas`
    shows all of it.
    """

    def __init__(self, kind: type[Row], rows: Iterable[Row]) -> None:
        self._kind = kind
        self._rows = tuple(rows)

    def __repr__(self) -> str:
        return f"<{len(self._rows)} × {self._kind.__name__}: .to_pandas() shows them>"

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Table[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Table[Row]:
        if isinstance(index, slice):
            return Table(self._kind, self._rows[index])
        return self._rows[index]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(field.name for field in fields(self._kind))

    def to_pandas(self) -> Any:
        """Makes a pandas data frame. Raises `ExtraMissing` where pandas is not installed."""
        pandas = load("pandas", extra="pandas", what="pandas")
        rows = [[getattr(row, column) for column in self.columns] for row in self._rows]
        return pandas.DataFrame(rows, columns=list(self.columns))


def _named(names: dict[int, str], number: int | None) -> str:
    return names.get(-99 if number is None else number, "" if number is None else str(number))


def _ids(answer: Answer, name: str) -> tuple[str, ...]:
    return tuple(id for entry in answer.objects(name) if (id := entry.text("id")))
