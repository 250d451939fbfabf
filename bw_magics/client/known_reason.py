"""Known reasons why a server refuses, each with its next step.

See docs/protocol.md, Refusals of a login.

Servers give the reason as a code or as a text. Both are compared with known ones and never shown,
since a text could repeat the typed secret. The codes and texts are those of Bitwarden's identity
service (`RequestValidators/` in bitwarden/server), of Vaultwarden (`src/api/identity.rs`) and of
NodeWarden (`src/handlers/identity.ts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.client.reply import Reply, messages
from bw_magics.errors import RequestRefused
from bw_magics.lean_regex import regex
from bw_magics.settings import DEVICE_ID, WHERE_THE_KEY_IS, Server

_WEB_VAULT = "Log in to the web vault once, and follow what it asks for; then try again."
CHECK_THE_KEY = (
    "Check that client_id and client_secret are those of the personal API key: it is "
    f"{WHERE_THE_KEY_IS}."
)
# A page about captchas is not a captcha.
_PATH = regex(r"(^|://[^\s/]*)/\S*")
_ADMINISTRATORS = "Ask the administrators of the server."


@dataclass(frozen=True, slots=True)
class _Reason:
    """A known reason: its OAuth error codes, its texts, or members that only it has.

    `texts` is a pattern of whole words: "trial" is not in "industrial".

    `fact` begins after the server's name, `remedy` is the next step.
    """

    fact: str
    remedy: str
    codes: tuple[str, ...] = ()
    texts: str = ""
    members: tuple[str, ...] = ()

    def fits(self, answer: Answer, code: str, texts: tuple[str, ...]) -> bool:
        return (
            code in self.codes
            or any(name in answer.members for name in self.members)
            or (bool(self.texts) and any(map(self._pattern().search, texts)))
        )

    def _pattern(self) -> re.Pattern[str]:
        # An underscore separates words: servers put codes into their texts.
        return re.compile(rf"(?<![^\W_])(?:{self.texts})(?![^\W_])")


# The more exact ones first: a code such as device_error stands for several texts.
_REASONS = (
    _Reason(
        "no longer has the account.",
        "Check the server and the API key: us, eu and self-hosted servers each have their own "
        "accounts.",
        codes=("no_user",),
        texts=r"(?:user|account) (?:has been |was |is )?(?:deleted|removed)"
        r"|(?:user|account) (?:does not|doesn't) exist|(?:user|account) not found"
        r"|(?:user|account) no longer exists|(?:unknown|no such) (?:user|account)"
        r"|^invalid user$|username or password is incorrect|no user found",
    ),
    _Reason(
        "has the account with an earlier encryption, as that of before 2018 without a user key.",
        _WEB_VAULT,
        texts=r"legacy encryption|encryption (?:keys?|settings|upgrade)"
        r"|account keys? .{0,20}(?:migrate|regenerate|rotate|upgrade)d?|key migration",
    ),
    _Reason(
        "got the login without the version of this client.",
        "Look at the proxy in front of the server: it takes headers away.",
        codes=("version_header_missing",),
    ),
    _Reason(
        "got the login without all of its parts.",
        "Look at the proxy in front of the server, and at the address.",
        texts=r"^(?:client_id|client_secret|scope|grant_type) cannot be blank|^parameter error",
    ),
    _Reason(
        "does not know logins with an API key.",
        f"{_ADMINISTRATORS} Its software may need an update.",
        codes=("unsupported_grant_type",),
        texts=r"^invalid type$",
    ),
    _Reason(
        "asks for single sign-on, which an API key cannot do.",
        "Ask the administrators of your organisation.",
        codes=("sso_required",),
        texts=r"sso|single[- ]sign[- ]?on|identity provider",
        members=("SsoOrganizationIdentifier", "ssoOrganizationIdentifier"),
    ),
    _Reason(
        "wants to verify this new device by e-mail, which an API key cannot answer.",
        CHECK_THE_KEY,
        texts=r"new device (?:verification|otp|detected|logins?)"
        r"|device (?:has |is |was )?not (?:been )?(?:verified|approved|recogni[sz]ed)"
        r"|(?:unrecogni[sz]ed|unknown) device(?! type)|device (?:pending )?approval"
        r"|approve (?:the|this) login",
    ),
    _Reason(
        "did not accept the device that logs in.",
        f"Unset {DEVICE_ID} if it is set, and try again.",
        codes=("device_error",),
        texts=r"no device information"
        r"|device[_ ]?(?:identifier|name|type)(?: field)? (?:cannot be blank|is required)",
    ),
    _Reason(
        "could not send the e-mail about a new device, and lets no device in without it.",
        f"{_ADMINISTRATORS} Its e-mail settings do not work.",
        texts=r"could not send login notification email",
    ),
    _Reason(
        "asks for a newer client.",
        "Update bw_magics.",
        codes=("invalid_client_version",),
        texts=r"update your (?:app|client)|(?:newer|new|latest) versions?|client version"
        r"|unsupported client|no longer supported|(?:app|client) .{0,20}not supported"
        r"|please upgrade"
        r"|(?:app|client)(?: version)? (?:is )?(?:out of date|outdated|too old)"
        r"|(?:must|need to|please) update (?:the|your) (?:app|client)|update is required",
    ),
    _Reason(
        "does not let an account in before its e-mail address is verified.",
        "Open the link in the e-mail that the server sent, or ask for another in the web vault.",
        texts=r"(?:verify|confirm|activate) your (?:e-?mail|account)|verify e-?mail"
        r"|account (?:is )?not (?:verified|activated)|e-?mail verification|unverified e-?mail"
        r"|e-?mail (?:address )?(?:(?:is|has|must|needs?|to|be|been|not) |un-?)*"
        r"(?:verified|confirmed)",
    ),
    _Reason(
        "asks for a two-step login, which an API key does not have.",
        CHECK_THE_KEY,
        texts=r"two[ -]?(?:factor|steps?)|[2m]fa|multi-?factor|second factor"
        r"|one-?time (?:pass)?codes?|(?:totp|authenticator) (?:tokens?|codes?)|otp (?:is )?required"
        r"|verification codes? (?:is )?(?:missing|needed|required)|yubikey|webauthn|security keys?",
        members=("TwoFactorProviders", "TwoFactorProviders2", "twoFactorProviders"),
    ),
    _Reason(
        "asks for a captcha, as after many failed logins from this network.",
        "Log in to the web vault once from this network, or wait an hour.",
        codes=("captcha_required",),
        texts=r"(?:h|re)?captchas?|turnstile|you are (?:a )?human|(?:not|are you) a robot"
        r"|bots? (?:is |was |were )?detected",
        members=("HCaptcha_SiteKey", "hCaptcha_SiteKey", "SiteKey", "CaptchaBypassToken"),
    ),
    _Reason(
        "takes the traffic of this network for an attack.",
        "Try again later, or from another network.",
        texts=r"traffic from your network looks unusual",
    ),
    _Reason(
        "does not let an API key log in.",
        _ADMINISTRATORS,
        texts=r"api[ -]?keys? .{0,60}(?:disabled|not (?:allowed|permitted|enabled)|forbidden)"
        r"|api (?:access )?(?:has been |is |was )?(?:disabled|not enabled)",
    ),
    _Reason(
        "has counted too many failed logins.",
        "Wait a while, then try again.",
        texts=r"too many .{0,20}(?:attempts|logins|requests)|failed (?:attempts|logins)"
        r"|attempts exceeded|rate limit",
    ),
    _Reason(
        "waits until the account is confirmed.",
        "Accept the invitation that the server sent, or ask its administrators.",
        texts=r"invitations?|accept(?:ed)? (?:an|the|your) invite"
        r"|(?:await(?:s|ing)|pending) (?:activation|approval|confirmation)"
        r"|not (?:yet )?(?:been )?(?:approved|confirmed)",
    ),
    _Reason(
        "has the account in another region.",
        "Log in there: us, eu and self-hosted servers each have their own accounts.",
        texts=r"(?:another|different|other|wrong) region|the (?:eu|us) region"
        r"|(?:(?:log|sign) ?in (?:at|to)|use) (?:https?://)?bitwarden\.(?:eu|com)(?![.-]\w)"
        r"|vault\.bitwarden\.(?:eu|com)(?![.-]\w)",
    ),
    _Reason(
        "does not let this network or this place in.",
        "Try from another network, or ask the administrators of the server.",
        texts=r"ip(?: address)? .{0,20}(?:block(?:ed)?|ban|banned|denied|not allowed"
        r"|not (?:allow|white)-?listed|not (?:in|on) the (?:allow|white)[ -]?list)"
        r"|(?:vpn|proxy) (?:was )?detected"
        r"|denied from (?:this|your) (?:country|ip|location|network)"
        r"|(?:your|this) (?:country|location|network) .{0,20}(?:blocked|denied|not allowed)",
    ),
    _Reason(
        "asks you to accept its terms of service.",
        _WEB_VAULT,
        texts=r"terms (?:of (?:service|use)|and conditions)"
        r"|(?:accept|agree to) (?:our|the) (?:licen[cs]e agreement|new terms|updated terms)",
    ),
    _Reason(
        "asks for a new master password.",
        _WEB_VAULT,
        texts=r"master password .{0,40}(?:changed|reset|updated?|expired)"
        r"|(?:change|reset|update) (?:the|your) master password"
        r"|set a (?:new )?(?:master )?password",
    ),
    _Reason(
        "has the account disabled.",
        _ADMINISTRATORS,
        texts=r"(?<!database )(?<!db )(?:user|account) (?:has been |is |was |temporarily )*"
        r"(?:disabled|deactivated|inactive|suspended|locked|blocked|banned|revoked)"
        r"|access .{0,10}revoked",
    ),
    _Reason(
        "has a licence or subscription that has ended or does not cover this.",
        _ADMINISTRATORS,
        texts=r"licen[cs]es?|subscriptions?|premium|trial (?:period|version|has|is|ended|expired)"
        r"|(?:free|your) trial|payment required|seat limit|no (?:more )?seats"
        r"|upgrade your plan|(?:current|your) plan (?:does|has|is)"
        r"|organi[sz]ation (?:has been |is |was )?(?:disabled|suspended)",
    ),
    _Reason(
        "refuses the login by a policy of an organisation.",
        "Ask the administrators of your organisation.",
        texts=r"(?<!privacy )(?<!security[ -])polic(?:y|ies)"
        r"|restricted by (?:the|your) administrators?",
    ),
    _Reason(
        "is being maintained.",
        "Try again later.",
        texts=r"maintenance",
    ),
    _Reason(
        "does not accept the time of this computer.",
        "Set the clock of this computer, and try again.",
        texts=r"(?:bad|expired|invalid|wrong) timestamp"
        r"|timestamp .{0,30}(?:expired|future|invalid|old|past|range|skew(?:ed)?)"
        r"|time (?:is )?(?:too )?skewed|system time is"
        r"|clock (?:drift|is|skew)|(?:computer|device|local|system|your)(?:'s)? clocks?",
    ),
    _Reason(
        "does not let this API key read a vault.",
        f"Use the personal API key: it is {WHERE_THE_KEY_IS}.",
        codes=("invalid_scope",),
        texts=r"scope not supported",
    ),
    _Reason(
        "does not let this client log in.",
        _ADMINISTRATORS,
        codes=("unauthorized_client",),
    ),
)


def known_reason(
    reply: Reply, server: Server, *, key: str = CHECK_THE_KEY
) -> RequestRefused | None:
    """Returns the reason for a refused login or request, if it is a known one.

    `key` is the next step where another kind of key was meant.
    """
    answer = reply.answer
    code, texts = answer.text("error") or "", texts_of(answer)
    for reason in _REASONS:
        if reason.fits(answer, code, texts):
            remedy = key if reason.remedy is CHECK_THE_KEY else reason.remedy
            return RequestRefused(
                f"{server.name} {reason.fact}", remedy, status=reply.status, is_explained=True
            )
    return None


def texts_of(answer: Answer) -> tuple[str, ...]:
    """Returns the texts of a refusal, in lower case, with single blanks and no paths of links."""
    return tuple(_PATH.sub(r"\1", " ".join(text.split())).lower() for text in messages(answer))
