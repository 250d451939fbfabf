"""`MachineReference`: a text that names a secret of the Secrets Manager and is safe to save.

bws://PROJECT/KEY          bws://KEY          bws:///KEY
"""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.errors import UsageMistake
from bw_magics.vault.escapes import as_own, escaped, is_foreign, unescaped
from bw_magics.vault.names import normal
from bw_magics.vault.reference import MACHINE_SCHEME


@dataclass(frozen=True, slots=True)
class MachineReference:
    """Where a secret is: its key or id, and the name or id of its project.

    `project` None means any project, an empty one means none at all (`bws:///KEY`). Names are in
    NFC. `str()` writes it and `MachineReference.parse` reads it; they are inverse.
    """

    key: str
    project: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", normal(self.key))
        if self.project is not None:
            object.__setattr__(self, "project", normal(self.project))
        if not self.key:
            raise _malformed()

    @classmethod
    def parse(cls, text: str) -> MachineReference:
        """Reads a reference; needs no login. Raises `UsageMistake`, which does not repeat it.

        The last part is the key, the rest the project, slashes and all. In a key, `%2F` is a
        slash; an invalid escape is literal.
        """
        text = text.strip() if isinstance(text, str) else ""
        parts = text[len(MACHINE_SCHEME) :]
        if text[: len(MACHINE_SCHEME)].lower() != MACHINE_SCHEME or is_foreign(parts):
            raise _malformed()
        project, slash, key = parts.rpartition("/")
        return cls(unescaped(key), unescaped(project) if slash else None)

    @staticmethod
    def project_in(text: str) -> str | None:
        """Returns the name of the project in `bws://PROJECT`; None for any other text."""
        if text[: len(MACHINE_SCHEME)].lower() != MACHINE_SCHEME:
            return None
        return unescaped(text[len(MACHINE_SCHEME) :].rstrip("/"))

    def __str__(self) -> str:
        if self.project is None:
            return f"{MACHINE_SCHEME}{escaped(self.key)}"
        project = "/".join(escaped(part) for part in self.project.split("/"))
        return MACHINE_SCHEME + as_own(f"{project}/{escaped(self.key)}")


def _malformed() -> UsageMistake:
    return UsageMistake(
        "Not a valid reference to the Secrets Manager.",
        "A reference is bws://PROJECT/KEY, or bws://KEY; a slash in a key is %2F.",
    )
