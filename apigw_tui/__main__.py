"""`python -m apigw_tui`."""

import sys

from apigw_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
