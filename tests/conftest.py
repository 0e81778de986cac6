"""Hypothesis draws the same examples in every run, so that a failure is found twice; DRIFTPROOF_FRESH=1 draws anew."""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("fresh", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("fresh" if os.environ.get("DRIFTPROOF_FRESH") else "fixed")

# Output is tested at its own width, whatever the terminal of the person who runs the tests says.
os.environ.pop("COLUMNS", None)
