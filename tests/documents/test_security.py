"""Each promise of SECURITY.md names the tests that show it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = tomllib.loads((ROOT / "docs" / "security_tests.toml").read_text(encoding="utf-8"))
# It has a table of its own, in tests/leaks/test_not_caught.py.
ELSEWHERE = "What the guard cannot catch"


def test_every_promise_names_its_tests_and_no_other_is_named() -> None:
    sections = re.split(r"^## ", SECURITY, flags=re.MULTILINE)
    bold = [
        " ".join(words.split())
        for section in sections
        if not section.startswith(ELSEWHERE)
        for words in re.findall(r"^- \*\*(.*?)\*\*", section, re.MULTILINE | re.DOTALL)
    ]

    assert bold == list(PROMISES)
    assert all(named["tests"] for named in PROMISES.values())


@pytest.mark.parametrize(
    "test", sorted({test for named in PROMISES.values() for test in named["tests"]})
)
def test_a_named_test_exists(test: str) -> None:
    file, _, name = test.partition("::")
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")

    assert re.search(rf"^ *(async )?def {name or 'test_'}", text, re.MULTILINE)
