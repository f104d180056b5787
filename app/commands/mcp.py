"""`newsdesk mcp`: the tools of the Model Context Protocol on standard input and output."""

from __future__ import annotations

import os

from app.commands.desk.any_desk import AnyDesk
from app.commands.options import Data, load_settings
from app.service.ownership import service_address


def mcp(data: Data = None) -> None:
    """Offer `ask`, `search` and `fetch` to a client of the Model Context Protocol, which starts this command."""
    from api.clients.mcp_tools import mcp_server

    settings = load_settings(data=data)
    site = settings.public_url or service_address(settings.data) or f"http://{settings.host}:{settings.port}"
    mcp_server(AnyDesk(settings), site).run("stdio")
    os._exit(0)  # the client has hung up; what torch and its threads still do is of no use to anyone
