"""Names and values in markup: elements and attributes of XML and HTML, property lists."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex

_NAME = r"[\w .:-]{1,64}"
_TEXT = r"(?:<!\[CDATA\[([^\n]{1,1000}?)\]\]>|([^<>\n]{1,1000}))"

# Each has the groups of a name and of one or two kinds of value.
MARKUP = (
    # `<name>password</name><value>…</value>`, `<td>Password</td><td>…</td>`
    regex(
        rf"""<(?:name|key|t[dh]|dt)(?:\s[^<>]{{0,99}})?>\s{{0,9}}({_NAME})</(?:name|key|t[dh]|dt)>
        \s{{0,99}}<(?:value|string|td|dd)(?:\s[^<>]{{0,99}})?>\s{{0,9}}{_TEXT}(?=<)""",
        re.VERBOSE,
    ),
    # `<string name="password">…</string>`
    regex(
        rf"""<\w+\s(?:[^<>"']{{0,99}}\s)?(?:name|key)=["']({_NAME})["'][^<>/]{{0,99}}>{_TEXT}</"""
    ),
    # `<b>Password:</b> …`, `Password: <code>…</code>`
    regex(
        rf"""<(?:b|strong|em|i|u|label|span|p|summary|legend|h[1-6])(?:\s[^<>]{{0,99}})?>({_NAME}?):?\s{{0,4}}</\w+>:?\s{{0,4}}
        (?:<\w+(?:\s[^<>]{{0,99}})?>)?([^<>\s]{{6,200}})""",
        re.VERBOSE,
    ),
    regex(
        r"""(?<![\w<>-])([A-Za-z][\w-]{1,30}(?:[ ][\w-]{1,30}){0,2})[ ]?:\s{0,4}
        <(?:code|b|strong|tt|kbd|samp|i|em|span)>([^<>\n]{1,200})</""",
        re.VERBOSE,
    ),
    # `<password>…</password>`
    regex(rf"<([A-Za-z][\w.:-]{{0,63}})(?:\s[^<>]{{0,200}})?>{_TEXT}</\1>"),
    # `<add key="password" value="…"/>`
    regex(r"""(?:key|name)=["']([^"'\n]{1,64})["']\s+value=["']([^"'\n]{1,1000})["']"""),
)
