"""What a command asks of the service that owns its data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.service.ownership import service_address, service_headers

if TYPE_CHECKING:
    from newsdesk.settings import Settings

_TIMEOUT = 60  # seconds for an answer, without the time that an LLM may take


def asked_of_service(settings: Settings, method: str, path: str, **sent: Any) -> tuple[int, dict[str, Any]] | None:
    """The status and the body with which the service on the settings' data folder answers, be it an error; else None.

    `sent` are httpx's own arguments, such as `json`. It is None where no service runs or it is only starting or stopping, and
    where what it wrote down of itself is damaged, or leads to something that does not speak as Newsdesk does.
    """
    address = service_address(settings.data)
    if not address:
        return None
    import httpx

    headers, timeout = service_headers(settings.data), _TIMEOUT + settings.llm_timeout
    try:
        response = httpx.request(method, address + path, headers=headers, timeout=timeout, trust_env=False, **sent)
        body = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):  # ValueError: what cannot be sent, or is no JSON
        return None
    if not isinstance(body, dict) or (response.is_error and "detail" not in body):
        return None
    return response.status_code, body
