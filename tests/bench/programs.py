"""Other people's programs: where they are, and the environment that leads them to the embedded endpoint."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

BIN: Final = "APIGW_TUI_BENCH_BIN"
"""Names a folder to look in before the PATH, so that a program can be tried without installing it."""
REGION: Final = "eu-west-1"
_LEFT_OUT: Final = ("AWS_", "SAM_", "XDG_", "NO_COLOR")


def find(name: str) -> str | None:
    """Where a program is; None when it is not installed."""
    return shutil.which(name, path=os.pathsep.join(filter(None, (os.environ.get(BIN), os.environ.get("PATH")))))


def version(program: str) -> str:
    """The number that a program gives as its version, e.g. 2.38.5."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - asked for
    found = re.search(r"\d+\.\d+[.\d]*", said.stdout + said.stderr)
    return found[0] if found else "?"


def environ(url: str, home: Path) -> dict[str, str]:
    """What every client reads: endpoint, keys and region, and a home that holds nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return kept | {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_PAGER": "",
        "SAM_CLI_TELEMETRY": "0",
        "HOME": str(home),
        **{f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "STATE", "CACHE", "DATA")},
    }
