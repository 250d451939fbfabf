"""Names of settings, and whether such a name means a secret."""

from __future__ import annotations

from functools import lru_cache

from bw_magics.lean_regex import regex
from bw_magics.secrecy.languages import ALONE, ENDS, KEYS, OPENED, PHRASES, SECRETS, folded

_SECRETS = """
    accesskey apikey apikeys auth authkey authorization basicauth bearer cookie cookies credential
    credentials creds dbpass dbpw jwt keypass mnemonic otp pass passcode passcodes passe
    passphrase passphrases passwd password passwords pat pepper pin psk puk pw pwd salt secret
    secrets sig signature sk ssn storepass token tokens totp userpass
"""
# A key is public, and a secret only a name, after one of these words.
_PUBLIC = "existing known pub public pull"
# A key is secret after one of these words.
_KINDS_OF_KEY = """
    access account admin anthropic api app appinsights application auth authenticator client
    cohere consumer cosmos crypt crypto decryption deepl deploy emergency encryption fernet
    functions gemini groq hmac huggingface integration jwt kaggle langchain langsmith license
    locker luks mailgun maps master mistral openai openweather pinecone pre preshared private
    product rapidapi recovery resend root secret sendgrid serpapi service servicebus session
    shared signing speech ssh storage stripe subscription tavily tsig twilio vault vpn wandb
    webhook wifi wlan wpa write
"""
# So are these.
_BEFORE = {
    "phrase": ["pass", "recovery", "secret", "seed"],
    "code": [
        *("access", "alarm", "backup", "door", "entry", "gate", "keypad", "lock", "recovery"),
        *("safe", "scratch", "security"),
    ],
    "answer": ["security"],
    "combination": ["lock", "safe"],
    "community": ["snmp"],
    "seed": ["authenticator", "fa", "mfa", "otp", "recovery", "totp", "wallet"],
    "string": ["community"],
    "words": ["recovery", "seed"],
}
_PLAIN = """
    account address age alg algorithm arn asin audience author backend barcode bssid channel
    checksum cipher city class cmd color column command comment commit complexity count created
    database date day days db description dialect digest dir directory domain driver duration ean
    email enabled encoding endpoint engine env environment etag expiration expires expiry field
    file filename fingerprint folder format group hasher header helper hint history host hostname
    hours id ids imei isbn iss issuer kind label language len length level limit locale location
    login mail manager mapping max md mech mechanism method min minutes mode name names number
    organization owner param path pattern period phone policy port prefix price project provider
    public rate realm ref reference regex region release required revision role rotated rotation
    rounds rules schema scheme scope scopes seconds serial server sha size sku source stage status
    store suffix symbol table target through timeout title tracking ttl type udid upc updated uri
    url user userid username users version zone
"""
# After these words of language models and limits, tokens are a number.
_COUNTED = "completion context count input max min num output prompt total"
_MEANINGS: dict[str, bool] = {
    **dict.fromkeys(_PLAIN.split(), False),
    **dict.fromkeys((*_SECRETS.split(), *SECRETS), True),
}
# What has no mark between its words: PGPASSWORD, accesstoken.
_ENDS = ("password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "pwd", *ENDS)
_WORD = regex(r"[^\W\d_]+")
_IN_CAMEL_CASE = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of_name(name: str) -> tuple[str, ...]:
    """Returns the words of a name, in lower case and without digits and accents: `dbPassword2`,
    `DB_PASSWORD` and `db-password` have the same.
    """
    found: list[str] = []
    for word in _WORD.findall(name if name.isascii() else folded(name)):
        found += _IN_CAMEL_CASE.findall(word) if word.isascii() else [word]
    return tuple(map(str.casefold, found))


@lru_cache(1024)
def is_secret_name(name: str) -> bool | None:
    """Returns whether a setting with this name is a secret; None where the name does not tell.

    The last word that tells decides: `DB_USER_PASSWORD` is secret, `PASSWORD_MIN_LENGTH` is not.
    """
    words = words_of_name(name)
    if len(words) == 1 and words[0] in ALONE:
        return True
    meaning: bool | None = None
    for at, (before, word) in enumerate(zip(["", *words], words, strict=False)):
        if before in _PUBLIC.split() and (word in ("key", "keys") or _MEANINGS.get(word)):
            meaning = False
        elif word in ("key", "keys"):
            meaning = before in _KINDS_OF_KEY.split() or None
        elif word == "info" and words[max(0, at - 2) : at] == ("auth", "user"):
            meaning = True  # of Kafka's schema registry
        elif before in _BEFORE.get(word, ()) or _ends_foreign_name(words[: at + 1]):
            meaning = True
        elif word in _MEANINGS:
            meaning = _MEANINGS[word] and before not in _COUNTED.split()
        elif word.endswith(_ENDS):
            meaning = True
    return meaning


def _ends_foreign_name(words: tuple[str, ...]) -> bool:
    """Returns whether the last words mean a secret together: `mot de passe`, `clé d'API`."""
    if words[-2:] in PHRASES or words[-3:] in PHRASES:
        return True
    before, word = words[-3:-1], words[-1]
    return (word in KEYS and not OPENED.isdisjoint(before[-1:])) or (
        word in OPENED and not KEYS.isdisjoint(before)
    )
