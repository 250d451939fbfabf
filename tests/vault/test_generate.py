"""New passwords and passphrases: they contain the requested characters and no others."""

from __future__ import annotations

import string
from collections import Counter
from math import log2

import pytest
from dicewarepy.diceware import wordlist
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import UsageMistake
from bw_magics.vault.generate import LONGEST, PassphraseRules, PasswordRules, generate

KINDS = {
    "uppercase": string.ascii_uppercase,
    "lowercase": string.ascii_lowercase,
    "number": string.digits,
    "special": "!@#$%^&*",
}
AMBIGUOUS = "IOl01"
WORDS = set(wordlist("en").values())

password_rules = st.builds(
    PasswordRules,
    uppercase=st.booleans(),
    lowercase=st.booleans(),
    number=st.booleans(),
    special=st.booleans(),
    length=st.integers(-3, 60),
    min_number=st.integers(-2, 12),
    min_special=st.integers(-2, 12),
    avoid_ambiguous=st.booleans(),
)


@given(password_rules)
def test_a_password_follows_its_rules(rules: PasswordRules) -> None:
    password = generate(rules)

    chosen = {kind: letters for kind, letters in KINDS.items() if getattr(rules, kind)}
    if not chosen:
        chosen = {kind: letters for kind, letters in KINDS.items() if kind != "special"}
    least = dict.fromkeys(chosen, 1)
    if "number" in least:
        least["number"] = max(rules.min_number, 0)
    if "special" in least:
        least["special"] = max(rules.min_special, 0)
    assert len(password) == max(rules.length, 5, sum(least.values()))
    assert set(password) <= set("".join(chosen.values()))
    for kind, count in least.items():
        assert sum(letter in KINDS[kind] for letter in password) >= count
    if rules.avoid_ambiguous:
        assert not set(password) & set(AMBIGUOUS)


@given(
    st.builds(
        PassphraseRules,
        words=st.integers(-3, 30),
        separator=st.sampled_from(["_", " ", ".", "|", "🔑"]),
        capitalize=st.booleans(),
        include_number=st.booleans(),
    )
)
def test_a_passphrase_follows_its_rules(rules: PassphraseRules) -> None:
    words = generate(rules).split(rules.separator)

    assert len(words) == max(rules.words, 3)
    assert sum(word[-1].isdigit() for word in words) == rules.include_number
    words = [word.rstrip(string.digits) for word in words]
    assert all(word[0].isupper() == rules.capitalize for word in words)
    assert {word.lower() for word in words} <= WORDS


def test_the_words_are_the_effs_long_list() -> None:
    assert len(WORDS) == 7776 == 6**5
    assert {"abacus", "zoom", "yo-yo"} <= WORDS
    assert all(3 <= len(word) <= 9 for word in WORDS)


def test_every_character_of_a_kind_comes_and_comes_about_equally_often() -> None:
    counts = Counter(
        "".join(generate(PasswordRules(lowercase=True, length=100)) for _ in range(400))
    )

    assert set(counts) == set(string.ascii_lowercase)
    # 40,000 letters, 1,538 of each expected, a standard deviation of about 38.
    assert all(1250 < count < 1850 for count in counts.values()), counts


def test_what_has_to_be_there_is_not_always_in_the_same_place() -> None:
    rules = PasswordRules(lowercase=True, number=True, length=5)
    places = Counter(
        next(at for at, letter in enumerate(generate(rules)) if letter.isdigit())
        for _ in range(500)
    )
    assert set(places) == {0, 1, 2, 3, 4}


def test_no_two_are_alike() -> None:
    assert log2(len({generate(PasswordRules()) for _ in range(1000)})) == log2(1000)
    assert len({generate(PassphraseRules()) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "rules",
    [
        PasswordRules(length=LONGEST + 1),
        PasswordRules(number=True, min_number=10**12),
        PassphraseRules(words=LONGEST + 1),
    ],
)
def test_there_is_an_end(rules: PasswordRules | PassphraseRules) -> None:
    with pytest.raises(UsageMistake):
        generate(rules)
