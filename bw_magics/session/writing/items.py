"""`ItemWriting`: the changes to a vault's items.

An edit, a share and a copy read the record as it is now and build the request from it. Every
change is checked here first, sent, compared with the answer, and taken over into the snapshot. It
is sent a second time only after a look at the server shows that the first time did not arrive
(docs/protocol.md, Writing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.crypto import ItemKey
from bw_magics.crypto.wrapping import wrap_key
from bw_magics.errors import (
    NotWritable,
    UsageMistake,
    WriteConflict,
    WriteUnclear,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.writing.attachments import AttachmentWriting
from bw_magics.session.writing.checks import Places, require_change, require_place, require_same
from bw_magics.session.writing.creation import Creation, Wanted
from bw_magics.session.writing.filing import Filing, filed_as_before
from bw_magics.session.writing.lost_answer import looking, settled
from bw_magics.session.writing.revisions import OwnRevisions
from bw_magics.session.writing.turn import Turn, require_about
from bw_magics.vault.draft import Draft
from bw_magics.vault.ids import same_id
from bw_magics.vault.item import Item
from bw_magics.vault.lengths import check_length
from bw_magics.vault.moments import read_moment
from bw_magics.vault.names import as_name, normal
from bw_magics.vault.record import changed, changed_texts, kept_record, kept_texts, member_of
from bw_magics.vault.revision import changed_members, edited_record, new_record
from bw_magics.vault.transfer import copied_record, moved_record
from bw_magics.vault.types import LOGIN

if TYPE_CHECKING:
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.crypto.wrapping import EitherKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.vault.contents import Contents

# Official servers tell revisions apart that differ by more than one second, Vaultwarden by two.
_TOLD_APART = 2.1
_RESTS = 10

Record = Mapping[str, Any]
Result = TypeVar("Result")


class ItemWriting(Unpicklable):
    """The changes to the items of one vault. A `bw_magics.vault.writer.Writer` for them."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._own = OwnRevisions()
        self.attachments = AttachmentWriting(turn, self._own)
        self._filing = Filing(turn)
        self._creation = Creation(turn)

    def __repr__(self) -> str:
        return "<ItemWriting>"

    def create(
        self, draft: Draft, *, organization: str | None = None, collections: Sequence[str] = ()
    ) -> Item:
        """Creates an item. Places are named by name or id."""
        return self._turn.run(
            lambda: self._create(draft, organization, collections), "creating the item"
        )

    def edit(self, item: Item, draft: Draft) -> Item:
        """Saves a draft; a change by somebody else to other members is kept."""
        return self._turn.run(lambda: self._edit(item, draft), f"saving '{item.name}'")

    def move(self, item: Item, folder: str | None) -> Item:
        """Files the item in a folder."""
        return self._turn.run(
            lambda: self._filing.file(item, folder=(folder,)), f"moving '{item.name}'"
        )

    def favor(self, item: Item, is_favorite: bool) -> Item:
        """Marks the item as a favourite, or not."""
        return self._turn.run(
            lambda: self._filing.file(item, is_favorite=is_favorite), f"saving '{item.name}'"
        )

    def trash(self, item: Item) -> None:
        """Puts the item into the trash."""
        self._turn.run(lambda: self._filing.trash(item), f"moving '{item.name}' to the trash")

    def restore(self, item: Item) -> Item:
        """Takes the item out of the trash."""
        return self._turn.run(lambda: self._filing.restore(item), f"restoring '{item.name}'")

    def archive(self, item: Item, is_archived: bool) -> Item:
        """Puts the item into the archive, or takes it out."""
        return self._turn.run(
            lambda: self._filing.archive(item, is_archived), f"archiving '{item.name}'"
        )

    def delete(self, item: Item, name: str) -> None:
        """Deletes the item for ever, where `name` repeats its name."""
        if normal(as_name(name)) != normal(item.name):
            raise UsageMistake(
                f"The name does not repeat that of '{item.name}', so it is not deleted.",
                "Deleting for ever cannot be undone: name= has to be the item's exact name.",
            )
        self._turn.run(lambda: self._filing.delete(item), f"deleting '{item.name}'")

    def share(self, item: Item, organization: str, collections: Sequence[str]) -> Item:
        """Moves a personal item into an organisation's collections."""
        return self._turn.run(
            lambda: self._share(item, organization, collections), f"sharing '{item.name}'"
        )

    def set_collections(self, item: Item, collections: Sequence[str]) -> Item | None:
        """Sets the collections of an organisation's item."""
        return self._turn.run(
            lambda: self._set_collections(item, collections), f"moving '{item.name}'"
        )

    def copy(self, item: Item, name: str) -> Item:
        """Creates a personal copy of the item."""
        name = as_name(name)
        return self._turn.run(lambda: self._copy(item, name), f"copying '{item.name}'")

    # The steps.

    def _create(self, draft: Draft, organization: str | None, collections: Sequence[str]) -> Item:
        contents, account = self._turn.open()
        places = Places(contents)
        if collections and organization is None:
            raise UsageMistake(
                "Only an item of an organisation is in a collection.",
                "Name the organisation too.",
            )
        owner = None if organization is None else places.organization(organization)
        targets = places.collections(collections, owner) if owner is not None else []
        require_place(contents, owner, targets, draft.item_type)
        key, wrapped = self._key_for_new(contents, account, owner)
        record = new_record(draft, key, self._turn.author(contents), wrapped_key=wrapped)
        record["organizationId"] = owner
        if (folder := _wanted_folder(draft)) is not None:
            record["folderId"] = places.folder(folder)
        self._announce_secrets(draft)
        wanted = Wanted.of(draft, [owner, *targets])
        answer, sent = self._creation.create(account.writing, wanted, record, targets)
        kept = {**answer, "collectionIds": answer.get("collectionIds") or targets}
        self._own.wrote(kept)
        return self._turn.take_over(self._turn.contents(), kept, sent)

    def _edit(self, item: Item, draft: Draft) -> Item:
        contents, account = self._turn.open()
        require_change(contents, item, "edited")
        if not draft.changes:
            return contents.item(item.id)
        api = account.writing
        folder = _wanted_folder(draft)
        folder_id = Places(contents).folder(folder) if folder else None
        self._announce_secrets(draft)
        for is_last in (False, True):
            fresh = self._settled(api, item)
            require_same(contents, item, fresh)
            key = self._key_of(contents, fresh)
            self._refuse_conflict(item, draft, fresh, key)
            request = edited_record(fresh, draft, key, self._turn.author(contents))
            if "folder" in draft.touched:
                request["folderId"] = folder_id
            if not changed(kept_record(fresh), request):
                return self._turn.take_over(contents, fresh, kept_record(fresh))
            try:
                answer = api.edit_item(item.id, request)
            except WriteConflict:
                if is_last:
                    raise
                continue
            except WriteUnclear as lost:
                with looking(lost):
                    now = api.item(item.id)
                if changed(request, now):
                    if is_last:
                        raise
                    continue
                answer = now
            self._own.note(item, fresh, answer)
            return self._turn.take_over(contents, answer, request, item_id=item.id)
        raise AssertionError("an edit ends in its second round")

    def _settled(self, api: WritingApi, item: Item) -> Record:
        """Returns the item's record, old enough for the server to tell it from the next one.

        Servers take two revisions within two seconds for one: of two writers the second would
        overwrite the first unseen. So a change that somebody else made just now is left to rest.
        """
        rested = ""
        for _ in range(_RESTS):
            fresh = api.item(item.id)
            revision = str(member_of(fresh, "revisionDate"))
            moment = read_moment(revision)
            # After a rest the same revision is old enough, for any clock.
            if moment is None or revision == rested or self._own.is_latest(fresh):
                return fresh
            left = _TOLD_APART - api.age(moment)
            if left <= 0:
                return fresh
            why = f"waiting: '{item.name}' was changed a moment ago"
            self._turn.rest(min(left, _TOLD_APART), why)
            rested = revision
        raise WriteConflict(
            f"'{item.name}' is being changed elsewhere again and again, so nothing was saved.",
            "Find out who changes it, and make the change when that has ended.",
        )

    def _refuse_conflict(self, item: Item, draft: Draft, fresh: Record, key: EitherKey) -> None:
        """Raises `WriteConflict` where somebody changed a member that the draft names since the
        item was read; changes from here do not count.
        """
        if self._own.leads(item, fresh):
            return
        theirs = changed_members(kept_record(item.record), kept_record(fresh), key)
        known = {normal(name) for name in theirs}
        both = [name for name in draft.touched if normal(name) in known]
        if both:
            raise WriteConflict(
                f"'{item.name}' was changed elsewhere since it was read: {', '.join(theirs)}. "
                f"Your change names {', '.join(both)} too, so nothing was saved.",
                "Sync, look at the item, and make the change again.",
                ours=draft.touched,
                theirs=theirs,
            )

    def _share(self, item: Item, organization: str, collections: Sequence[str]) -> Item:
        contents, account = self._turn.open()
        require_change(contents, item, "shared")
        if item.organization_id is not None:
            raise NotWritable(
                f"'{item.name}' belongs to an organisation already.",
                "Use set_collections to move it inside the organisation.",
            )
        places = Places(contents)
        owner = places.organization(organization)
        targets = places.collections(collections, owner)
        require_place(contents, owner, targets, None)
        api = account.writing
        fresh = self._settled(api, item)
        require_same(contents, item, fresh)
        old = self._key_of(contents, fresh)
        owner_key = contents.keys.key_for(owner, None)
        new: EitherKey = old
        wrapped: str | None
        if member_of(fresh, "key") is not None:
            wrapped = str(wrap_key(old, under=owner_key))
        else:
            new, wrapped = self._key_for_new(contents, account, owner)
        request = moved_record(fresh, old, new, wrapped_key=wrapped)
        request["organizationId"] = owner
        answer = settled(
            lambda: api.share_item(item.id, request, targets),
            lambda: api.item(item.id),
            lambda now: (
                not changed_texts(request, now) and same_id(member_of(now, "organizationId"), owner)
            ),
        )
        require_about(answer, item.id)
        answer = filed_as_before(api, request, answer, item_id=item.id)
        kept = {**answer, "collectionIds": answer.get("collectionIds") or targets}
        self._own.wrote(kept)
        return self._turn.take_over(contents, kept, request, item_id=item.id)

    def _set_collections(self, item: Item, collections: Sequence[str]) -> Item | None:
        contents, account = self._turn.open()
        require_change(contents, item, "moved")
        owner = item.organization_id
        if owner is None:
            raise NotWritable(
                f"'{item.name}' is a personal item, which is in no collection.",
                "Use share to move it to an organisation, or move for a folder.",
            )
        targets = Places(contents).collections(collections, owner)
        # Where this account may not write, the item stays.
        closed = {entry.id for entry in contents.snapshot.collections if entry.is_read_only}
        targets += [id for id in item.collection_ids if id in closed]
        api = account.writing
        answer = settled(
            lambda: api.set_collections(item.id, targets),
            lambda: api.item(item.id),
            lambda now: set(member_of(now, "collectionIds") or ()) == set(targets),
        )
        if answer is None:
            self._turn.take(contents, contents.without_record(item.id))
            return None
        kept = {**answer, "collectionIds": answer.get("collectionIds") or targets}
        sent = kept_texts(contents.record(item.id))
        return self._turn.take_over(contents, kept, sent, item_id=item.id)

    def _copy(self, item: Item, name: str) -> Item:
        contents, account = self._turn.open()
        if item.is_hidden:
            require_change(contents, item, "copied")
        fresh = account.writing.item(item.id)
        old = self._key_of(contents, fresh)
        require_place(contents, None, [], item.item_type)
        new, wrapped = self._key_for_new(contents, account, None)
        record = copied_record(fresh, old, new, wrapped_key=wrapped)
        record["name"] = check_length("name", new.encrypt_text(name), "the name of the copy")
        draft = Draft(item.item_type or LOGIN)
        draft.name = name
        wanted = Wanted.of(draft, ["copy", item.id, str(member_of(fresh, "revisionDate"))])
        answer, sent = self._creation.create(account.writing, wanted, record, ())
        self._own.wrote(answer)
        return self._turn.take_over(self._turn.contents(), answer, sent)

    def _key_of(self, contents: Contents, record: Record) -> EitherKey:
        return contents.keys.key_for(
            member_of(record, "organizationId"), member_of(record, "key"), keep=False
        )

    def _key_for_new(
        self, contents: Contents, account: Account, owner: str | None
    ) -> tuple[EitherKey, str | None]:
        """Returns the key for a new item and its wrapped form, None where it is the owner's key."""
        owner_key = contents.keys.key_for(owner, None)
        if not account.features().has_item_keys and contents.keys.security_version < 2:
            return owner_key, None
        key = ItemKey.generate()
        return key, str(wrap_key(key, under=owner_key))

    def _announce_secrets(self, draft: Draft) -> None:
        for value, label in draft.secrets():
            self._turn.announce(value, label)


def _wanted_folder(draft: Draft) -> str | None:
    folder = draft.folder if "folder" in draft.touched else None
    return folder if isinstance(folder, str) and folder else None
