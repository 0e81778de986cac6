"""The trusted room: what accepts a proof object. Standard library only, and small enough to read in an evening.

Nothing here imports the rest of the project; what searches for proofs may be wrong in any way, and nothing false is
accepted. Files that are read are untrusted: their sizes, digits and periods are bounded, and nothing is executed.

In the order of dependence:

    recursion  the recursion that a witness speaks of
    cyclic     the drift over a period of a cyclic stream, enclosed
    draws      the drift of a step under independent draws, enclosed
    untrusted  strict reading of files
    witness    the format of divergence witnesses, and their replay
    terms      terms of statements and certificates: what a text says, sorts, substitution
    polynomial normal forms of terms
    formulas   formulas, instances, and when two say the same
    library    facts that may be used without proof
    inferences when a step of a proof follows
    replay     statements, definitions and certificates as files, and the replay of a proof
"""

if __name__ != "driftproof.theory.kernel":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.theory.kernel`."
    )
