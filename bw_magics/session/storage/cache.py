"""`VaultCache`: the encrypted vault of one account in a file, where that was asked for.

The file begins with a short clear header: the revision and what unlocking needs (key derivation,
salt, wrapped user key). The rest is the answer of the last sync, unchanged, in pages of items, and
a catalogue of their names and ids; each block is encrypted with AES-GCM under a key of its own,
derived from the user key and bound to the header, the account and the server
(docs/decisions/0015-sealed-index.md). Anybody with the file can try master passwords on it without
asking the server. Anybody with the password can read it, even after the account was revoked.
"""

from __future__ import annotations

import binascii
import contextlib
import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bw_magics.client.identity import Login
from bw_magics.crypto.account_keys import AccountKeys
from bw_magics.crypto.cache import OVERHEAD, SALT, CacheKey
from bw_magics.crypto.kdf import ARGON2ID, PBKDF2, Argon2id
from bw_magics.crypto.unlock import MasterPasswordUnlock
from bw_magics.errors import AnswerUnusable, CryptographyError
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.storage.cache_file import (
    CATALOGUE,
    RECORDS,
    REST,
    CacheFile,
    Header,
    Table,
    bound_to,
    clear_part,
)

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.settings import Server
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot

# Variables that lead elsewhere. Without them the folder is known on Linux, and the import of
# `platformdirs`, which takes a twentieth of the first secret of a kept vault, is not needed.
_ELSEWHERE = {"XDG_CACHE_HOME", "ANDROID_DATA", "ANDROID_ROOT"}

_NAMESPACE = uuid.UUID("0d8c2a55-6c1a-5a57-9c5e-33d1c5d0b7f4")


def default_folder() -> Path:
    """Returns the folder of this user's caches, such as `~/.cache/bw_magics`."""
    home = os.environ.get("HOME", "")
    if sys.platform == "linux" and home.startswith("/") and not os.environ.keys() & _ELSEWHERE:
        return Path(home, ".cache", "bw_magics")
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
            file = CacheFile.open(self.path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, CryptographyError):
            self._set_aside()
            return None
        file.close()
        return file.header

    def open(self, user_key: EitherUserKey) -> tuple[Snapshot, Header] | None:
        """Opens the vault in the file; returns it with its header. Reads no item yet.

        Returns None, and sets the file aside, where it is not whole, or made for another account,
        server or key. Sets it aside later where a page turns out to be damaged.
        """
        from bw_magics.session.storage.kept_vault import KeptVault

        try:
            file = CacheFile.open(self.path)
            kept = KeptVault(file, self._account, user_key, on_damage=self._set_file_aside)
            return kept.snapshot(), file.header
        except FileNotFoundError:
            return None
        except (OSError, ValueError, AnswerUnusable, CryptographyError):
            self._set_aside()
            return None

    def store(self, contents: Contents, unlock: MasterPasswordUnlock) -> bool:
        """Writes the vault to the file, all at once; tells whether it did.

        Skips a vault without a revision, one that the file holds with the same wrapped key, and one
        that is older than the file's.
        """
        snapshot = contents.snapshot
        is_renewal = _needs_catalogue(snapshot)
        if snapshot.revision is None or (snapshot.kept is not None and not is_renewal):
            return False
        present = self.header()
        if present is not None and present.revision >= snapshot.revision:
            is_same = present.unlock.wrapped_user_key == unlock.wrapped_user_key
            if (is_same and not is_renewal) or present.revision > snapshot.revision:
                return False
        import tempfile

        self.problem = None
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(prefix=".", dir=self.path.parent)  # 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    self._write(file, contents, unlock)
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

    def _set_file_aside(self, file: CacheFile) -> None:
        if file.is_at(self.path):
            self._set_aside()

    def _write(self, file: BinaryIO, contents: Contents, unlock: MasterPasswordUnlock) -> None:
        from bw_magics.session.storage.kept_vault import encoded_pages

        salt = os.urandom(SALT)
        header = json.dumps(
            {
                "revision": contents.snapshot.revision,
                "kdf": _costs(unlock),
                "salt": unlock.salt,
                "masterKeyEncryptedUserKey": str(unlock.wrapped_user_key),
                "keySalt": binascii.b2a_base64(salt, newline=False).decode(),
            }
        ).encode()
        records, rest = contents.snapshot.records, contents.snapshot.rest
        catalogue = contents.catalogue.kept(records).encoded()
        # The table comes before the pages and binds them: their sizes are counted first.
        sizes = [(len(page) + OVERHEAD, count) for page, count in encoded_pages(records)]
        table = Table(
            len(rest) + OVERHEAD,
            len(catalogue) + OVERHEAD,
            [size for size, _ in sizes],
            [count for _, count in sizes],
        )
        bound = bound_to(self._account, header, table.encoded)
        key, names = (
            CacheKey(contents.keys.user_key, kind=kind, salt=salt, bound=bound)
            for kind in (RECORDS, CATALOGUE)
        )
        file.write(clear_part(header, table))
        file.write(key.seal(REST, rest))
        file.write(names.seal(0, catalogue))
        for number, (page, _) in enumerate(encoded_pages(records)):
            file.write(key.seal(REST + 1 + number, page))


def _needs_catalogue(snapshot: Snapshot) -> bool:
    """Tells whether the vault comes from a file whose catalogue could not be used here."""
    kept = snapshot.kept
    return kept is not None and kept.lacks_catalogue and not kept.is_damaged


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
