"""Random sequences of changes, read by the real CLI before and after: what is not named is equal.

The ciphertexts are compared in `tests/session/test_nothing_lost.py`. A call of the CLI takes
seconds, so several sequences come between two of its readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bw_magics.demo import DemoServer
from bw_magics.errors import Unreadable
from bw_magics.session.writing import items
from bw_magics.vault.types import ITEM_TYPES
from tests.interop.conftest import Run
from tests.session.test_nothing_lost import SEQUENCE, SEQUENCES, Bench, Sequence, taken

pytestmark = pytest.mark.bw

TOGETHER = 10
Listed = dict[str, dict[str, Any]]

# By the name in a draft, the member in the CLI's JSON.
PLACES = {"folder": "folderId", "archived": "archivedDate", "files": "attachments"}
# They move with any change; the history is compared by itself.
ALWAYS = {"revisionDate", "passwordHistory"}


@pytest.fixture(scope="module", params=["official", "vaultwarden"])
def bench(
    request: pytest.FixtureRequest, bw_session_factory: Callable[..., Run]
) -> Iterator[tuple[Bench, Run]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(items, "_TOLD_APART", -60.0)
        with DemoServer(style=request.param, iterations=5000) as server:
            run = bw_session_factory(server)
            yield Bench(server, print), run


def listed(run: Run) -> Listed:
    run("sync")
    return {item["id"]: item for item in run("list", "items")}


@pytest.mark.timeout(1800)
@settings(
    max_examples=max(1, SEQUENCES // TOGETHER),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink would take hours
    suppress_health_check=[*HealthCheck],
)
@given(sequences=st.lists(SEQUENCE, min_size=TOGETHER, max_size=TOGETHER))
def test_bw_reads_the_rest_as_it_was(bench: tuple[Bench, Run], sequences: list[Sequence]) -> None:
    made, run = bench
    before, named = listed(run), dict[str, set[str]]()
    for which, steps in sequences:
        id = made.ids[which % len(made.ids)]
        item = made.vault[id]
        for step in steps:
            try:
                item, names = taken(made, item, step)
            except Unreadable:
                continue
            named.setdefault(id, set()).update(names)
        if item.is_archived:
            item.unarchive()
    after = listed(run)
    assert after.keys() == before.keys()
    assert named.keys() & before.keys()
    for id, shown in before.items():
        moving = ALWAYS if id in named else set[str]()
        compare(shown, after[id], named.get(id, set()), moving)


def compare(
    before: dict[str, Any], after: dict[str, Any], named: set[str], moving: set[str]
) -> None:
    """Asserts that the CLI shows nothing else than what was named in another way."""
    may = {PLACES.get(name, name) for name in named} | moving
    held = ITEM_TYPES[after["type"]].name
    old, new = before.get(held) or {}, after.get(held) or {}
    for member in {*before, *after} - may - {held, "fields"}:
        assert (before.get(member) or None) == (after.get(member) or None), member
    for member in {*old, *new} - may - {"passwordRevisionDate"}:
        assert (old.get(member) or None) == (new.get(member) or None), member
    touched = {name.removeprefix("field:") for name in named if name.startswith("field:")}
    if "renamed" not in named:
        left, right = (
            [field for field in item.get("fields") or () if field["name"] not in touched]
            for item in (before, after)
        )
        assert left == right
    past, now = before.get("passwordHistory") or [], after.get("passwordHistory") or []
    kept = [entry for entry in past if entry in now]
    assert kept == past[: len(kept)], "the oldest go first"
    assert len(kept) == len(past) or len(now) == 5
