"""What a command asks of the service that owns its data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.service.ownership import Ownership
from app.service.request import asked_of_service
from newsdesk.settings import Settings
from tests.scripted_server import Reply, ScriptedServer


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<h1>It works!</h1>"),
        Reply(b"<h1>Not here</h1>", 404),
        Reply({"error": "unauthorised"}, 401),
        Reply([1, 2]),
        Reply(b"", 502),
    ],
)
def test_another_program_at_its_address_is_no_service(tmp_path: Path, reply: Reply) -> None:
    """The folder may be shared with a container whose port leads elsewhere on this machine: the command answers itself."""
    with ScriptedServer(lambda request: reply) as other:
        owner = Ownership(tmp_path, other.url)
        assert asked_of_service(Settings(data=tmp_path), "GET", "/api/stats") is None
        owner.release()


@pytest.mark.parametrize("address", ["http://[bad", "ferry", "http://127.0.0.1:1"])
def test_an_address_that_leads_nowhere_is_no_service(tmp_path: Path, address: str) -> None:
    """Damaged, or of a service that has just ended."""
    owner = Ownership(tmp_path, address)
    assert asked_of_service(Settings(data=tmp_path), "GET", "/api/stats") is None
    owner.release()


def test_a_damaged_key_is_no_service(tmp_path: Path) -> None:
    """It cannot be sent, so nobody can be asked with it."""
    with ScriptedServer(lambda request: Reply({"articles": 3})) as service:
        owner = Ownership(tmp_path)
        owner.announce(service.url, "gr\u00fcn\u2603")
        assert asked_of_service(Settings(data=tmp_path), "GET", "/api/stats") is None
        owner.announce(service.url, "green")
        assert asked_of_service(Settings(data=tmp_path), "GET", "/api/stats") == (200, {"articles": 3})
        owner.release()


def test_what_a_service_refuses_is_told_with_its_status(tmp_path: Path) -> None:
    """The command says it in its own words."""
    refused = {"detail": "There is no such article."}
    with ScriptedServer(lambda request: Reply(refused, 404)) as service:
        owner = Ownership(tmp_path, service.url)
        assert asked_of_service(Settings(data=tmp_path), "GET", "/api/articles/x") == (404, refused)
        owner.release()
