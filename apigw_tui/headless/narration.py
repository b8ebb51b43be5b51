"""stdout is data; stderr is narration."""

import sys


def say(sentence: str) -> None:
    """Tell the user something on stderr."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
