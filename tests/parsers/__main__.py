"""Many more examples than `make test` has time for: `python -m tests.parsers [COUNT] [SECONDS]`.

Says how many were tried, of which how many read and how many were refused; stops at the first
that is neither, and prints what brings it about.
"""

from __future__ import annotations

import sys
import time
from random import Random

from bw_magics.errors import BitwardenError
from tests.parsers.mutation import mutated
from tests.parsers.parsers import PARSERS


def run(count: int, seconds: float, seed: int) -> int:
    """How many examples were tried."""
    random, end = Random(seed), time.monotonic() + seconds
    read = refused = 0
    parsers = [(name, *both) for name, both in PARSERS.items()]
    while read + refused < count and time.monotonic() < end:
        for name, parser, corpus in parsers:
            data = mutated(random.choice(corpus), random)
            try:
                parser(data)
            except BitwardenError:
                refused += 1
            except BaseException:
                print(f"{name}: {data!r} (seed {seed})")
                raise
            else:
                read += 1
    print(f"{read + refused:,} examples, {len(parsers)} parsers, seed {seed}: "
          f"{read:,} read, {refused:,} refused, nothing else")  # fmt: skip
    return read + refused


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    run(given[0] if given else 1_000_000, given[1] if len(given) > 1 else 3600, int(time.time()))
