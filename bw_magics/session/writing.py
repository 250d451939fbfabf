"""`Writing`: changes a vault on its server, one at a time, and loses nothing.

The order of every change: check what can be checked here, read the record as it is now, build the
request from it, send it once, compare the answer with what was meant, take it over into the
snapshot (docs/protocol.md, Writing).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import (
    NotFound,
    NotWritable,
    RequestRefused,
    ServerUnreachable,
    UsageMistake,
    VaultLocked,
    WriteConflict,
    WriteUnclear,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.background import OnWait, Task
from bw_magics.session.writing_checks import Places, require_change, require_place
from bw_magics.vault.draft import Draft
from bw_magics.vault.history import Author
from bw_magics.vault.item import Item
from bw_magics.vault.record import changed_texts, kept_record, member_of
from bw_magics.vault.revision import changed_members, edited_record, new_record
from bw_magics.vault.snapshot import Folder
from bw_magics.vault.transfer import copied_record, moved_record

if TYPE_CHECKING:
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.crypto.wrapping import EitherKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.current import CurrentState
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot

Result = TypeVar("Result")
Record = Mapping[str, Any]


class Writing(Unpicklable):
    """The changes to one vault. A `bw_magics.vault.writer.Writer` for its items.

    One change runs at a time; a reader in another thread sees the vault before or after it, and
    nothing between. `sync` downloads the vault, for a look after an answer that was lost.
    """

    def __init__(
        self,
        current: CurrentState,
        sync: Callable[[], object],
        announce: Callable[[str, str], object],
        on_wait: OnWait | None = None,
    ) -> None:
        self._current = current
        self._sync = sync
        self._announce = announce
        self._on_wait = on_wait
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return "<Writing>"

    # Items.

    def create(
        self, draft: Draft, *, organization: str | None = None, collections: Sequence[str] = ()
    ) -> Item:
        """Creates an item. Places are named by name or id."""
        return self._run(
            lambda: self._create(draft, organization, collections), "creating the item"
        )

    def edit(self, item: Item, draft: Draft) -> Item:
        """Saves a draft; a change by somebody else to other members is kept."""
        return self._run(lambda: self._edit(item, draft), f"saving '{item.name}'")

    def move(self, item: Item, folder: str | None) -> Item:
        """Files the item in a folder."""
        return self._run(lambda: self._file(item, folder=(folder,)), f"moving '{item.name}'")

    def favor(self, item: Item, is_favorite: bool) -> Item:
        """Marks the item as a favourite, or not."""
        return self._run(lambda: self._file(item, is_favorite=is_favorite), f"saving '{item.name}'")

    def trash(self, item: Item) -> None:
        """Puts the item into the trash."""
        self._run(lambda: self._trash(item), f"moving '{item.name}' to the trash")

    def restore(self, item: Item) -> Item:
        """Takes the item out of the trash."""
        return self._run(lambda: self._restore(item), f"restoring '{item.name}'")

    def archive(self, item: Item, is_archived: bool) -> Item:
        """Puts the item into the archive, or takes it out."""
        return self._run(lambda: self._archive(item, is_archived), f"archiving '{item.name}'")

    def delete(self, item: Item, name: str) -> None:
        """Deletes the item for ever, where `name` repeats its name."""
        if name != item.name:
            raise UsageMistake(
                f"The name does not repeat that of '{item.name}', so it is not deleted.",
                "Deleting for ever cannot be undone: name= has to be the item's exact name.",
            )
        self._run(lambda: self._delete(item), f"deleting '{item.name}'")

    def share(self, item: Item, organization: str, collections: Sequence[str]) -> Item:
        """Moves a personal item into an organisation's collections."""
        return self._run(
            lambda: self._share(item, organization, collections), f"sharing '{item.name}'"
        )

    def set_collections(self, item: Item, collections: Sequence[str]) -> Item | None:
        """Sets the collections of an organisation's item."""
        return self._run(lambda: self._set_collections(item, collections), f"moving '{item.name}'")

    def copy(self, item: Item, name: str) -> Item:
        """Creates a personal copy of the item."""
        return self._run(lambda: self._copy(item, name), f"copying '{item.name}'")

    # Folders.

    def create_folder(self, name: str) -> str:
        """Creates a folder and gives its name; `a/b` is `b` in `a`. Raises `UsageMistake` where
        there is one of that name.
        """
        return self._run(lambda: self._save_folder(None, name), "creating the folder")

    def rename_folder(self, folder: str, name: str) -> str:
        """Renames a folder, by name or id, and with it the folders inside it."""
        return self._run(lambda: self._rename_folder(folder, name), "renaming the folder")

    def delete_folder(self, folder: str) -> None:
        """Deletes a folder, by name or id; its items stay, outside folders."""
        self._run(lambda: self._delete_folder(folder), "deleting the folder")

    # The steps.

    def _create(self, draft: Draft, organization: str | None, collections: Sequence[str]) -> Item:
        contents, account = self._open()
        places = Places(contents)
        owner = None if organization is None else places.organization(organization)
        targets = places.collections(collections, owner) if owner is not None else []
        require_place(contents, owner, targets, draft.item_type)
        key, wrapped = self._key_for_new(contents, account, owner)
        record = new_record(draft, key, self._author(contents), wrapped_key=wrapped)
        record["organizationId"] = owner
        if (folder := _wanted_folder(draft)) is not None:
            record["folderId"] = places.folder(folder)
        self._announce_secrets(draft)
        answer = self._create_once(account.writing, record, targets)
        kept = {**answer, "collectionIds": answer.get("collectionIds") or targets}
        return self._take_over(contents, kept, record)

    def _create_once(self, api: WritingApi, record: Record, targets: Sequence[str]) -> Record:
        """Creates the item; after a lost answer it looks for it before it sends it once more."""
        try:
            return api.create_item(record, targets)
        except (WriteUnclear, NotFound):
            # An official server may answer 404 although it has created the item.
            found = self._find_created(record)
            if found is not None:
                return found
        try:
            return api.create_item(record, targets)
        except WriteUnclear:
            found = self._find_created(record)
            if found is None:
                raise
            return found

    def _find_created(self, record: Record) -> Record | None:
        """The record on the server with the texts that were sent: each is unique, because it
        was encrypted with a random vector or is a random key.
        """
        self._sync()
        contents = self._contents()
        mark = record.get("key") or record["name"]
        member = "key" if record.get("key") else "name"
        for item in (*contents.items(), *contents.items(trashed=True)):
            known = contents.record(item.id)
            if member_of(known, member) == mark:
                return known
        return None

    def _edit(self, item: Item, draft: Draft) -> Item:
        contents, account = self._open()
        require_change(contents, item, "edited")
        api = account.writing
        seen = contents.record(item.id)
        folder = _wanted_folder(draft)
        folder_id = Places(contents).folder(folder) if folder else None
        self._announce_secrets(draft)
        for is_last in (False, True):
            fresh = api.item(item.id)
            key = self._key_of(contents, fresh)
            self._refuse_conflict(item, draft, seen, fresh, key)
            request = edited_record(fresh, draft, key, self._author(contents))
            if "folder" in draft.touched:
                request["folderId"] = folder_id
            try:
                answer = api.edit_item(item.id, request)
            except WriteConflict:
                if is_last:
                    raise
                continue
            except WriteUnclear:
                now = api.item(item.id)
                if changed_texts(request, now):
                    if is_last:
                        raise
                    continue
                answer = now
            return self._take_over(contents, answer, request)
        raise AssertionError("an edit ends in its second round")

    def _refuse_conflict(
        self, item: Item, draft: Draft, seen: Record, fresh: Record, key: EitherKey
    ) -> None:
        """Raises `WriteConflict` where somebody changed a member that the draft names since the
        item was read.
        """
        if member_of(seen, "revisionDate") == member_of(fresh, "revisionDate"):
            return
        theirs = changed_members(kept_record(seen), kept_record(fresh), key)
        both = [name for name in draft.touched if name in theirs]
        if both:
            raise WriteConflict(
                f"'{item.name}' was changed elsewhere since it was read: {', '.join(theirs)}. "
                f"Your change names {', '.join(both)} too, so nothing was saved.",
                "Sync, look at the item, and make the change again.",
                ours=draft.touched,
                theirs=theirs,
            )

    def _file(
        self,
        item: Item,
        *,
        folder: tuple[str | None] | None = None,
        is_favorite: bool | None = None,
    ) -> Item:
        contents, account = self._open()
        record = contents.record(item.id)
        folder_id = member_of(record, "folderId")
        if folder is not None:
            folder_id = None if folder[0] is None else Places(contents).folder(folder[0])
        if is_favorite is None:
            is_favorite = member_of(record, "favorite") is True
        answer = account.writing.file_item(item.id, folder_id=folder_id, is_favorite=is_favorite)
        return self._take_over(contents, answer, kept_texts(record))

    def _trash(self, item: Item) -> None:
        contents, account = self._open()
        require_change(contents, item, "deleted")
        account.writing.trash_item(item.id)
        record = contents.record(item.id)
        self._replace(contents, {**record, "deletedDate": self._author(contents).moment})

    def _restore(self, item: Item) -> Item:
        contents, account = self._open()
        record = contents.record(item.id)
        if member_of(record, "deletedDate") is None:
            raise NotWritable(f"'{item.name}' is not in the trash.", "")
        answer = account.writing.restore_item(item.id)
        return self._take_over(contents, {**answer, "deletedDate": None}, kept_texts(record))

    def _archive(self, item: Item, is_archived: bool) -> Item:
        contents, account = self._open()
        record = contents.record(item.id)
        if is_archived == (member_of(record, "archivedDate") is not None):
            return self._contents().item(item.id)
        answer = account.writing.archive_item(item.id, is_archived=is_archived)
        moment = self._author(contents).moment if is_archived else None
        kept = {**record, **(answer or {})}
        kept["archivedDate"] = (kept.get("archivedDate") or moment) if is_archived else None
        return self._take_over(contents, kept, kept_texts(record))

    def _delete(self, item: Item) -> None:
        contents, account = self._open()
        require_change(contents, item, "deleted")
        api = account.writing
        api.delete_item(item.id)
        if not item.is_trashed and self._is_only_trashed(api, item.id):
            # NodeWarden takes the first call for the trash.
            api.delete_item(item.id)
        self._take(contents, contents.snapshot.without_record(item.id))

    def _is_only_trashed(self, api: WritingApi, item_id: str) -> bool:
        try:
            return member_of(api.item(item_id), "deletedDate") is not None
        except (NotFound, RequestRefused):
            return False

    def _share(self, item: Item, organization: str, collections: Sequence[str]) -> Item:
        contents, account = self._open()
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
        fresh = api.item(item.id)
        old = self._key_of(contents, fresh)
        owner_key = contents.keys.key_for(owner, None)
        if member_of(fresh, "key") is not None:
            new, wrapped = old, str(owner_key.wrap(old))
        else:
            new, wrapped = self._key_for_new(contents, account, owner)
        request = moved_record(fresh, old, new, wrapped_key=wrapped)
        request["organizationId"] = owner
        answer = api.share_item(item.id, request, targets)
        kept = {**answer, "collectionIds": answer.get("collectionIds") or targets}
        return self._take_over(contents, kept, request)

    def _set_collections(self, item: Item, collections: Sequence[str]) -> Item | None:
        contents, account = self._open()
        require_change(contents, item, "moved")
        owner = item.organization_id
        if owner is None:
            raise NotWritable(
                f"'{item.name}' is a personal item, which is in no collection.",
                "Use share to move it to an organisation, or move for a folder.",
            )
        targets = Places(contents).collections(collections, owner)
        answer = account.writing.set_collections(item.id, targets)
        if answer is None:
            self._take(contents, contents.snapshot.without_record(item.id))
            return None
        kept = {**answer, "collectionIds": answer.get("collectionIds") or targets}
        return self._take_over(contents, kept, kept_texts(contents.record(item.id)))

    def _copy(self, item: Item, name: str) -> Item:
        contents, account = self._open()
        if item.is_hidden:
            require_change(contents, item, "copied")
        fresh = account.writing.item(item.id)
        old = self._key_of(contents, fresh)
        require_place(contents, None, [], item.item_type)
        new, wrapped = self._key_for_new(contents, account, None)
        record = copied_record(fresh, old, new, wrapped_key=wrapped)
        record["name"] = new.encrypt_text(name)
        return self._take_over(contents, self._create_once(account.writing, record, ()), record)

    def _save_folder(self, folder_id: str | None, name: str) -> str:
        contents, account = self._open()
        if not name.strip():
            raise UsageMistake("A folder needs a name.", 'Give one, such as "Work/Databases".')
        if name in contents.folder_names.values():
            raise UsageMistake(f"There is a folder '{name}' already.", "Choose another name.")
        encrypted = contents.keys.user_key.encrypt_text(name)
        api = account.writing
        if folder_id is None:
            answer = api.create_folder(encrypted)
        else:
            answer = api.rename_folder(folder_id, encrypted)
        folder = Folder(str(member_of(answer, "id")), str(member_of(answer, "name")))
        self._take(contents, contents.snapshot.with_folder(folder))
        return name

    def _rename_folder(self, folder: str, name: str) -> str:
        contents, _ = self._open()
        folder_id = Places(contents).folder(folder)
        old = contents.folder_names[folder_id]
        inside = [
            (id, known)
            for id, known in contents.folder_names.items()
            if known.startswith(f"{old}/")
        ]
        self._save_folder(folder_id, name)
        for id, known in inside:
            self._save_folder(id, name + known[len(old) :])
        return name

    def _delete_folder(self, folder: str) -> None:
        contents, account = self._open()
        folder_id = Places(contents).folder(folder)
        account.writing.delete_folder(folder_id)
        self._take(contents, contents.snapshot.without_folder(folder_id))

    # Keys, places and the state.

    def _run(self, action: Callable[[], Result], what: str) -> Result:
        def in_turn() -> Result:
            with self._turn:
                return action()

        self._contents().keys.used()
        return Task(in_turn, what).wait(self._on_wait)

    def _open(self) -> tuple[Contents, Account]:
        """The open vault and its account; raises where it cannot be written."""
        contents, account = self._contents(), self._current.state.account
        if account is None:
            raise self._current.state.refusal()
        if account.is_offline:
            raise ServerUnreachable(
                "The vault is read offline, so nothing can be saved.",
                "Sync once the server can be reached, and try again.",
            )
        return contents, account

    def _contents(self) -> Contents:
        contents = self._current.state.contents
        if contents is None:
            raise self._current.state.refusal()
        return contents

    def _author(self, contents: Contents) -> Author:
        return Author(contents.snapshot.user_id, datetime.now(UTC))

    def _key_of(self, contents: Contents, record: Record) -> EitherKey:
        return contents.keys.key_for(
            member_of(record, "organizationId"), member_of(record, "key"), keep=False
        )

    def _key_for_new(
        self, contents: Contents, account: Account, owner: str | None
    ) -> tuple[EitherKey, str | None]:
        """The key for a new item and its wrapped form, None where it is the owner's key."""
        from bw_magics.crypto import ItemKey

        owner_key = contents.keys.key_for(owner, None)
        if not account.features().has_item_keys and contents.keys.security_version < 2:
            return owner_key, None
        key = ItemKey.generate()
        return key, str(owner_key.wrap(key))

    def _announce_secrets(self, draft: Draft) -> None:
        for value, label in draft.secrets():
            self._announce(value, label)

    def _take_over(self, contents: Contents, answer: Record, sent: Record) -> Item:
        """Takes an answer into the snapshot and gives its item. Raises `WriteUnclear` where the
        server answers other texts than were sent.
        """
        other = changed_texts(sent, answer)
        item_id = str(member_of(answer, "id"))
        self._replace(contents, answer)
        if other:
            raise WriteUnclear(
                f"The server stored other values than were sent: {', '.join(other)}.",
                "Look at the item in the web vault before you change it again.",
            )
        return self._contents().item(item_id)

    def _replace(self, contents: Contents, answer: Record) -> None:
        """Puts a record into the snapshot; members that the answer lacks stay as they are here."""
        item_id = str(member_of(answer, "id"))
        try:
            known = contents.record(item_id)
        except NotFound:
            known = {}
        merged = {**known, **answer}
        if answer.get("collectionIds") is None and known.get("collectionIds") is not None:
            merged["collectionIds"] = known["collectionIds"]
        self._take(contents, contents.snapshot.with_record(item_id, json.dumps(merged).encode()))

    def _take(self, contents: Contents, snapshot: Snapshot) -> None:
        from bw_magics.vault.contents import Contents as OpenedContents

        newest = OpenedContents(snapshot, contents.keys, previous=contents)
        if not self._current.take_written(contents, snapshot, newest):
            if self._current.state.contents is None:
                raise VaultLocked(
                    "The change was saved, and the vault was locked meanwhile.", "Unlock again."
                )
            self._sync()


def kept_texts(record: Record) -> Record:
    """The texts of a record as an answer has to repeat them."""
    return {name: member_of(record, name) for name in ("type", "key", "name", "notes")}


def _wanted_folder(draft: Draft) -> str | None:
    folder = draft.folder if "folder" in draft.touched else None
    return folder if isinstance(folder, str) and folder else None
