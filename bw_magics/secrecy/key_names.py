"""Names of settings, and whether such a name means a secret."""

from __future__ import annotations

from functools import lru_cache

from bw_magics.lean_regex import regex
from bw_magics.secrecy.languages import ALONE, ENDS, KEYS, OPENED, PHRASES, SECRETS, folded

_SECRETS = """
    accesskey apikey apikeys auth authkey authorization basicauth bearer cookie cookies credential
    credentials creds hmac jwt mnemonic otp pass passcode passcodes passe passphrase passphrases
    passw passwd password passwords pat pepper pin psk psw pswd puk pw pwd salt secret secrets sig
    signature sk ssn token tokens totp
"""
# A key is public, and a secret only a name, after one of these words.
_PUBLIC = "existing known pub public pull"
# And only a key is, after one of these.
_PUBLIC_KEYS = "host publishable site"
# A key is secret after one of these words.
_KINDS_OF_KEY = """
    access account activation admin aes alchemy algolia alphavantage amplitude anthropic api app
    appinsights application auth authenticator azure bing client cloudflare cohere coingecko
    consumer cosmos crypt crypto datadog decryption deepgram deepl deepseek deploy dropbox
    elevenlabs emergency encryption entry etherscan fernet finnhub firecrawl fireworks fred
    functions gemini giphy google groq hcloud hmac hubspot huggingface infura ingest installation
    integration ipinfo jina jwt kaggle keystore langchain langfuse langsmith license locker luks
    mailchimp mailgun mapbox maps master meili mistral nacl newrelic newsapi notion openai opencage
    openrouter openweather perplexity pexels pinecone posthog postmark pre preshared private
    product rapidapi recovery replicate resend role root rsa secret sendgrid serpapi serper service
    servicebus session setup sha shared shodan signing speech ssh storage stripe subscription
    supabase tavily tmdb tomtom tsig twilio typesense unseal unsplash vault virustotal voyage vpn
    wandb weather weatherapi webhook wifi wlan wpa write writekey xai youtube
"""
# So are these.
_BEFORE = {
    "phrase": ["pass", "recovery", "secret", "seed"],
    "code": [
        *("access", "activation", "alarm", "backup", "door", "emergency", "entry", "garage"),
        *("gate", "keypad", "lock", "recovery", "rescue", "safe", "scratch", "security"),
    ],
    "answer": ["security"],
    "combination": ["lock", "locker", "padlock", "safe", "vault"],
    "community": ["snmp"],
    "material": ["key", "keying"],
    "sas": ["account", "azure", "blob", "container", "storage"],
    "seed": ["authenticator", "fa", "mfa", "otp", "recovery", "totp", "wallet"],
    "string": ["community"],
    "word": ["memorable", "pass", "safe", "security"],
    "words": ["recovery", "seed"],
}
_PLAIN = """
    account address age alg algorithm arn asin audience author backend barcode bssid channel
    checksum cipher city class cmd color column command comment commit complexity count created
    database date day days db description dialect digest dir directory domain driver duration ean
    email enabled encoding endpoint engine env environment etag expiration expires expiry field
    file filename fingerprint folder format group hasher header helper hint history host hostname
    hours id ids imei isbn iss issuer kind label language len length level lifetime limit locale
    location login mail manager mapping max md mech mechanism method min minutes mode name names
    number organization owner param path pattern period phone policy port prefix price project
    provider public rate realm ref reference regex region release required revision role rotated
    rotation rounds rules samesite schema scheme scope scopes seconds serial server sha size sku
    source stage status store subject suffix symbol table tag target through timeout title tracking
    ttl type udid upc updated uri url user userid username users verification version zone
"""
# After these words of language models and limits, tokens are a number, or words of a model.
_COUNTED = "bos cls count eos mask max min num pad sep special stop unk"
_COUNTED_TOKENS = f"{_COUNTED} completion context input output prompt total"
_MEANINGS: dict[str, bool] = {
    **dict.fromkeys(_PLAIN.split(), False),
    **dict.fromkeys((*_SECRETS.split(), *SECRETS), True),
}
# What has no mark between its words: PGPASSWORD, accesstoken.
_ENDS = (
    *("password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "writekey"),
    *("pwd", "pw", *ENDS),
)
# `rootpass`, but not these.
_ORDINARY = """
    allpass askpass bandpass bypass compass encompass gopass highpass keepass lowpass multipass
    overpass sshpass surpass trespass underpass
"""
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
            is_public = before in _PUBLIC_KEYS.split()
            meaning = False if is_public else before in _KINDS_OF_KEY.split() or None
        elif word == "info" and words[max(0, at - 2) : at] == ("auth", "user"):
            meaning = True  # of Kafka's schema registry
        elif before in _BEFORE.get(word, ()) or _ends_foreign_name(words[: at + 1]):
            meaning = True
        elif word in ("token", "tokens"):
            counted = _COUNTED if word == "token" else _COUNTED_TOKENS
            meaning = before not in counted.split()
        elif word in _MEANINGS:
            meaning = _MEANINGS[word]
        elif word.endswith(_ENDS) or (word.endswith("pass") and word not in _ORDINARY.split()):
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
