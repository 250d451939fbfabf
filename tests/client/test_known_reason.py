"""Texts of refusals: words in them that only resemble a known reason say nothing."""

from __future__ import annotations

import json

import pytest

from bw_magics.client.known_reason import known_reason
from bw_magics.client.reply import Reply
from bw_magics.errors import RequestRefused
from bw_magics.settings import Server


def reason(text: str) -> RequestRefused | None:
    body = bytearray(json.dumps({"error": "invalid_grant", "error_description": text}).encode())
    server = Server.parse("https://vault.example.org")
    return known_reason(Reply(400, {"content-type": "application/json"}, body), server)


@pytest.mark.parametrize(
    "text",
    [
        "Industrial accounts log in at another address",
        "A retrial follows",
        "The font Roboto is missing",
        "Robots.txt was not found",
        "Clockwork refused this login",
        "Come back at 9 o'clock",
        "Timestamping is off",
        "The answer has a timestamp of 12:04",
        "Your name is not in the list of sublicensees",
        "This software is licensed under the AGPL",
        "The premiums list cannot be read",
        "This is an invitational server",
        "By logging in you agree to our privacy policy",
        "Blocked by Content-Security-Policy",
        "Your IP address is allowed to try again",
        "Your IP address was in Bandung",
        "This network was blockaded",
        "A single sign-once token was used",
        "Please ask at notvault.bitwarden.com",
        "See vault.bitwarden.community",
        "The host vault.bitwarden.eu.example.org is not known",
        "A latest versioning error came",
        "The encryption keyboard cannot be read",
        "See https://docs.example.org/help/captcha",
        "Read https://example.org/terms-of-service/policy first",
        "/identity/policy",
        "One-time codebook",
        "The subuser does not exist",
        "Superuser not found",
        "No user founded this organisation",
        "Unmaintenanced",
        "The superaccount is lockedout",
        "The captchalogue is empty",
        "The database user is locked in a transaction",
        "This cipher type is not supported",
        "Unknown device type 77",
        "Plan your visit, the seats are comfortable",
        "Outdated cache entry",
        "A failed loginsight",
        "Read more at bitwarden.com",
        "The terms of the query are unclear",
        "The account keyset rotates",
        "Restricted by your administration office",
    ],
)
def test_a_word_that_resembles_a_reason_is_not_one(text: str) -> None:
    assert reason(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reCAPTCHA required", "captcha"),
        ("Confirm that you are not a robot", "captcha"),
        ("captcha_required: see https://example.org/help", "captcha"),
        ("Your trial has ended", "licence"),
        ("Free trial: 0 days left", "licence"),
        ("Subscriptions have to be renewed", "licence"),
        ("Invalid timestamp", "time of this computer"),
        ("The request timestamp is too old", "time of this computer"),
        ("Check your computer's clock", "time of this computer"),
        ("Clock skew detected", "time of this computer"),
        ("IP address 192.0.2.7 was banned", "network"),
        ("Your IP is not allowed", "network"),
        ("A policy of your organization forbids this", "policy"),
        ("Log in at https://vault.bitwarden.eu/#/login", "another region"),
        ("Please log in at vault.bitwarden.com.", "another region"),
        ("2FA required", "two-step"),
        ("Your client is out of date. Please update.", "newer client"),
        ("Client is outdated", "newer client"),
        ("This version of the app is not supported anymore", "newer client"),
        ("Your app version is too old", "newer client"),
        ("An update is required", "newer client"),
        ("Please verify email first", "e-mail"),
        ("Unverified e-mail", "e-mail"),
        ("Email verification required", "e-mail"),
        ("Account not verified", "e-mail"),
        ("New device detected. Enter the code sent to your email.", "new device"),
        ("This device has not been verified.", "new device"),
        ("Unrecognized device", "new device"),
        ("Approve this login from another device", "new device"),
        ("Device pending approval", "new device"),
        ("Account keys must be regenerated", "earlier encryption"),
        ("Your plan does not include this feature", "licence"),
        ("Seat limit reached", "licence"),
        ("Bot detected", "captcha"),
        ("Invalid TOTP code", "two-step"),
        ("Please provide your authenticator code", "two-step"),
        ("An OTP is required", "two-step"),
        ("WebAuthn challenge required", "two-step"),
        ("Log in through your identity provider", "single sign-on"),
        ("Single-sign-on required", "single sign-on"),
        ("User revoked from organization", "disabled"),
        ("User no longer exists", "no longer has the account"),
        ("No such user", "no longer has the account"),
        ("Rate limit exceeded", "too many"),
        ("Login attempts exceeded", "too many"),
        ("Account temporarily locked due to failed logins", "too many"),
        ("VPN or proxy detected", "network"),
        ("Access denied from this IP", "network"),
        ("Your IP is not in the allow list", "network"),
        ("Restricted by your administrator", "policy"),
        ("API keys are not allowed", "API key log in"),
        ("The API is disabled for this account", "API key log in"),
        ("Please accept our updated terms and conditions", "terms of service"),
        ("Accept the license agreement", "terms of service"),
        ("You must change your master password", "new master password"),
        ("Update your master password", "new master password"),
        ("You need to accept the invite first", "confirmed"),
        ("Your registration is awaiting approval", "confirmed"),
        ("Request time too skewed", "time of this computer"),
        ("System time is wrong", "time of this computer"),
        ("This account is in the EU region", "another region"),
        ("Please use bitwarden.eu", "another region"),
    ],
)
def test_a_reason_is_known_in_other_words(text: str, words: str) -> None:
    known = reason(text)
    assert known is not None
    assert words in known.fact
