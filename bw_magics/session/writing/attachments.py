"""`AttachmentWriting`: attaches, replaces and deletes the files of items.

A file is read and encrypted before it is announced to the server. What was announced and not stored
is removed again, so that an item never lists a file without contents.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from bw_magics.client.size import progress_in_words
from bw_magics.client.upload import Upload
from bw_magics.crypto import AttachmentKey
from bw_magics.crypto.file import encrypt_pieces
from bw_magics.crypto.wrapping import wrap_key
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    NotFound,
    UsageMistake,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.writing.checks import require_change
from bw_magics.session.writing.file_source import FileSource
from bw_magics.session.writing.revisions import OwnRevisions
from bw_magics.session.writing.turn import Record, Turn
from bw_magics.using import unrecorded
from bw_magics.vault.ids import id_key
from bw_magics.vault.lengths import check_length
from bw_magics.vault.names import folded
from bw_magics.vault.record import member_of

if TYPE_CHECKING:
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.session.accounts.account import Account
    from bw_magics.vault.attachment import Attachment
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item

# A larger file waits, encrypted, in a temporary file without a name.
_IN_MEMORY = 16 * 1024 * 1024
# Where the bytes go, by `fileUploadType`: to the server itself, or to an address that it names.
_DIRECT = 0


class AttachmentWriting(Unpicklable):
    """The changes to the attachments of one vault's items."""

    def __init__(self, turn: Turn, own: OwnRevisions) -> None:
        self._turn = turn
        self._own = own
        # The keys of entries without contents that could not be removed, by item.
        self._ghosts: dict[str, set[str]] = {}

    def __repr__(self) -> str:
        return "<AttachmentWriting>"

    def attach(self, item: Item, source: object, name: str | None) -> Item:
        """Attaches a file under a name that the item does not have yet."""
        file = FileSource(source, name)
        if id_key(item.id) in self._ghosts:
            item = self._turn.run(
                lambda: _Run(self._turn, self._ghosts, self._own).clean(item.id), "looking"
            )
        if any(folded(known.name) == folded(file.name) for known in item.attachments):
            raise UsageMistake(
                f"'{item.name}' has an attachment '{file.name}' already.",
                f"Replace it: attachment('{file.name}').replace(…), or give another name.",
            )
        return self._run(lambda run: run.store(item.id, file.name, file), file.name)

    def replace(self, attachment: Attachment, source: object) -> Attachment:
        """Stores other contents under the attachment's name, then deletes the old ones."""
        file = FileSource(source, attachment.name)
        item = self._run(lambda run: run.replace(attachment, file), file.name)
        return _newest(item, attachment.name)

    def upgrade(self, attachment: Attachment) -> Attachment:
        """Stores the same contents with a key of their own, then deletes the old ones."""
        if attachment.has_own_key:
            return attachment
        with ExitStack() as stack:
            with unrecorded():
                pieces = stack.enter_context(attachment.contents())
            file = _Decrypted(pieces)
            item = self._run(lambda run: run.replace(attachment, file), attachment.name)
        return _newest(item, attachment.name)

    def delete(self, attachment: Attachment) -> None:
        """Deletes a file."""
        self._turn.run(
            lambda: _Run(self._turn, self._ghosts, self._own).delete(attachment),
            f"deleting '{attachment.name}'",
        )

    def _run(self, action: Callable[[_Run], Item], name: str) -> Item:
        run = _Run(self._turn, self._ghosts, self._own)
        what = f"attaching '{name}'"
        try:
            return self._turn.run(lambda: action(run), what, progress=lambda: run.progress(what))
        except BaseException:
            run.cancel()
            raise


class _Decrypted:
    """The contents of an attachment on their way to a new key."""

    shown = b""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def pieces(self) -> Iterator[bytes]:
        return self._pieces


