"""Every figure beside its goal, side by side in one run: `make bench`, or `python -m benchmarks`.

Absolute times say little on a shared machine; ratios within one run do.
"""
