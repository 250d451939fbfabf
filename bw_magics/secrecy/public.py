"""`PUBLIC`: texts that are as irregular as a secret, but that everybody may read."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex

# Long and irregular, but public: public keys, digests, commits, ids, addresses, paths.
PUBLIC = regex(
    r"""(?<![A-Za-z0-9])(?=[\w.+-])(?:
      (?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S{1,20})[ ]+[A-Za-z0-9+/=]+
    | (?:sha(?:1|224|256|384|512)|md5)[:-][A-Za-z0-9+/=]+
    | (?:commit|digest|checksum|revision|fingerprint|sha256|sha1|md5|etag|serial)\W{1,3}
      [0-9A-Fa-f:]{7,}
    | [0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}
    | [\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+(?:\?(?:subject|body|cc|bcc)=[^\s"']{1,200})?
    | (?:[A-Za-z][\w-]{0,63}\.){2,8}[A-Za-z]{2,}(?::\d+)?
    | 0x(?:[0-9a-f]{40}|[0-9a-f]{1,16})(?![A-Za-z0-9])
    | [0-9a-f]{7,40}\.{2,3}[0-9a-f]{7,40}(?![\w.])
    | git[ ][a-z-]{2,20}(?:[ ]--?[\w-]{1,20}){0,4}[ ][0-9a-f]{7,40}(?![\w])
    | [\w.-]{1,64}/[\w./-]{1,128}@v\d{1,4}(?:\.\d{1,5}){0,3}(?![\w.])
    | age1[a-z0-9]{58}(?![a-z0-9])
    | public[ ]key[ ]?[:=]?[ ]?[A-Za-z0-9+/]{43}=
    | arn:[\w-]{2,16}:[\w-]{1,32}:[\w-]{0,32}:\d{0,12}:[^\s"',]{1,256}
    | (?-i:[a-z][a-z0-9-]{1,30}:(?:[A-Z][a-z]+){2,8}\*?)(?![\w*])
    | (?-i:[a-z][a-z0-9.-]{0,60}-[b-df-hj-np-tv-xz2456789]{8,10}-[b-df-hj-np-tv-xz2456789]{5})
      (?![\w-])
    | (?:ami|eni|i|igw|sg|snap|subnet|vol|vpc)-[0-9a-f]{8,17}(?![\w-])
    | [0-9a-f]{32,128}[ ][ *][\w./-]{1,200}\.\w{1,10}(?=\s|$)
    | [A-Za-z]:\\[^\s"']+ )
    | (?<![\w+/=])(?:~|\.{1,2})?/[\w.-]{1,64}(?:/[\w.-]{1,64})+ | \$\{\w[^{}\n]{0,200}\}""",
    re.VERBOSE | re.IGNORECASE,
)
