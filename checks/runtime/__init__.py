"""Runtime: what runs checks and reports their verdicts, from the check itself to the command line."""
