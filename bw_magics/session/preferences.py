"""`Preferences`: the settings that a vault's user can change at any time."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from bw_magics.settings import ServerSettings

# The kept vault is opened before the server is asked.
FIRST: Literal["first"] = "first"

Cache: TypeAlias = "bool | Path | Literal['first']"


class Preferences(Protocol):
    """The settings of a vault.

    - `sync_interval` is the age of the vault, in seconds, from which on a read asks the server
      for news in the background; 0 switches that off.
    - `lock_timeout` is the idle time, in seconds, after which the vault locks itself; 0 is never.
    - `attachment_limit` is the largest attachment that is downloaded, in bytes, encrypted; 0
      means unlimited.
    - `cache` keeps the downloaded vault, encrypted, in a file for each account: in that folder,
      or with True in the user's cache folder. The next session then only asks the server for
      changes, and can read without a server. With `FIRST` it opens the file at once and asks in
      the background; the vault locks itself where the server refuses the login or the account
      was changed. Anyone who gets the file can try master passwords on it, and read it with the
      right one although the account was revoked.
    - `default_server` leads to the server of a login that names none; without a setting it is
      `us`.
    """

    sync_interval: float
    lock_timeout: float
    attachment_limit: int
    cache: Cache
    profile_name: str
    default_server: ServerSettings
