"""The trusted room: what accepts a proof object. Standard library only, and small enough to read in an evening.

Nothing here imports the rest of the project; what searches for proofs may be wrong in any way, and nothing false is
accepted. Files that are read are untrusted: their sizes, digits and periods are bounded, and nothing is executed.

In the order of dependence:

    recursion  the recursion that a witness speaks of
    cyclic     the drift over a period of a cyclic stream, enclosed
    draws      the drift of a step under independent draws, enclosed
    witness    the format of divergence witnesses, and their replay
"""

if __name__ != "driftproof.theory.kernel":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.theory.kernel`."
    )
