"""What a command asks of the service that owns its data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.service.ownership import service_address, service_headers

if TYPE_CHECKING:
    from httpx import Response

    from newsdesk.settings import Settings

_TIMEOUT = 60  # seconds for an answer, without the time that an LLM may take


def service_response(settings: Settings, method: str, path: str, **sent: Any) -> Response | None:
    """What the service on the settings' data folder answers, be it an error; None where none answers.

    `sent` are httpx's own arguments, such as `json`. A service that is only starting, or stopping, is none.
    """
    address = service_address(settings.data)
    if not address:
        return None
    import httpx

    headers, timeout = service_headers(settings.data), _TIMEOUT + settings.llm_timeout
    try:
        return httpx.request(method, address + path, headers=headers, timeout=timeout, trust_env=False, **sent)
    except (httpx.HTTPError, httpx.InvalidURL):  # an address that was damaged where the service wrote it down
        return None
