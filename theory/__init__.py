"""Theory: optimizers declared once as equations, and what follows from them by derivation and proof.

This room knows SymPy and the standard library. It imports neither `driftproof.impl` nor `driftproof.checks`.
"""

if __name__ != "driftproof.theory":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.theory`."
    )
