"""Update rules: one optimizer, one file, discovered by its name."""
