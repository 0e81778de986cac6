"""Scripts that a reader runs: `python -m driftproof.checks.examples.NAME`. The tests run them too."""
