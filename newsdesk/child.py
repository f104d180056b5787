"""How Newsdesk starts Python processes of its own."""

from __future__ import annotations

import sys


def own_module(module: str, *arguments: str) -> list[str]:
    """The command line that runs one of our installed modules, named in full, with these arguments.

    `-P` keeps the current folder off the path that modules are found on. Without it, a folder `newsdesk/` or `index/`
    that happens to lie where the user stands would be imported in the place of ours, and run.
    """
    return [sys.executable, "-P", "-m", module, *arguments]
