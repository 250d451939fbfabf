"""Every error of this package: one sentence of fact, one of remedy, and never a secret.

The tree is ordered by what the caller can do about it::

    BitwardenError
    ├── UsageMistake (ValueError)      change the line or the call
    │   ├── SecretTyped                 a secret was written where it would be kept
    │   ├── GuardStaysOn                only a person turns the output guard off
    │   └── NotOffered                  `bw` has it, this package does not (yet)
    ├── NotPickled (PicklingError)     fetch the secret again where it is needed
    ├── ExtraMissing (ImportError)     install the library that the remedy names
    ├── CredentialsError               give other credentials, or give them elsewhere
    │   ├── CredentialsMissing          no source has them, and no person can be asked
    │   ├── CredentialsConflict         two sources would be mixed
    │   ├── UnsafeFile                  a file that others own or may write
    │   ├── ClientIdInvalid             not the id of a personal API key
    │   │   └── OrganizationApiKey      the other kind of API key
    │   ├── AccessTokenInvalid          not an access token of the Secrets Manager
    │   ├── AccessTokenRefused          the server does not accept the access token
    │   ├── ApiKeyRefused               the server does not accept the API key
    │   │   ├── ApiKeyRotated           it did before
    │   │   └── AccountGone             it did before, and has no such account now
    │   ├── WrongMasterPassword
    │   ├── CodeRefused                 the code from an e-mail is not the right one
    │   ├── NoKeyring                   the operating system has none that can be used
    │   └── PromptCancelled             the person did not answer
    ├── StateError                     bring the vault into another state first
    │   ├── NotLoggedIn
    │   ├── VaultLocked
    │   ├── AlreadyLoggedIn
    │   ├── NoWayToUnlock               the account has no master password
    │   └── KeyConnectorUnconfirmed     a person has to agree to the place of the key
    ├── ServerError                    look at the network or the server, or wait
    │   ├── ServerUnreachable           refused, unknown host, time-out
    │   ├── CertificateRefused          TLS could not be verified
    │   ├── InsecureServer              plain http
    │   ├── Redirected                  the server points somewhere else
    │   ├── AnswerUnusable              not JSON, cut off, too large, wrong shape
    │   ├── NoSecretsManager            the server has none, or not for this organisation
    │   ├── RateLimited                 429, with the wait if it was given
    │   └── RequestRefused              any other refusal, with its status
    ├── CryptographyError              the data or its parameters are not acceptable
    │   ├── KdfRefused                  key derivation too weak or too costly
    │   ├── EncStringMalformed
    │   ├── CoseMalformed               the same of account encryption V2's binary messages
    │   ├── EncryptionUnsupported       a type that is refused or not known
    │   ├── AuthenticationFailed        wrong key, or the data was changed
    │   └── SecurityStateRefused        the account's signed state is not valid, or was lowered
    ├── LookupFailed                   ask for something else
    │   ├── NotFound (KeyError)         no such item, with the closest names
    │   │   └── ProjectNotFound         no such project of the Secrets Manager
    │   ├── FieldNotFound (KeyError)    the item has no such member or field
    │   ├── Ambiguous                   several items, as data
    │   └── NeedsUnmet                  a project needs secrets that are not available
    ├── WriteRefused                   nothing was sent: change what is to be written
    │   ├── MaskRefused (ValueError)    a value is the mask of a secret
    │   ├── TooLong (ValueError)        a value is longer than the server takes
    │   ├── NotWritable                 the item, folder or collection cannot be changed here
    │   └── RotationOpen                a rotation of the item began and did not end
    ├── DatabaseRefused                look at the role in the database
    ├── WriteConflict                  somebody else changed the same members meanwhile
    ├── WriteUnclear                   the answer was lost: it may have been written
    ├── JournalProblem                 look at the journal's file, or name another
    └── Unreadable                     this one value cannot be read; others can
        ├── HiddenByOrganization        `viewPassword` is false
        ├── PassphraseRequired      an SSH key is encrypted, or its passphrase is wrong
        └── RepromptRequired            the item asks for the master password again
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bw_magics.base_error import Advice
from bw_magics.base_error import BitwardenError as BitwardenError

if TYPE_CHECKING:
    from datetime import timedelta

    from bw_magics.not_pickled import NotPickled as NotPickled
    from bw_magics.write_errors import DatabaseRefused as DatabaseRefused
    from bw_magics.write_errors import MaskRefused as MaskRefused
    from bw_magics.write_errors import NotWritable as NotWritable
    from bw_magics.write_errors import RotationOpen as RotationOpen
    from bw_magics.write_errors import TooLong as TooLong
    from bw_magics.write_errors import WriteConflict as WriteConflict
    from bw_magics.write_errors import WriteRefused as WriteRefused
    from bw_magics.write_errors import WriteUnclear as WriteUnclear


# Imported when they are used: most programs neither pickle nor write.
_WRITING = "WriteRefused MaskRefused TooLong NotWritable RotationOpen DatabaseRefused"
_WRITING += " WriteConflict WriteUnclear"
_HOMES = dict.fromkeys(_WRITING.split(), "write_errors") | {"NotPickled": "not_pickled"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"bw_magics.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]


class UsageMistake(BitwardenError, ValueError):
    """The line or the call has to change; the error does not repeat the typed text."""


class SecretTyped(UsageMistake):
    """A secret was written where it is saved: in a cell, in a history."""


class GuardStaysOn(UsageMistake):
    """The output guard is not turned off without a person's yes."""


