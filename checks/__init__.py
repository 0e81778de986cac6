"""Checks: properties of rules and of compiled rules, tested on runs; and the command line that shows them.

This room knows `driftproof.theory` and `driftproof.impl`; nothing but the tests imports it.
"""

if __name__ != "driftproof.checks":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.checks`."
    )
