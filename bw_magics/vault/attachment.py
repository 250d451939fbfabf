"""`Attachment`: a file of an item, fetched and decrypted when its contents are asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from bw_magics.announcing import LARGEST_SHOWN
from bw_magics.answer import Answer
from bw_magics.errors import AuthenticationFailed, CryptographyError, FieldNotFound, Unreadable
from bw_magics.secret import Secret, SecretBytes, Unpicklable
from bw_magics.shown import one_line
from bw_magics.steps import SYNC, Remedy
from bw_magics.using import record
from bw_magics.vault.ids import same_id
from bw_magics.vault.names import as_name, best, closest, folded
from bw_magics.vault.sealed import UNREADABLE, Sealed
from bw_magics.vault.writer import AttachmentWriter, read_only

# Members of key files and configurations that are never secret, and are in every output.
_PUBLIC = frozenset(
    {
        "apiversion", "api_version", "client_email", "client_id", "database", "dbname", "email",
        "endpoint", "host", "kind", "location", "name", "port", "project", "project_id", "region",
        "tenant", "tenant_id", "type", "universe_domain", "user", "username", "version",
    }
)  # fmt: skip


class Files(Protocol):
    """The source of encrypted files, and the place for decrypted ones; the session provides it."""

    def fetch(self, item_id: str, attachment_id: str, size: int | None) -> BinaryIO:
        """Returns the encrypted file, open for reading and seeking; the caller closes it."""

    def place(self, name: str, pieces: Iterator[bytes], size: int) -> AbstractContextManager[Path]:
        """Returns a private file with these contents for the length of a `with` block; a lock or
        the end of the process takes it away earlier. `size` is about how large it gets.
        """

    def save(self, name: str, pieces: Iterator[bytes], path: str | Path) -> bool:
        """Writes a private file to stay, because somebody asked for it; whether there was one of
        that name, which it replaces. A path that ends in a slash is a folder.
        """

    def forget(self) -> None:
        """Takes away every file that was placed."""


@dataclass(frozen=True, slots=True)
class AttachmentEntry:
    """An attachment's name and its size in bytes, without its contents.

    `problem` says why the name cannot be read.
    """

    id: str
    name: str
    size: int | None
    problem: str | None = None


def file_labels(files: Sequence[AttachmentEntry]) -> list[str]:
    """Returns the text by which each of an item's files is found: its name, else its id where the
    name is missing, unreadable or that of several.
    """
    names = [folded(file.name) for file in files]
    return [
        file.name if file.name and file.problem is None and names.count(name) == 1 else file.id
        for file, name in zip(files, names, strict=True)
    ]


class Attachment(Unpicklable):
    """A file that is attached to an item.

    Each read downloads the contents and keeps nothing: `read` once and keep the result. All of the
    contents are authenticated before any part is returned.

    Each way to the contents raises `Unreadable` where the file was changed or its key cannot be
    read, `RepromptRequired`, `VaultLocked`, and the `ServerError`s of the download:
    `AnswerUnusable` where it is larger than the vault's `attachment_limit`.
    """

    __slots__ = ("_entry", "_files", "_item_name", "_sealed", "_writer", "id", "name", "size")

    def __init__(
        self,
        entry: Answer,
        sealed: Sealed,
        files: Files | None,
        writer: AttachmentWriter | None,
        *,
        name: str,
        item_name: str,
    ) -> None:
        self._entry = entry
        self._sealed = sealed
        self._files = files
        self._writer = writer
        self._item_name = item_name
        self.id = entry.text("id") or ""
        self.name = name
        self.size = entry.integer("size")

    def __repr__(self) -> str:
        return f"<Attachment {one_line(self.name)} of {one_line(self._item_name)}>"

    def read(self) -> SecretBytes:
        """Returns the contents: real `bytes` that do not show themselves."""
        contents = bytearray()
        with self._fetched() as file:
            for piece in self._open(file):
                contents += piece
        return self._sealed.announce_bytes(contents, self.name)

    def open(self) -> BinaryIO:
        """Returns the contents as a file in memory, open for reading."""
        return io.BytesIO(self.read())

    def text(self, encoding: str = "utf-8") -> Secret:
        """Returns the contents as text. Raises `Unreadable` where the encoding is another one."""
        contents, text = self.read(), None
        # Nothing is raised while there is an exception that holds the contents.
        with suppress(UnicodeDecodeError, LookupError):
            text = contents.decode(encoding)
        if text is None:
            raise Unreadable(
                f"'{self.name}' of '{self._item_name}' cannot be decoded with that encoding.",
                "Name another encoding, or take its bytes: read().",
            )
        return self._sealed.announce(text.removeprefix("\ufeff"), self.name, is_part=True)

    def json(self) -> object:
        """Returns the contents read as JSON. Every text in it is a `Secret`, but for web addresses
        and members that are known not to be secret, such as `project_id` and `client_email`.
        """
        contents, found = self.read(), _NOTHING
        with suppress(ValueError, RecursionError):
            found = json.loads(contents)
        if found is _NOTHING:
            raise Unreadable(
                f"'{self.name}' of '{self._item_name}' is not JSON.", "Use text() or read()."
            )
        return self._masked(found, self.name)

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """Gives the contents as a file inside a `with` block, for code that wants a path::

            with item.attachment("key.json").as_file() as path:
                client = Client.from_service_account_json(path)

        Only this user can read it. It is in memory where the system has a place for that
        (`/dev/shm`), else in a private temporary folder, and has the attachment's own name. A lock
        and the end of the process also take it away.
        """
        with ExitStack() as stack:
            with self._fetched() as file:
                pieces = self._announced(self._open(file))
                placed = self._seam().place(self.name, pieces, self.size or 0)
                path = stack.enter_context(placed)
            yield path

    def save(self, path: str | Path) -> bool:
        """Writes the contents to a file that stays, readable by this user only; whether there was
        a file of that name, which it replaces. A path that ends in a slash is a folder, and then
        the file has the attachment's name.
        """
        with self._fetched() as file:
            return self._seam().save(self.name, self._announced(self._open(file)), path)

    @property
    def item_id(self) -> str:
        """The id of the item that it is attached to."""
        return self._sealed.record.text("id") or ""

    @property
    def has_own_key(self) -> bool:
        """Whether its contents have a key of their own; those of old clients have none, and keep
        their item from being shared.
        """
        return self._entry.text("key") is not None

    @contextmanager
    def contents(self) -> Iterator[Iterator[bytes]]:
        """Gives the decrypted contents, piece by piece, inside a `with` block. They are not
        announced; use `read` for contents to be shown.
        """
        with self._fetched() as file:
            yield self._open(file)

    def replace(self, source: object) -> Attachment:
        """Stores other contents under the same name, then deletes these; gives the new attachment.

        `source` is what `Item.attach` takes. The old contents stay until the new ones are stored.
        """
        attachment: Attachment = self._writing().replace(self, source)
        return attachment

    def delete(self) -> None:
        """Deletes the file for ever."""
        self._writing().delete(self)

    def upgrade(self) -> Attachment:
        """Gives the contents a key of their own, which sharing the item needs; gives the new
        attachment, or this one where it has such a key already.
        """
        attachment: Attachment = self._writing().upgrade(self)
        return attachment

    # Inside.

    def _writing(self) -> AttachmentWriter:
        if self._writer is None:
            raise read_only()
        return self._writer

    def _seam(self) -> Files:
        if self._files is None:
            raise Unreadable("This vault was opened without a connection.", "Use a Vault.")
        return self._files

    def _fetched(self) -> BinaryIO:
        self._sealed.use()
        self._sealed.allow_secret(is_note=True)
        return self._seam().fetch(self.item_id, self.id, self.size)

    def _open(self, file: BinaryIO) -> Iterator[bytes]:
        """Returns the decrypted pieces; all of the file was authenticated when this returns."""
        from bw_magics.crypto.file import open_file

        self._sealed.use()
        reason = ""
        for key in self._sealed.file_keys(self._entry):
            try:
                pieces = open_file(key, file)
            except CryptographyError as problem:
                reason = problem.fact
                if not isinstance(problem, AuthenticationFailed):
                    break
            else:
                record(self._sealed.use_of(f"attachment {self.name}"))
                return pieces
        raise Unreadable(
            f"'{self.name}' of '{self._item_name}' cannot be read: {reason}",
            Remedy("If it was replaced lately: {}. Else look at it in the web vault.", SYNC),
        )

    def _announced(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yields the same pieces; announces what could be shown of them at the end, before anybody
        has the file that they go into.
        """
        kept = bytearray()
        for piece in pieces:
            if len(kept) <= LARGEST_SHOWN:
                kept += piece
            yield piece
        self._sealed.announce_bytes(kept, self.name)

    def _masked(self, value: object, where: str, name: str = "") -> object:
        if isinstance(value, dict):
            return {
                name: self._masked(each, f"{where} / {name}", name) for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._masked(each, where, name) for each in value]
        if not isinstance(value, str) or not value:
            return value
        if name.lower() in _PUBLIC or _is_address(value):
            return value
        return self._sealed.announce(value, where, is_part=True)


