"""Benchmarks: contenders side by side in one run, and the ratios of their times.

Every file of this folder that assigns `benchmark = Benchmark(...)` at its top level is one. Contenders take turns,
round by round, and a ratio is the median over the rounds of ratios within one round: what disturbs the machine then
disturbs both sides. Peers are never required; one that is not installed is named with what would bring it.

    contest    contenders, benchmarks, and how they are run
    rivals     the loops that people write by hand
    loops      compiled loops against them
"""

if __name__ != "driftproof.checks.bench":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.checks.bench`."
    )
