"""Content types: the kinds of contents that a COSE message names."""

from __future__ import annotations

ContentType = int | str

OCTETS: ContentType = 42
COSE_KEY: ContentType = 101
PKCS8: ContentType = 284
PADDED_TEXT: ContentType = "application/x.bitwarden.utf8-padded"
PADDED_CBOR: ContentType = "application/x.bitwarden.cbor-padded"
LEGACY_KEY: ContentType = "application/x.bitwarden.legacy-key"
