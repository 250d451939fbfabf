"""Random sequences of changes to items of every type: what is not named stays byte for byte.

`BW_MAGICS_SEQUENCES=10000` runs that many for each style of server, and says how far it is; the
full profile runs 50.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bw_magics.crypto import EncString
from bw_magics.crypto.wrapping import unwrap_item_key
from bw_magics.demo import DemoServer
from bw_magics.errors import Unreadable
from bw_magics.session.writing import items
from bw_magics.vault.changes import MATCHES, hidden, matching
from bw_magics.vault.selection import Selection
from bw_magics.vault.types import ITEM_TYPES
from tests.session.conftest import Session

_MANY = 1000
SEQUENCES = int(
    os.environ.get("BW_MAGICS_SEQUENCES") or (50 if settings.default.max_examples >= _MANY else 10)  # type: ignore[union-attr]
)
FOLDERS = ("Lost and found", "Lost and found/Inner")

TEXTS = st.text(max_size=30).filter(lambda text: "•" not in text and "[REDACTED" not in text)
NAMES = st.sampled_from(["host", "token", "new", "ä#1", "on"])

Step = tuple[str, Any]
STEPS = st.one_of(
    st.tuples(st.just("member"), st.tuples(st.integers(0, 30), TEXTS | st.none())),
    st.tuples(st.just("notes"), TEXTS | st.none()),
    st.tuples(st.just("name"), TEXTS.filter(lambda text: bool(text.strip()))),
    st.tuples(st.just("favorite"), st.booleans()),
    st.tuples(st.just("field"), st.tuples(NAMES, TEXTS | TEXTS.map(hidden) | st.booleans())),
    st.tuples(st.just("field gone"), st.integers(0, 9)),
    st.tuples(st.just("field renamed"), st.tuples(st.integers(0, 9), NAMES)),
    st.tuples(st.just("uri"), st.tuples(TEXTS.filter(bool), st.sampled_from(MATCHES))),
    st.tuples(st.just("uri gone"), st.integers(0, 9)),
    st.tuples(st.just("move"), st.sampled_from([None, *FOLDERS])),
    st.tuples(st.just("favor"), st.booleans()),
    st.tuples(st.just("archive"), st.booleans()),
    st.tuples(st.just("trash"), st.none()),
    st.tuples(st.just("attach"), st.binary(max_size=40)),
    st.tuples(st.just("attachment gone"), st.integers(0, 3)),
)
Sequence = tuple[int, list[Step]]
SEQUENCE = st.tuples(st.integers(0, 999), st.lists(STEPS, min_size=1, max_size=6))


class Bench:
    """A session, its server, and the items that can be changed, with unknown members."""

    def __init__(self, server: DemoServer, tell: Callable[[str], object]) -> None:
        self.sequences = self.steps = 0
        self._tell = tell
        self.session = Session(server, server.accounts[0]).enter()
        self.vault = self.session.vault
        self.vault.confirm(password=self.session.account.master_password)
        for folder in FOLDERS:
            self.vault.create_folder(folder)
        self.stored = server._service.vault(self.session.account)
        for number, item_type in ITEM_TYPES.items():
            if number < 6 or server.style == "official":
                self._make(item_type.name, item_type.members)
        # Those of the demo have passkeys, histories, several URIs, attachments, collections.
        self.ids = [
            item.id
            for item in self.vault.items()
            if item.is_editable and not item.is_hidden and not item.problem and item.item_type
        ]
        for id in self.ids:
            self._add_unknown_members(self.stored.items[id])
        self.vault.sync(force=True)

    def _make(self, type_name: str, members: tuple[str, ...]) -> None:
        values = {member: f"made-up {member}" for member in members}
        self.vault.create(
            type_name, name=f"A {type_name}", notes="n", fields={"host": "h"}, **values
        )

    def _add_unknown_members(self, record: dict[str, Any]) -> None:
        key = self.key(record)
        held = record[ITEM_TYPES[record["type"]].name]
        held["fromTheFuture"] = key.encrypt_text("unknown")
        held["alsoUnknown"] = [{"deep": key.encrypt_text("unknown"), "number": 7, "no": None}]
        for entry in [*(record["fields"] or ()), *(held.get("uris") or ())]:
            entry["fromTheFuture"] = key.encrypt_text("unknown")

    def key(self, record: dict[str, Any]) -> Any:
        owner = self.stored.owner_key(record["organizationId"])
        if record["key"] is None:
            return owner
        return unwrap_item_key(EncString.parse(record["key"]), under=owner)

    def record(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = deepcopy(self.stored.items[id])
        return found

    def count(self, steps: int) -> None:
        """Counts a sequence that lost nothing; tells every thousandth."""
        self.sequences += 1
        self.steps += steps
        if self.sequences % 1000 == 0:
            self.tell()

    def tell(self) -> None:
        """Tells how many sequences lost nothing."""
        style = self.session.server.style
        self._tell(f"{style}: {self.sequences:,} sequences of {self.steps:,} steps, nothing lost")


def items_of(bench: Bench, id: str) -> Any:
    """The item, wherever it is."""
    for selection in (None, Selection(archived=True), Selection(trash=True)):
        for item in bench.vault.items(selection):
            if item.id == id:
                return item
    raise AssertionError("the item is gone")


@pytest.fixture(scope="module", params=["official", "vaultwarden"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(text, flush=True)

    # One session writes, so its changes need not rest (test_two_writers.py shows who does).
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(items, "_TOLD_APART", -60.0)
        with DemoServer(style=request.param, iterations=5000) as server:
            yield Bench(server, tell)


@pytest.mark.timeout(0 if SEQUENCES > _MANY else 900)
@settings(
    max_examples=SEQUENCES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(sequence=SEQUENCE)
def test_what_is_not_named_stays_byte_for_byte(bench: Bench, sequence: Sequence) -> None:
    which, steps = sequence
    id = bench.ids[which % len(bench.ids)]
    item = bench.vault[id]
    for step in steps:
        before = bench.record(id)
        try:
            item, named = taken(bench, item, step)
        except Unreadable:
            named = {}  # a member that cannot be read would change: refused, and nothing differs
        compare(bench, before, bench.record(id), named)
    if item.is_archived:
        item.unarchive()
    bench.count(len(steps))


Named = dict[str, Any]


def taken(bench: Bench, item: Any, step: Step) -> tuple[Any, Named]:
    """Makes one change; returns the item, and what it named with the wanted values."""
    kind, value = step
    fields = [field.name for field in item.fields]
    if kind == "member":
        members = item.item_type.members
        if not members:
            return item, {}
        name = members[value[0] % len(members)]
        if name in item.item_type.needed and not value[1]:
            return item, {}  # refused: official clients would list nothing
        return item.edit(**{name: value[1]}), {name: value[1] or None}
    if kind in ("notes", "name", "favorite"):
        return item.edit(**{kind: value}), {kind: value if kind == "favorite" else value or None}
    if kind == "field":
        if any(field.kind in ("linked", "boolean") for field in item.fields
               if field.name == value[0]):  # fmt: skip
            return item, {}
        return item.edit(fields={value[0]: value[1]}), {f"field:{value[0]}": value[1]}
    if kind in ("field gone", "field renamed"):
        place = value if kind == "field gone" else value[0]
        unique = [name for name in fields if fields.count(name) == 1 and name]
        if not unique:
            return item, {}
        name = unique[place % len(unique)]
        with item.editing() as draft:
            if kind == "field gone":
                del draft.fields[name]
            else:
                draft.fields.rename(name, value[1])
        return bench.vault[item.id], {f"field:{name}": None, "renamed": True}
    if kind in ("uri", "uri gone"):
        if item.type != "login":
            return item, {}
        uris = len(item.uris)
        with item.editing() as draft:
            if kind == "uri":
                draft.uris.append(matching(*value))
            elif uris:
                del draft.uris[value % uris]
        return bench.vault[item.id], {"uris": True}
    if kind == "move":
        return item.move(value), {"folder": value}
    if kind == "favor":
        return item.favor(value), {"favorite": value}
    if kind == "archive":
        return (item.archive() if value else item.unarchive()), {"archived": value}
    if kind == "trash":
        item.trash()
        return items_of(bench, item.id).restore(), {}
    names = [file.name for file in item.attachments]
    if kind == "attach":
        name = f"file {len(names)}"
        return (item, {}) if name in names else (item.attach(value, name=name), {"files": True})
    if not names:
        return item, {}
    item.attachment(item.attachments[value % len(names)].id).delete()
    return bench.vault[item.id], {"files": True}


ALWAYS = {"revisionDate", "passwordHistory", "creationDate"}


def full(value: Any) -> Any:
    """The value; servers answer an empty list in place of none, and the other way round."""
    return None if value == [] else value


def compare(bench: Bench, before: Any, after: Any, named: Named) -> None:
    """Asserts that only what was named differs, and that it is what was wanted."""
    key = bench.key(after)
    places = {"folder": "folderId", "archived": "archivedDate", "files": "attachments"}
    may = ALWAYS | {places.get(name, name) for name in named}
    held = ITEM_TYPES[after["type"]].name
    for member in {*before, *after} - may - {held, "fields"}:
        assert full(before.get(member)) == full(after.get(member)), member
    for member in {*before[held], *after[held]} - may - {"passwordRevisionDate", "uri"}:
        assert full(before[held].get(member)) == full(after[held].get(member)), member
    for name, wanted in named.items():
        if name in ITEM_TYPES[after["type"]].members or name in ("notes", "name"):
            holder = after if name in ("notes", "name") else after[held]
            assert (holder[name] and key.decrypt_text(holder[name])) == wanted, name
    touched = {name.removeprefix("field:") for name in named if name.startswith("field:")}
    old = [e for e in before["fields"] or () if key.decrypt_text(e["name"]) not in touched]
    new = after["fields"] or []
    for entry in old:
        assert entry in new
    if not touched:
        assert (before["fields"] or []) == new
    elif "renamed" not in named:
        [(name, wanted)] = [(n, named[f"field:{n}"]) for n in touched]
        [entry] = [e for e in new if key.decrypt_text(e["name"]) == name][:1]
        text = getattr(wanted, "value", wanted)
        text = {True: "true", False: "false"}.get(text, text) if isinstance(text, bool) else text
        assert ((entry["value"] and key.decrypt_text(entry["value"])) or None) == (text or None)
    past, now = before["passwordHistory"] or [], after["passwordHistory"] or []
    added = len(now) - len(past) if len(now) < 5 else next(
        (n for n in range(6) if now[n:] == past[: 5 - n]), 6
    )  # fmt: skip
    assert now[added:] == past[: len(now) - added]
    for id, file in before["attachments"].items():
        if "files" not in named:
            assert after["attachments"][id] == file
