"""`VaultCache`: the encrypted vault of one account in a file, where that was asked for.

The file begins with a short clear header: the revision and what unlocking needs (key derivation,
salt, wrapped user key). The rest is the unchanged answer of the last sync, encrypted with AES-GCM
under a key derived from the user key, and bound to the header, the account and the server. Anybody
with the file can try master passwords on it without asking the server. Anybody with the password
can read it, even after the account was revoked.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, parse_json
from bw_magics.client.identity import Login
from bw_magics.crypto.account_keys import AccountKeys
from bw_magics.crypto.cache import decrypt_cache, encrypt_cache
from bw_magics.crypto.kdf import ARGON2ID, PBKDF2, Argon2id
from bw_magics.crypto.unlock import MasterPasswordUnlock
from bw_magics.errors import AnswerUnusable, CryptographyError
from bw_magics.secret import Secret, Unpicklable

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.settings import Server
    from bw_magics.vault.snapshot import Snapshot

MAGIC = b"bw_magics vault cache 1\n"
_LONGEST_HEADER = 16 * 1024
_LARGEST = 1024 * 1024 * 1024
_NAMESPACE = uuid.UUID("0d8c2a55-6c1a-5a57-9c5e-33d1c5d0b7f4")


@dataclass(frozen=True, slots=True, repr=False)
class Header:
    """The clear part of a cache file. `saved_at` is the file's date."""

    revision: int
    unlock: MasterPasswordUnlock
    saved_at: float
    raw: bytes

    def __repr__(self) -> str:
        return f"<Header of revision {self.revision}>"


def default_folder() -> Path:
    """Returns the folder of this user's caches, such as `~/.cache/bw_magics`."""
    from platformdirs import user_cache_path

    # No author's folder and no folder "Cache" in it: the path from before platformdirs.
    return user_cache_path("bw_magics", appauthor=False, opinion=False)


class VaultCache(Unpicklable):
    """The file of one account.

    It raises no error of the file system: a file that cannot be read counts as missing, and
    `problem` says why one cannot be written.
    """

    def __init__(self, folder: Path, server: Server, client_id: str) -> None:
        self.problem: str | None = None
        self._account = [server.identity, server.api, client_id]
        name = uuid.uuid5(_NAMESPACE, "\n".join(self._account))
        self.path = folder / f"{name}.vault"

    def __repr__(self) -> str:
        return "<VaultCache>"

    def header(self) -> Header | None:
        """Reads the clear header; None without a usable file.

        Sets a file aside that is not ours, or that asks for a key derivation below the floor or
        above the ceiling.
        """
        try:
            with self._opened() as file:
                return self._header(file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, CryptographyError):
            self._set_aside()
            return None

    def open(self, user_key: EitherUserKey) -> tuple[Snapshot, Header] | None:
        """Decrypts the vault in the file; returns it with its header.

        Returns None, and sets the file aside, where it is damaged, or made for another account,
        server or key.
        """
        from bw_magics.vault.snapshot import Snapshot

        try:
            with self._opened() as file:
                header = self._header(file)
                body = decrypt_cache(file, user_key=user_key, bound=self._bound(header.raw))
            return Snapshot.parse(body, revision=header.revision), header
        except FileNotFoundError:
            return None
        except (OSError, ValueError, AnswerUnusable, CryptographyError):
            self._set_aside()
            return None

    def store(
        self, snapshot: Snapshot, unlock: MasterPasswordUnlock, user_key: EitherUserKey
    ) -> bool:
        """Writes the vault to the file, all at once; tells whether it did.

        Skips a vault without a revision, one that the file holds with the same wrapped key, and one
        that is older than the file's.
        """
        if snapshot.revision is None or snapshot.body is None:
            return False
        present = self.header()
        if present is not None and present.revision >= snapshot.revision:
            is_same = present.unlock.wrapped_user_key == unlock.wrapped_user_key
            if is_same or present.revision > snapshot.revision:
                return False
        block = {
            "revision": snapshot.revision,
            "kdf": _costs(unlock),
            "salt": unlock.salt,
            "masterKeyEncryptedUserKey": str(unlock.wrapped_user_key),
        }
        raw = json.dumps(block).encode()
        self.problem = None
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(prefix=".", dir=self.path.parent)  # 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.writelines((MAGIC, len(raw).to_bytes(4, "big"), raw))
                    file.writelines(
                        encrypt_cache(snapshot.body, user_key=user_key, bound=self._bound(raw))
                    )
                os.replace(draft, self.path)  # noqa: PTH105 - the draft is a text
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(draft)  # noqa: PTH108 - a text
                raise
        except OSError as error:
            self.problem = f"The vault cache cannot be written: {error.strerror or 'no reason'}."
            return False
        return True

    def remove(self) -> bool:
        """Deletes the file and the unusable one beside it; tells whether there was one."""
        with contextlib.suppress(OSError):
            self._aside.unlink()
        try:
            self.path.unlink()
        except OSError:
            return False
        return True

    @property
    def _aside(self) -> Path:
        return self.path.with_suffix(".set-aside")

    def _set_aside(self) -> None:
        with contextlib.suppress(OSError):
            os.replace(self.path, self._aside)  # noqa: PTH105 - as above

    def _opened(self) -> Any:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(self.path, flags | getattr(os, "O_NONBLOCK", 0))
        file = os.fdopen(handle, "rb")
        status = os.fstat(handle)
        is_ours = not hasattr(os, "getuid") or (
            status.st_uid == os.getuid() and not status.st_mode & 0o077
        )
        if not is_ours or not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            file.close()
            raise ValueError
        return file

    def _header(self, file: Any) -> Header:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError
        length = int.from_bytes(file.read(4), "big")
        raw = file.read(length) if length <= _LONGEST_HEADER else b""
        value = parse_json(raw)
        block = Answer({} if value is UNREADABLE else value)
        revision = block.integer("revision")
        unlock = MasterPasswordUnlock.read(block, email=None)
        if revision is None or unlock is None:
            raise ValueError
        unlock.kdf.check()
        return Header(revision, unlock, os.fstat(file.fileno()).st_mtime, raw)

    def _bound(self, raw: bytes) -> bytes:
        return MAGIC + json.dumps(self._account).encode() + b"\n" + raw


def _costs(unlock: MasterPasswordUnlock) -> dict[str, int]:
    kdf = unlock.kdf
    if isinstance(kdf, Argon2id):
        costs = {"memory": kdf.memory, "parallelism": kdf.parallelism}
        return {"kdfType": ARGON2ID, "iterations": kdf.iterations, **costs}
    return {"kdfType": PBKDF2, "iterations": kdf.iterations}


def offline_login(header: Header, client_id: str) -> Login:
    """Makes the answer to a login from a header: no token, and all that unlocking needs."""
    return Login(
        access_token=Secret("", "access token"),
        expires_at=0.0,
        email=None,
        user_id=client_id.removeprefix("user."),
        name=None,
        security_stamp=None,
        unlock=header.unlock,
        unlock_problem=None,
        account_keys=AccountKeys(),
        has_master_password=True,
        uses_key_connector=False,
        force_password_reset=False,
    )
