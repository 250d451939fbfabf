"""`Preferences`: what a vault's user may set at any time."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Preferences(Protocol):
    """The settings of a vault, as `Vault` describes them."""

    sync_interval: float
    lock_timeout: float
    attachment_limit: int
    cache: bool | Path
    profile_name: str
