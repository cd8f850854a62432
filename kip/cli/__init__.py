"""The command line: ``kip check``, ``optimize``, ``explain``, ``frontier``, ``sweep``, ``reach``, ``diff``, ``funding``, ``new``.

Thin: it asks the library and shows the answer.

Results go to the standard output, problems and progress to standard error; with ``--json`` the standard output is one JSON object.
Each module of commands adds its own to the application when it is imported; they are imported here, in the order of the help.
"""

from __future__ import annotations

import sys

from kip.cli import plans as plans

# isort: split
from kip.cli import optimize as optimize

# isort: split
from kip.cli import explain as explain

# isort: split
from kip.cli import frontier as frontier

# isort: split
from kip.cli import sweep as sweep
from kip.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the entry point ``kip``."""
    for stream in (sys.stdout, sys.stderr):
        # a terminal that knows no "å" shows "?" rather than an error
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    app()
