"""`AttachmentFiles`: downloads attachments, and places them in private files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from bw_magics.errors import AnswerUnusable, RequestRefused
from bw_magics.secret import Unpicklable
from bw_magics.session.background import OnWait, Task
from bw_magics.steps import SYNC, Remedy

# Imported when a file is wanted: some bring in `tempfile` and `shutil`.
if TYPE_CHECKING:
    from bw_magics.client.download import Download
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.storage.private_files import PrivateFiles

# In bytes: a larger file is held, still encrypted, in a temporary file without a name.
_IN_MEMORY = 16 * 1024 * 1024


class AttachmentFiles(Unpicklable):
    """The files of one unlocked vault, as its items see them.

    `account` returns the account that is logged in, `limit` the largest file in bytes (0
    means unlimited). A lock calls `forget`, which removes every decrypted file.
    """

    def __init__(
        self, account: Callable[[], Account], limit: Callable[[], int], on_wait: OnWait
    ) -> None:
        self._account = account
        self._limit = limit
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._placed: PrivateFiles | None = None

    def fetch(self, item_id: str, attachment_id: str, size: int | None) -> BinaryIO:
        """Downloads the encrypted file, and shows the progress; an interrupt ends it."""
        import tempfile

        from bw_magics.client.download import too_large

        limit = self._limit()
        if limit and size is not None and size > limit:
            raise too_large(limit)
        account = self._account()
        task = Task(lambda: _address(account, item_id, attachment_id), "asking for the attachment")
        download = account.download(task.wait(self._on_wait), largest=limit)
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
        transfer = Task(lambda: download.into(file), "downloading the attachment")
        try:
            transfer.wait(self._on_wait, progress=lambda: _progress(download, size))
        except BaseException:
            download.cancel()
            file.close()
            raise
        return file

    def place(self, name: str, pieces: Iterator[bytes], size: int) -> AbstractContextManager[Path]:
        """Places a private file for the length of a `with` block, or until the lock."""
        from bw_magics.session.storage.private_files import PrivateFiles

        with self._lock:
            if self._placed is None:
                self._placed = PrivateFiles()
        return self._placed.place(name, pieces, size)

    def save(self, name: str, pieces: Iterator[bytes], path: str | Path) -> bool:
        """Writes a private file that stays; tells whether it replaced one."""
        from bw_magics.session.storage.private_files import write_to_stay

        return write_to_stay(name, pieces, path)

    def forget(self) -> None:
        """Removes every file that was placed."""
        if self._placed is not None:
            self._placed.forget()


def _address(account: Account, item_id: str, attachment_id: str) -> str:
    try:
        address = account.api.attachment(item_id, attachment_id).text("url")
    except RequestRefused as refusal:
        if refusal.status != 404:
            raise
        address = None
        gone = RequestRefused(
            f"{account.server.name} has no such attachment any more.",
            Remedy("Bring the vault up to date: {}.", SYNC),
            status=404,
        )
        raise gone from None
    if address is None:
        raise AnswerUnusable(
            f"{account.server.name} did not say where the attachment is.",
            "Look at the server's own settings for attachments.",
        )
    return address


def _progress(download: Download, size: int | None) -> str:
    from bw_magics.client.size import progress_in_words

    return f"downloading the attachment: {progress_in_words(download.done, size)}"
