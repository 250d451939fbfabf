"""The access token of the process environment, and the server that the environment names."""

from __future__ import annotations

from bw_magics.errors import CredentialsMissing
from bw_magics.session.accounts.source import environment
from bw_magics.session.accounts.token_credentials import TokenCredentials, of_source
from bw_magics.settings import ACCESS_TOKEN, WHERE_ACCESS_TOKENS_ARE


def environment_token() -> TokenCredentials:
    """Reads the environment. Raises `CredentialsMissing` where it has no access token."""
    found = of_source(environment())
    if found is None:
        raise CredentialsMissing(
            f"{ACCESS_TOKEN} is not set, and no access token was passed.",
            f"Set it in the environment; it is {WHERE_ACCESS_TOKENS_ARE}.",
        )
    return found
