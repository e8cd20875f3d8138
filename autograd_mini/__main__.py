"""``python -m autograd_mini`` is the command line."""

import sys

from autograd_mini.cli import main

if __name__ == "__main__":
    sys.exit(main())
