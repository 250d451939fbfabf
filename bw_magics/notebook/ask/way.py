"""`Way`: what the ways in share, into the vault and into the Secrets Manager."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.notebook.ask.demo import Demo
from bw_magics.notebook.ask.prompt import Prompt
from bw_magics.notebook.ask.sources import Sources
from bw_magics.notebook.show.messages import Messages
from bw_magics.session.vault import Vault


@dataclass(frozen=True, slots=True)
class Way:
    """A way in, with credentials from the sources and from a person.

    `wait` is how long to wait and retry while the server is rate-limiting, in seconds.
    """

    vault: Vault
    prompt: Prompt
    sources: Sources
    demo: Demo
    messages: Messages
    wait: float = 0.0
