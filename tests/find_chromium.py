"""Finds the Chromium that the browser tests drive; run as a module it installs one where it may.

    python -m tests.find_chromium

As root on Debian it installs the package; elsewhere it says that the browser tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_chromium() -> str | None:
    """Path of a Chromium: what CHROMIUM names, or the first one found."""
    places = [os.environ.get("CHROMIUM", ""), *_NAMES, _MAC]
    return next((found for place in places if place and (found := shutil.which(place))), None)


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    print("Installing Chromium for the browser tests...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run([apt, *arguments], env=environment, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    if find_chromium() is None:
        _install()
    print(f"Chromium: {find_chromium() or 'none found; the browser tests are skipped'}")
