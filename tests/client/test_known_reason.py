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
    ],
)
def test_a_reason_is_known_in_other_words(text: str, words: str) -> None:
    known = reason(text)
    assert known is not None
    assert words in known.fact