class _Run:
    """One file on its way to the server."""

    def __init__(self, turn: Turn, ghosts: dict[str, set[str]], own: OwnRevisions) -> None:
        self._turn = turn
        self._ghosts = ghosts
        self._own = own
        self._upload: Upload | None = None

    def cancel(self) -> None:
        """Ends the upload at its next piece."""
        if self._upload is not None:
            self._upload.cancel()

    def progress(self, what: str) -> str:
        """Returns what is going on, for a person who waits."""
        upload = self._upload
        if upload is None:
            return what
        return f"{what}: {progress_in_words(upload.done, upload.size)}"

    def clean(self, item_id: str) -> Item:
        """Removes the entries that earlier uploads left without contents; returns the item."""
        contents, account = self._turn.open()
        api = account.writing
        left = self._ghosts[id_key(item_id)]
        for entry in _attachments(api.item(item_id)):
            if str(member_of(entry, "key")) in left:
                api.delete_attachment(item_id, str(member_of(entry, "id")))
        del self._ghosts[id_key(item_id)]
        return self._turn.take_over(contents, api.item(item_id), {})

    def store(self, item_id: str, name: str, file: FileSource | _Decrypted) -> Item:
        """Attaches a file and takes the server's answer over."""
        contents, account = self._turn.open()
        item = contents.item(item_id)
        require_change(contents, item, "given attachments")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            key = AttachmentKey.generate()
            upload = self._encrypted(key, file, cast("BinaryIO", spool), name)
            if file.shown:
                contents.keys.secrets.make_bytes(
                    file.shown, f"{contents.item(item_id).name} / {name}"
                )
            answer = self._send(contents, account, item_id, name, key, upload)
        return self._turn.take_over(contents, answer, {})

    def replace(self, attachment: Attachment, file: FileSource | _Decrypted) -> Item:
        """Attaches the new file, then deletes the old one."""
        self.store(attachment.item_id, attachment.name, file)
        try:
            return self.delete(attachment)
        except BitwardenError as problem:
            raise WriteUnclear(
                f"The new '{attachment.name}' was stored, and the old one not deleted: "
                f"{problem.fact}",
                "Delete the older of the two: item.attachment(ID).delete().",
            ) from None

    def delete(self, attachment: Attachment) -> Item:
        """Deletes a file and takes the answer over."""
        contents, account = self._turn.open()
        item_id = attachment.item_id
        require_change(contents, contents.item(item_id), "given attachments")
        api = account.writing
        try:
            api.delete_attachment(item_id, attachment.id)
        except (NotFound, WriteUnclear):
            listed = _attachments(api.item(item_id))
            if any(_is(entry, "id", attachment.id) for entry in listed):
                raise
        return self._turn.take_over(contents, api.item(item_id), {})

    def _encrypted(
        self, key: AttachmentKey, file: FileSource | _Decrypted, spool: BinaryIO, name: str
    ) -> Upload:
        try:
            self._upload = upload = Upload(spool, encrypt_pieces(key, file.pieces(), spool))
        except OSError as problem:
            raise WriteRefused(
                f"This machine has no room for the encrypted copy of '{name}': "
                f"{problem.strerror or type(problem).__name__}.",
                "Nothing was attached. Make room in the temporary folder (TMPDIR).",
            ) from None
        return upload

    def _send(
        self,
        contents: Contents,
        account: Account,
        item_id: str,
        name: str,
        key: AttachmentKey,
        upload: Upload,
    ) -> Record:
        """Sends the file, once more where the first answer was lost; returns the item's record,
        which lists it.
        """
        api = account.writing
        for is_last in (False, True):
            fresh = api.item(item_id)
            owner = contents.keys.key_for(
                member_of(fresh, "organizationId"), member_of(fresh, "key"), keep=False
            )
            encrypted = owner.encrypt_text(name)
            description = {
                "key": str(wrap_key(key, under=owner)),
                "fileName": check_length("fileName", encrypted, "the name of the attachment"),
                "fileSize": upload.size,
                "adminRequest": False,
                "lastKnownRevisionDate": member_of(fresh, "revisionDate"),
            }
            try:
                announced, record = self._place(account, item_id, description, upload)
            except BitwardenError as problem:
                self._remove(api, item_id, description["key"], name, problem)
                if is_last or upload.is_cancelled or not isinstance(problem, WriteUnclear):
                    raise
            else:
                self._own.moved(fresh, announced, record)
                return record
        raise AssertionError("an upload ends in its second round")

    def _place(
        self, account: Account, item_id: str, description: dict[str, Any], upload: Upload
    ) -> tuple[Record, Record]:
        """Announces the file, sends it to the address that the server names, and looks whether it
        is there. Returns the item's record as it was announced, and as it is at the end.
        """
        api = account.writing
        answer = api.announce_attachment(item_id, description)
        attachment_id, address = answer.text("attachmentId"), answer.text("url")
        if attachment_id is None:
            raise AnswerUnusable(
                f"{account.server.name} did not say where the attachment goes.",
                "Look at the server's own settings for attachments.",
            )
        if answer.integer("fileUploadType") in (_DIRECT, None):
            api.upload_attachment(item_id, attachment_id, upload)
        else:
            account.put(
                address or "",
                upload,
                lambda: api.attachment_address(item_id, attachment_id) or "",
            )
        record = api.item(item_id)
        if not any(_is(entry, "key", description["key"]) for entry in _attachments(record)):
            raise WriteUnclear(
                f"{account.server.name} does not list the attachment although it took it.",
                "Sync and look before you attach it again.",
            )
        announced = answer.object("cipherResponse") or answer.object("cipherMiniResponse")
        return announced.members, record

    def _remove(
        self, api: WritingApi, item_id: str, wrapped: str, name: str, problem: BitwardenError
    ) -> None:
        """Removes the entry of a file that was not stored, found by its key, which is unique."""
        try:
            for entry in _attachments(api.item(item_id)):
                if _is(entry, "key", wrapped):
                    api.delete_attachment(item_id, str(member_of(entry, "id")))
        except NotFound:
            return
        except BitwardenError:
            self._ghosts.setdefault(id_key(item_id), set()).add(wrapped)
            raise WriteUnclear(
                f"'{name}' was not attached, and an entry without contents may stay: "
                f"{problem.fact}",
                "Attach it again: what was left is removed then. Else sync and look, and delete "
                "it: item.attachment(NAME).delete().",
            ) from None


def _attachments(record: Record) -> list[Record]:
    return [entry for entry in member_of(record, "attachments") or () if isinstance(entry, dict)]


def _is(entry: Record, member: str, wanted: str) -> bool:
    value = str(member_of(entry, member))
    return value == wanted or (member == "id" and id_key(value) == id_key(wanted))


def _newest(item: Item, name: str) -> Attachment:
    """Returns the attachment of that name that came last."""
    found = [entry for entry in item.attachments if entry.name == name]
    return item.attachment(found[-1].id)
