"""`python -m driftproof` is the command `driftproof`."""

import sys

from driftproof.checks.runtime.cli import main

if __name__ == "__main__":
    sys.exit(main())
