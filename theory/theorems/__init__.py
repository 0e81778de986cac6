"""Theorems: one claim, one file, discovered by its name, which says the conclusion and where it holds."""
