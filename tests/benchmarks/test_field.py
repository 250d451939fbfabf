"""The comparison with other ways to find secrets: its corpus, and our column of it."""

from __future__ import annotations

import random
import re

from benchmarks import field


def test_the_corpus_has_hundreds_of_leaks_and_of_harmless_lines() -> None:
    kinds = field.values(random.Random(1))
    assert len(field.ROUTES) * len(kinds) >= 300
    assert len(list(field.harmless(random.Random(1)))) >= 600
    for value in kinds.values():
        for route, write in field.ROUTES.items():
            assert write(value), route


def test_our_column_is_what_the_page_says() -> None:
    page = (field.DOCS / "compared.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([^*|]+?) +\| +(\d+/\d+) \|", page, re.MULTILINE))
    kinds = field.values(random.Random(field.SEED))
    way = field.ours(list(kinds.values()))
    measured = {
        route: f"{sum(way(write(value), value) for value in kinds.values())}/{len(kinds)}"
        for route, write in field.ROUTES.items()
    }
    assert told == measured


def test_no_harmless_line_is_taken_for_a_leak() -> None:
    way = field.ours(list(field.values(random.Random(field.SEED)).values()))
    lines = list(field.harmless(random.Random(field.SEED)))
    assert [line for line in lines if way(line, "")] == []
