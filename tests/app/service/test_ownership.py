"""The one owner of a data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.service.ownership import Ownership, service_address
from newsdesk.errors import DataFolderBusy, DataFolderError
from tests.support import Process

OWN = """
import sys
from pathlib import Path
from app.service.ownership import Ownership
owner = Ownership(Path(sys.argv[1]), "http://127.0.0.1:1")
print("owns", flush=True)
input()
"""


def test_a_folder_has_one_owner_and_the_next_is_told_who(tmp_path: Path) -> None:
    """A second process is refused with the first one's number and address, and what to do."""
    with Process(OWN, tmp_path) as other:
        other.line()
        with pytest.raises(DataFolderBusy) as caught:
            Ownership(tmp_path)
        assert f"process {other.pid} at http://127.0.0.1:1" in str(caught.value)
        assert "--data" in str(caught.value)
        assert service_address(tmp_path) == "http://127.0.0.1:1"


def test_the_ownership_of_a_killed_process_is_free(tmp_path: Path) -> None:
    """After kill -9 nobody is believed to serve, and the folder can be taken at once."""
    with Process(OWN, tmp_path) as other:
        other.line()
        other.kill()
    assert (tmp_path / "owner.json").exists()
    assert service_address(tmp_path) == ""
    Ownership(tmp_path).release()


def test_what_was_released_can_be_taken(tmp_path: Path) -> None:
    """A clean end leaves nothing behind that somebody could mistake for a service."""
    first = Ownership(tmp_path / "new" / "folder", "http://127.0.0.1:1")
    first.release()
    assert service_address(tmp_path / "new" / "folder") == ""
    second = Ownership(tmp_path / "new" / "folder")
    assert service_address(tmp_path / "new" / "folder") == "", "a command owns, but does not serve"
    second.release()


def test_an_owner_that_is_not_readable_is_still_an_owner(tmp_path: Path) -> None:
    """The lock decides, not what is written beside it."""
    with Process(OWN, tmp_path) as other:
        other.line()
        (tmp_path / "owner.json").write_text("{broken")
        with pytest.raises(DataFolderBusy, match="unknown"):
            Ownership(tmp_path)


def test_no_folder_no_service(tmp_path: Path) -> None:
    """Looking for a service makes nothing."""
    assert service_address(tmp_path / "none") == ""
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The message names the folder."""
    tmp_path.chmod(0o500)
    with pytest.raises(DataFolderError, match=str(tmp_path)):
        Ownership(tmp_path / "data")
