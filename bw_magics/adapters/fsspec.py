"""fsspec: `storage_options` for pandas, Dask, s3fs and gcsfs, and a default for a `with` block."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bw_magics.adapters.extra import importing
from bw_magics.secret import Secret

_KEY = secrets.token_bytes(32)


def s3_options(parts: Mapping[str, str]) -> dict[str, Any]:
    """Makes the options of s3fs."""
    names = {"key": "key", "secret": "secret", "token": "token", "endpoint": "endpoint_url"}
    options: dict[str, Any] = {
        names[part]: _told_apart(value) for part, value in parts.items() if part in names
    }
    if "region" in parts:
        options["client_kwargs"] = {"region_name": parts["region"]}
    return options


def google_options(account: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the options of gcsfs from the key file of a service account."""
    return {"token": {name: _told_apart(value) for name, value in account.items()}}


@contextmanager
def default_storage(protocol: str, options: Mapping[str, Any]) -> Iterator[None]:
    """Makes the options the default of a protocol until the block ends.

    At its end fsspec forgets the file systems of that kind that it keeps for later use.
    """
    with importing("fsspec", extra="fsspec", what="fsspec", oldest="2024.2"):
        import fsspec

    defaults = fsspec.config.conf
    before = defaults.get(protocol)
    defaults[protocol] = {**(before or {}), **options}
    try:
        yield
    finally:
        if before is None:
            defaults.pop(protocol, None)
        else:
            defaults[protocol] = before
        fsspec.get_filesystem_class(protocol).clear_instance_cache()


def _told_apart(value: object) -> object:
    """Gives the secret a label of its own. fsspec keeps file systems by the repr of their options:
    two secrets of one item, before and after a change, would share one.
    """
    if not isinstance(value, Secret):
        return value
    mark = hashlib.blake2s(value.encode(), key=_KEY, digest_size=4).hexdigest()
    return Secret(value, f"{value.label} #{mark}")
