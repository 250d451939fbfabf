"""`Filing`: moves items between folders, trash and archive, and deletes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.errors import NotFound, NotWritable, WriteConflict, WriteUnclear
from bw_magics.secret import Unpicklable
from bw_magics.session.writing.checks import Places, require_change
from bw_magics.session.writing.lost_answer import looking, settled
from bw_magics.session.writing.turn import Turn
from bw_magics.vault.item import Item
from bw_magics.vault.names import normal
from bw_magics.vault.record import changed_settings, kept_texts, member_of, text_or_none

if TYPE_CHECKING:
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.vault.contents import Contents

Record = Mapping[str, Any]

# One whose answer is lost, one into the trash, one for ever.
_DELETES = 3


class Filing(Unpicklable):
    """The steps that file, trash, archive and delete items, each to be run in a `Turn`."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    def __repr__(self) -> str:
        return "<Filing>"

    def file(
        self,
        item: Item,
        *,
        folder: tuple[str | None] | None = None,
        is_favorite: bool | None = None,
    ) -> Item:
        """Sets the folder, a name or id in a tuple, or the mark of a favourite."""
        contents, account = self._turn.open()
        api = account.writing
        # Both are always set: the one that is not named stays as it is on the server now.
        record = api.item(item.id)
        folder_id = member_of(record, "folderId")
        if folder is not None:
            folder_id = None if folder[0] is None else Places(contents).folder(folder[0])
        if is_favorite is None:
            is_favorite = member_of(record, "favorite") is True
        answer = settled(
            lambda: api.file_item(item.id, folder_id=folder_id, is_favorite=is_favorite),
            lambda: api.item(item.id),
            lambda now: (
                (member_of(now, "folderId"), member_of(now, "favorite")) == (folder_id, is_favorite)
            ),
        )
        sent = kept_texts(record) | {"folderId": folder_id, "favorite": is_favorite}
        return self._turn.take_over(contents, answer, sent, item_id=item.id)

    def trash(self, item: Item) -> None:
        """Puts the item into the trash."""
        contents, account = self._turn.open()
        require_change(contents, item, "deleted")
        api = account.writing
        settled(
            lambda: api.trash_item(item.id),
            lambda: api.item(item.id),
            lambda now: member_of(now, "deletedDate") is not None,
        )
        record = contents.record(item.id)
        self._turn.replace_record(
            contents, {**record, "deletedDate": self._turn.author(contents).moment}
        )

    def restore(self, item: Item) -> Item:
        """Takes the item out of the trash."""
        contents, account = self._turn.open()
        require_change(contents, item, "restored")
        record = contents.record(item.id)
        if member_of(record, "deletedDate") is None:
            raise NotWritable(f"'{item.name}' is not in the trash.", "")
        api = account.writing
        answer = settled(
            lambda: api.restore_item(item.id),
            lambda: api.item(item.id),
            lambda now: member_of(now, "deletedDate") is None,
        )
        kept = {**answer, "deletedDate": None}
        return self._turn.take_over(contents, kept, kept_texts(record), item_id=item.id)

    def archive(self, item: Item, is_archived: bool) -> Item:
        """Puts the item into the archive, or takes it out."""
        contents, account = self._turn.open()
        record = contents.record(item.id)
        if is_archived == (member_of(record, "archivedDate") is not None):
            return self._turn.contents().item(item.id)
        api = account.writing
        answer = settled(
            lambda: api.archive_item(item.id, is_archived=is_archived),
            lambda: api.item(item.id),
            lambda now: (member_of(now, "archivedDate") is not None) == is_archived,
        )
        moment = self._turn.author(contents).moment if is_archived else None
        kept = {**record, **(answer or {})}
        kept["archivedDate"] = (kept.get("archivedDate") or moment) if is_archived else None
        return self._turn.take_over(contents, kept, kept_texts(record), item_id=item.id)

    def delete(self, item: Item) -> None:
        """Deletes the item for ever."""
        contents, account = self._turn.open()
        require_change(contents, item, "deleted")
        api = account.writing
        self._require_name(contents, item, api.item(item.id))
        problem: WriteUnclear | None = None
        for _ in range(_DELETES):
            try:
                api.delete_item(item.id)
            except NotFound:
                break
            except WriteUnclear as lost:
                problem = lost
            # NodeWarden takes the first call for the trash.
            with looking(problem):
                if not self._is_there(api, item.id):
                    break
        else:
            raise problem or WriteUnclear(
                f"'{item.name}' is still on the server.", "Look at it in the web vault."
            )
        self._turn.take(contents, contents.without_record(item.id))

    def _require_name(self, contents: Contents, item: Item, fresh: Record) -> None:
        """Raises where the item was renamed elsewhere: another one than meant would be gone."""
        key = contents.keys.key_for(
            member_of(fresh, "organizationId"), member_of(fresh, "key"), keep=False
        )
        name = text_or_none(member_of(fresh, "name"), key)
        if name is not None and normal(name) != normal(item.name):
            raise WriteConflict(
                f"'{item.name}' has another name on the server now, so it is not deleted.",
                "Sync, and look at the item again.",
                ours=("name",),
                theirs=("name",),
            )

    def _is_there(self, api: WritingApi, item_id: str) -> bool:
        try:
            api.item(item_id)
        except NotFound:
            return False
        return True


def filed_as_before(
    api: WritingApi, sent: Mapping[str, Any], answer: Mapping[str, Any], *, item_id: str
) -> dict[str, Any]:
    """Files an item as it was, where a change of its owner lost folder, favourite or archive.

    These are each member's own: a server may keep them, or leave them out of what it stores for an
    organisation (docs/protocol.md, Writing). Returns the answer with what holds now.
    """
    lost = set(changed_settings(sent, answer))
    found = dict(answer)
    if lost & {"folderId", "favorite"}:
        found |= api.file_item(
            item_id,
            folder_id=member_of(sent, "folderId"),
            is_favorite=member_of(sent, "favorite") is True,
        )
    if "archivedDate" in lost:
        is_archived = member_of(sent, "archivedDate") is not None
        again = api.archive_item(item_id, is_archived=is_archived)
        found["archivedDate"] = member_of(again or sent, "archivedDate")
    return found