class Attachments:
    """The attachments of one item, found by name or id."""

    __slots__ = ("_files", "_item_name", "_sealed", "_writer")

    def __init__(
        self,
        sealed: Sealed,
        files: Files | None,
        item_name: str,
        writer: AttachmentWriter | None = None,
    ) -> None:
        self._sealed = sealed
        self._writer = writer
        self._files = files
        self._item_name = item_name

    def find(self, name: str, *, loose: bool = False) -> Attachment:
        """Returns the attachment of that id or name; exactly, else ignoring case, else (with
        `loose`) the only one whose name contains the text. Raises `FieldNotFound`, which names
        them.
        """
        present, name = list(self), as_name(name)
        fitting = [each for each in present if same_id(each.id, name)] or best(
            present, lambda each: each.name, name, loose=loose
        )
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise FieldNotFound(
                f"'{self._item_name}' has {len(fitting)} attachments of that name.",
                "Name one by its id: item.attachments lists them.",
            )
        raise self.missing(name)

    def missing(self, name: str) -> FieldNotFound:
        """Returns the error for an attachment that the item does not have."""
        names = [each.name for each in self.entries()]
        near = closest(name, names)
        # Only a name that resembles one of the item's is repeated: any other may be a secret.
        return FieldNotFound(
            f"'{self._item_name}' has no attachment '{name}'."
            if near
            else f"'{self._item_name}' has no such attachment.",
            f"It has: {', '.join(names)}." if names else "It has none.",
            closest=near,
        )

    def __iter__(self) -> Iterator[Attachment]:
        for entry in self._answers():
            yield Attachment(
                entry,
                self._sealed,
                self._files,
                self._writer,
                name=self._described(entry).name,
                item_name=self._item_name,
            )

    def entries(self) -> tuple[AttachmentEntry, ...]:
        """Yields names and sizes; an unreadable name does not affect the others."""
        return tuple(map(self._described, self._answers()))

    def _answers(self) -> Iterator[Answer]:
        self._sealed.require()
        return self._sealed.record.objects("attachments")

    def _described(self, entry: Answer) -> AttachmentEntry:
        name, problem = UNREADABLE, None
        try:
            name = self._sealed.text(entry, "fileName", "name of an attachment") or ""
        except Unreadable as reason:
            problem = reason.fact
        return AttachmentEntry(entry.text("id") or "", name, entry.integer("size"), problem)


_NOTHING: object = object()


def _is_address(text: str) -> bool:
    return text.startswith("https://") and "@" not in text and "?" not in text
