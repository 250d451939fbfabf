"""Passwords that are hard to carry in a URL, a header or a quoted text."""

from __future__ import annotations

NASTY = [
    "p@ss:w/rd?x=1&y#z",
    "100%",
    "%2F%40",
    "a b\tc",
    "'; drop table x; --",
    '"quoted"',
    "back\\slash",
    "$HOME ${PATH} `id`",
    "[::1]",
    "@",
    ":",
    "=",
    "ünïcödé-Ω-日本",
    "🔑🔑",
    "x" * 300,
    "trailing ",
    " leading",
    "{curly} {{jinja}}",
    "\n",
]
