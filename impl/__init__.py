"""Implementation: update rules lowered to programs, and programs compiled into functions that run.

This room knows `driftproof.theory` and NumPy. A backend imports its heavy library inside its own file.
"""

if __name__ != "driftproof.impl":
    raise ImportError(
        f"this package was imported as {__name__!r}, which would make a second copy of every class in it, "
        "equal to none of the first. Write `import driftproof.impl`."
    )
