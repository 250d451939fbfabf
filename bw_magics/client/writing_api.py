"""`WritingApi`: the calls that change a vault (docs/protocol.md, Writing)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bw_magics.answer import Answer
from bw_magics.client.authorized import AuthorizedCalls, part
from bw_magics.client.reply import Reply
from bw_magics.client.transport import Transport
from bw_magics.client.upload import Form
from bw_magics.client.vault_api import Bearer
from bw_magics.errors import AnswerUnusable
from bw_magics.settings import Server

if TYPE_CHECKING:
    from bw_magics.client.upload import Upload

Json = Mapping[str, Any]


class WritingApi(AuthorizedCalls):
    """The calls that change a vault, with the bearer's tokens; records are encrypted.

    Every call renews the token once after a 401. Nothing is ever sent twice beside that. Raises
    `WriteRefused` and its kinds where the server refuses, `WriteConflict` where the item was
    changed since, `WriteUnclear` where no usable answer came although the request may have
    arrived, `RateLimited`, and the other `ServerError`s where nothing was written.

    `patiently` runs every request; it may send one again after `RateLimited`, which did nothing.
    """

    def __init__(self, transport: Transport, server: Server, bearer: Bearer) -> None:
        super().__init__(transport, server, bearer)
        self._now: Callable[[], datetime] = lambda: datetime.now(UTC)

    # Items.

    def item(self, item_id: str) -> Json:
        """Returns the item's record as it is now. Raises `AnswerUnusable` for another item's."""
        record = self._object("GET", f"ciphers/{part(item_id)}/details", None, "the item")
        answered = str(record.get("id") or record.get("Id"))
        if answered.casefold() != item_id.casefold():
            raise AnswerUnusable(
                f"{self._server.name} answered with another item than was asked for.",
                "Nothing was changed. Sync, and look at the item in the web vault.",
            )
        return record

    def age(self, moment: datetime) -> float:
        """Returns how many seconds ago a moment was, by the server's clock; up to one too few."""
        return (self._now() - moment).total_seconds()

    def create_item(self, record: Json, collection_ids: Sequence[str] = ()) -> Json:
        """Creates an item; one of an organisation needs at least one collection."""
        if record.get("organizationId") is None:
            return self._object("POST", "ciphers", record, "the new item")
        body = {"cipher": record, "collectionIds": list(collection_ids)}
        return self._object("POST", "ciphers/create", body, "the new item")

    def edit_item(self, item_id: str, record: Json) -> Json:
        """Replaces the item's record."""
        return self._object("PUT", f"ciphers/{part(item_id)}", record, "the item")

    def file_item(self, item_id: str, *, folder_id: str | None, is_favorite: bool) -> Json:
        """Sets the folder and the mark of a favourite, which are each member's own."""
        body = {"folderId": folder_id, "favorite": is_favorite}
        return self._object("PUT", f"ciphers/{part(item_id)}/partial", body, "the item")

    def trash_item(self, item_id: str) -> None:
        """Puts the item into the trash."""
        self._empty("PUT", f"ciphers/{part(item_id)}/delete", None, "the item")

    def delete_item(self, item_id: str) -> None:
        """Deletes the item for ever."""
        self._empty("DELETE", f"ciphers/{part(item_id)}", None, "the item")

    def restore_item(self, item_id: str) -> Json:
        """Takes the item out of the trash."""
        return self._object("PUT", f"ciphers/{part(item_id)}/restore", None, "the item")

    def archive_item(self, item_id: str, *, is_archived: bool) -> Json | None:
        """Puts the item into the archive or takes it out; None where the answer names no item."""
        action = "archive" if is_archived else "unarchive"
        return self._maybe("PUT", f"ciphers/{part(item_id)}/{action}", None, "the item")

    def share_item(self, item_id: str, record: Json, collection_ids: Sequence[str]) -> Json:
        """Moves the item into an organisation's collections."""
        body = {"cipher": record, "collectionIds": list(collection_ids)}
        return self._object("PUT", f"ciphers/{part(item_id)}/share", body, "the item")

    def set_collections(self, item_id: str, collection_ids: Sequence[str]) -> Json | None:
        """Sets the collections that the item is in; None where it cannot be seen any more."""
        body = {"collectionIds": list(collection_ids)}
        path = f"ciphers/{part(item_id)}/collections_v2"
        answer = self._object("PUT", path, body, "the item's collections")
        item = Answer(answer).object("cipher").members
        return item or None

    # Folders.

    def create_folder(self, name: str) -> Json:
        """Creates a folder; `name` is an EncString under the user key."""
        return self._object("POST", "folders", {"name": name}, "the new folder")

    def rename_folder(self, folder_id: str, name: str) -> Json:
        """Renames a folder."""
        return self._object("PUT", f"folders/{part(folder_id)}", {"name": name}, "the folder")

    def delete_folder(self, folder_id: str) -> None:
        """Deletes a folder; its items stay, outside folders."""
        self._empty("DELETE", f"folders/{part(folder_id)}", None, "the folder")

    # Attachments.

    def announce_attachment(self, item_id: str, description: Json) -> Answer:
        """Announces a file: `key`, `fileName`, `fileSize`, `lastKnownRevisionDate`. The answer
        says where its bytes go.
        """
        path = f"ciphers/{part(item_id)}/attachment/v2"
        return Answer(self._object("POST", path, description, "the attachment"))

    def attachment_address(self, item_id: str, attachment_id: str) -> str | None:
        """Returns a new address for a file that was announced and has not arrived."""
        path = f"ciphers/{part(item_id)}/attachment/{part(attachment_id)}/renew"
        return Answer(self._object("GET", path, None, "the attachment")).text("url")

    def upload_attachment(self, item_id: str, attachment_id: str, upload: Upload) -> None:
        """Sends a file that was announced to the server itself."""
        path = f"ciphers/{part(item_id)}/attachment/{part(attachment_id)}"
        url = f"{self._server.api}/{path}"
        form = Form(upload)
        self._send(lambda token: self._transport.upload(url, form, bearer=token), "the attachment")

    def delete_attachment(self, item_id: str, attachment_id: str) -> Json | None:
        """Deletes a file of the item."""
        path = f"ciphers/{part(item_id)}/attachment/{part(attachment_id)}"
        return self._maybe("DELETE", path, None, "the attachment")

    # Inside.

    def _answered(self, reply: Reply) -> None:
        """Sets the clock by the server's: a date that is sent is compared with it."""
        if (sent_at := reply.sent_at) is not None:
            began = time.monotonic()
            self._now = lambda: sent_at + timedelta(seconds=time.monotonic() - began)

    def _is_read(self, reply: Reply, is_change: bool) -> bool:
        """Tells that no refusal is that of a reading: a record is read to be changed."""
        return False