class NotOffered(UsageMistake):
    """The official CLI has this command, object or option, and this package does not."""


class ExtraMissing(BitwardenError, ImportError):
    """A library is not installed; `remedy` is the line that installs it."""


class CredentialsError(BitwardenError):
    """Other credentials are needed, or the same from elsewhere."""


class CredentialsMissing(CredentialsError):
    """No source has the credentials, and no person can be asked."""


class CredentialsConflict(CredentialsError):
    """Credentials from one source would be combined with a server from another."""


class UnsafeFile(CredentialsError):
    """A file that names credentials or a server can be changed by somebody else."""


class ClientIdInvalid(CredentialsError):
    """The `client_id` is not that of a personal API key."""


class OrganizationApiKey(ClientIdInvalid):
    """The `client_id` belongs to an organisation's API key, which cannot read a vault."""


class AccessTokenInvalid(CredentialsError):
    """The text is not an access token of the Secrets Manager."""


class AccessTokenRefused(CredentialsError):
    """The server refused the access token: it is revoked, expired, or another server's."""


class ApiKeyRefused(CredentialsError):
    """The server refused the API key.

    `half` is the one that the server names: `client_id` where it has no such account,
    `client_secret` where that is another; empty where it does not say, as official servers do.
    """

    def __init__(self, fact: str, remedy: Advice = "", *, half: str = "") -> None:
        super().__init__(fact, remedy)
        self.half = half


class ApiKeyRotated(ApiKeyRefused):
    """The server refused an API key that it accepted earlier in this session."""


class AccountGone(ApiKeyRefused):
    """The server no longer has the account that was logged in."""


class WrongMasterPassword(CredentialsError):
    """The master password does not open this account's user key."""


class CodeRefused(CredentialsError):
    """The server does not accept the code that it sent by e-mail."""


class NoKeyring(CredentialsError):
    """No keyring that could store an API key is available."""


class PromptCancelled(CredentialsError):
    """The person who was asked did not answer."""


class StateError(BitwardenError):
    """The vault is not in the state this needs."""


class NotLoggedIn(StateError):
    """Nobody is logged in; the first command is `%bw_login`."""


class VaultLocked(StateError):
    """The account is logged in, but its keys are not in memory."""


class AlreadyLoggedIn(StateError):
    """Another account is in use; log out first."""


class NoWayToUnlock(StateError):
    """The account has no master password that could open it."""


class KeyConnectorUnconfirmed(StateError):
    """The account's key is kept by a Key Connector, and nobody has agreed to hand it the access
    token; `organization` and `url` say whose and where it is.
    """

    def __init__(
        self, fact: str, remedy: Advice = "", *, organization: str = "", url: str = ""
    ) -> None:
        super().__init__(fact, remedy)
        self.organization = organization
        self.url = url


class ServerError(BitwardenError):
    """The server or the way to it is at fault.

    `was_sent` tells whether the request may have arrived although no answer came back, `is_late`
    whether the server may still be at it.
    """

    was_sent = False
    is_late = False


