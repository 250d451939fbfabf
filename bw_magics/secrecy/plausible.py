"""Whether a value that has a secret's name can be a secret, and not what stands for one."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import is_irregular
from bw_magics.secrecy.ordinary import SHORTEST, is_ordinary

_PLACEHOLDER = regex(
    r"""\$\{[^{}]*\}|\$[A-Z_][A-Z0-9_]{2,}|\$\w*(?:pass|pwd|token|secret|key)\w*|\$\(.*\)
    |\$?\{\{.*\}\}
    |%\(?[A-Za-z_]+\)?s?%? | <[^<>]*> | \[[^\[\]]*\] | \*+ | •+ | [xX]+ | \.+ | … | \|[+-]? | >[+-]?
    |bws?://.* | [A-Za-z_]+(?:\.[A-Za-z_]+)*\(.* | [A-Za-z_]\w*(?:\.\w+)+\(.* | [A-Za-z_][\w.]*\[.*
    |(?:self|os|settings|config|cfg|env|args|secrets|var|local|data|module|st|process)(?:\.\w+)+
    |(?:random_password|(?:aws|azurerm|google|kubernetes|vault)_\w+)(?:\.\w+)+
    |!(?:Ref|Sub|GetAtt|ImportValue|Join|vault|secret|reference)\b.* | \([a-z ]*\) | \(\w+=
    |(?:op|ssm|sm|vault|akv|aws-?sm|gcp-?sm|keyring|keychain|secretsmanager|doppler|infisical):/{0,3}
     [\w{].*
    |(?:projects|secret|secrets|kv)(?:/[\w.-]+){2,}
    |(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]+)+ | (?:[A-Z][A-Z0-9]*_)+[A-Z0-9]+""",
    re.VERBOSE,
)
# What stands for a value between quotes or in JSON, where nothing is left to guess.
_QUOTED_PLACEHOLDER = regex(
    r"\$\{[^{}]*\}|\$\(.*\)|\$?\{\{.*\}\}|<[^<>]*>|\*+|•+|[xX]+|\.+|…|bws?://.*"
    r"|(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]+)+"
)

# Public: it names a key of Amazon's, whose secret is another text; also with a day and a region.
_KEY_ID = regex(r"(?:AKIA|ASIA)[A-Z0-9]{16}(?:/[\w/-]*)?")
# Where the value is, in place of the value: `Password: same as for the VPN`.
_ELSEWHERE = regex(
    r"""(?:see|siehe)\s(?:the|in|our|page|note|wiki|vault|file|e-?mail|mail|ticket|letter|above|below
     |oben|unten|\w*(?:password|pass|warden)\b|https?:)\b.* | (?:the\s)?same\s(?:as|like)\b.*
    |(?:ask|frag)\s\w+ | your\s(?:\w+\s){0,3}(?:pass(?:word|code)|pin|login|account)
    |(?:is\s)?(?:kept|saved|stored|written)\s(?:at|by|in|on|with)\b.*
    |wie\s(?:bei|beim|f[üu]r|immer)\b.*
    |(?:in|im)\s(?:(?:the|our|dem|der)\s)?(?:1password|bitwarden|keepass\w*|keychain|safe|tresor|vault
     |wiki)\b.*""",
    re.VERBOSE | re.IGNORECASE,
)

# How something logs in, and whether a secret is needed: `AUTH=kerberos`, `secrets: inherit`.
_SETTINGS = frozenset(
    """
    active-directory always anonymous apikey asked automatic aws-iam aws4-hmac-sha256 azure-ad
    basic bearer caching_sha2_password cert certificate certificates certs cleartext client-cert
    cram-md5 default digest disabled disallowed dynamic enabled encrypted environment external
    federated file form forms forwarded generate generated github google gssapi hmac iam ident
    implicit inherit inherited integrated interactive internal kerberos keychain keyring keytab
    kubernetes ldap ldaps local login managed managed-identity manual md5 mtls mutual
    mysql_native_password needed negotiate never nobody ntlm oauth oauth1 oauth2 oauthbearer oidc
    openid openid-connect openidconnect optional pam passkey passthrough passwordless peer plain
    prompt prompted public-key publickey radius random reject required rotated saml saml2 scram
    scram-sha-1 scram-sha-256 scram-sha-512 service-account session sha256_password sigv4 simple
    spnego sspi stdin supplied system tls token tokens trust trusted unchanged unset unused vault
    webauthn windows workload-identity x509 xoauth2
    """.split()  # noqa: SIM905 (a list of words)
)


def may_be_secret(value: str, *, is_quoted: bool = False) -> bool:
    """Tells whether a value with a secret's name is one, not a placeholder or a remark.

    `is_quoted` tells that the value is a text of its own, in JSON or between quotes: then it is
    neither code nor a remark.
    """
    if len(value) < SHORTEST or is_ordinary(value) or value.casefold() in _SETTINGS:
        return False
    if _KEY_ID.fullmatch(value):
        return False
    if is_quoted:
        return _QUOTED_PLACEHOLDER.fullmatch(value) is None
    if _PLACEHOLDER.fullmatch(value) and not is_irregular(value):
        return False
    if " " in value and _ELSEWHERE.fullmatch(value):
        return False
    # `Password: ask Bob` has a remark, `Password: correct horse battery staple` has not.
    return " " not in value or len(value) >= 16 or any(sign.isdigit() for sign in value)
