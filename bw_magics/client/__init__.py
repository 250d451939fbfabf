"""The HTTP side: transport, login with the personal API key, the vault API.

Nothing here imports httpx, ssl or truststore before the first request.
"""

from bw_magics.client.identity import ApiKey, Login, log_in
from bw_magics.client.transport import Transport
from bw_magics.client.vault_api import Bearer, VaultApi

__all__ = ["ApiKey", "Bearer", "Login", "Transport", "VaultApi", "log_in"]
