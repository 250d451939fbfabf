"""Polars: options for S3, with the secrets in a provider that is not stored with a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bw_magics.secret import Unpicklable


class Credentials(Unpicklable):
    """A `credential_provider`: Polars asks it when it reads, and cannot serialize it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __repr__(self) -> str:
        return f"<Credentials: {', '.join(self._values)}>"

    def __call__(self) -> tuple[dict[str, str], None]:
        """Returns the values, which do not expire."""
        return {name: str(value) for name, value in self._values.items()}, None


def s3_options(parts: Mapping[str, str]) -> dict[str, Any]:
    """Makes the arguments of `polars.scan_csv` and the like."""
    secrets = {"key": "access_key_id", "secret": "secret_access_key", "token": "session_token"}
    plain = {"endpoint": "aws_endpoint_url", "region": "aws_region"}
    options = {plain[part]: value for part, value in parts.items() if part in plain}
    if parts.get("endpoint", "").startswith("http://"):
        options["aws_allow_http"] = "true"
    values = {f"aws_{secrets[part]}": value for part, value in parts.items() if part in secrets}
    return {"storage_options": options, "credential_provider": Credentials(values)}