class ServerUnreachable(ServerError):
    """No answer: refused, unknown host, time-out, cut connection."""


class CertificateRefused(ServerError):
    """The server's TLS certificate could not be verified."""


class InsecureServer(ServerError):
    """The address is plain http and not on this machine."""


class Redirected(ServerError):
    """The server answered with a redirect; credentials do not follow it."""


class AnswerUnusable(ServerError):
    """The answer is not what a Bitwarden server sends."""


class NoSecretsManager(ServerError):
    """The server has no Secrets Manager, or the organisation no longer has it."""


class RateLimited(ServerError):
    """The server asks to wait.

    `wait` is how long, or None where the server did not say.
    """

    def __init__(self, fact: str, remedy: Advice = "", *, wait: timedelta | None = None) -> None:
        super().__init__(fact, remedy)
        self.wait = wait


class RequestRefused(ServerError):
    """The server refused the request; `status` is the HTTP status.

    `is_explained` tells whether the server gave a reason that is known.
    """

    def __init__(
        self, fact: str, remedy: Advice = "", *, status: int = 0, is_explained: bool = False
    ) -> None:
        super().__init__(fact, remedy)
        self.status = status
        self.is_explained = is_explained


class CryptographyError(BitwardenError):
    """Encrypted data or its parameters are not acceptable."""


class KdfRefused(CryptographyError):
    """The key derivation is too weak or too costly (docs/protocol.md, Key derivation)."""


class EncStringMalformed(CryptographyError):
    """The text is not an EncString (docs/protocol.md, EncStrings)."""


class CoseMalformed(CryptographyError):
    """The bytes are not the expected COSE message or key (docs/protocol.md, Encryption V2)."""


class EncryptionUnsupported(CryptographyError):
    """An encryption type that is refused here or not known."""


class AuthenticationFailed(CryptographyError):
    """The integrity check failed: wrong key or modified data."""


class SecurityStateRefused(CryptographyError):
    """The signed state is not valid, or older than one seen (docs/protocol.md, Encryption V2)."""


class LookupFailed(BitwardenError):
    """Nothing has the name that was asked for, or several things have it."""


class NotFound(LookupFailed, KeyError):
    """No item has that name or id; `closest` holds the nearest names.

    `for_line` is the same error without the name, for a magic: what resembles nothing in the vault
    can be a password that somebody typed.
    """

    def __init__(
        self,
        fact: str,
        remedy: Advice = "",
        *,
        closest: Sequence[str] = (),
        for_line: NotFound | None = None,
    ) -> None:
        super().__init__(fact, remedy)
        self.closest = tuple(closest)
        self.for_line = for_line


class ProjectNotFound(NotFound):
    """A project of the Secrets Manager that does not exist, or that the machine account may not
    read; also where it may read none.
    """


class FieldNotFound(LookupFailed, KeyError):
    """The item has no such member or custom field; `closest` holds the likely names."""

    def __init__(self, fact: str, remedy: Advice = "", *, closest: Sequence[str] = ()) -> None:
        super().__init__(fact, remedy)
        self.closest = tuple(closest)


class Ambiguous(LookupFailed):
    """Several items fit; `candidates` holds them, as `Item` objects."""

    def __init__(
        self, fact: str, remedy: Advice = "", *, candidates: Sequence[object] = ()
    ) -> None:
        super().__init__(fact, remedy)
        self.candidates = tuple(candidates)


class NeedsUnmet(LookupFailed):
    """A project needs secrets that are not available; `names` are theirs."""

    names: tuple[str, ...] = ()


class JournalProblem(BitwardenError):
    """The file of the journal cannot be written or read, or its lines were changed."""


class Unreadable(BitwardenError):
    """The value cannot be decrypted, or its kind is unknown; other values can be read."""


class HiddenByOrganization(Unreadable):
    """The organisation lets its member use this item without seeing its secrets."""


class PassphraseRequired(Unreadable):
    """A private SSH key is encrypted with a passphrase that is missing or wrong."""


class RepromptRequired(Unreadable):
    """The item asks for the master password again before it shows a secret.

    `item_id` is the item to confirm.
    """

    def __init__(self, fact: str, remedy: Advice = "", *, item_id: str = "") -> None:
        super().__init__(fact, remedy)
        self.item_id = item_id
