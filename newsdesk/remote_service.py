"""Calls to another HTTP service: tried again when it is busy, and nothing secret in what is said of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any

import httpx

from newsdesk.errors import NewsdeskError
from newsdesk.wording.quoted import quoted

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds: the longest that a service's Retry-After is waited for."""

BUSY = frozenset({429, 502, 503, 504})
"""Statuses of a service that may do better soon."""
WAITS = (0.5, 1.5)
"""Seconds before the second and the third try, where the service does not say how long."""
_SHOWN = 500  # characters of what a service says that are repeated
_CONNECT = 10.0  # seconds until a connection has to stand
_KEY = re.compile(r"[!-~]*", re.ASCII)  # visible ASCII: what a header can hold


class Outbound:
    """A service at an address such as http://127.0.0.1:8000 or https://name:password@llm.example/v1.

    What goes wrong is raised as `error`, whose message calls the service `what`. The key, sent as a bearer token,
    and the password of the address are in no message and no log. Proxies of the environment are used, but not for
    this machine itself.
    """

    def __init__(self, what: str, url: str, error: type[NewsdeskError], timeout: float, key: str = "") -> None:
        """`timeout`: seconds until an answer has to come. Raises `error` for an address or key that cannot be one."""
        self._what, self._error, self._timeout = what, error, timeout
        address = _address(what, url, error)
        key = key.strip()  # files and variables often end in a line break
        if not _KEY.fullmatch(key):
            raise error(f"The key for {what.lower()} holds a character that no key has. Copy it again.")
        self._secrets = [secret for secret in (key, address.password) if secret]
        auth = (address.username, address.password) if address.userinfo else None
        base = address.copy_with(userinfo=b"")
        self.url = str(base).rstrip("/")
        """The address as it may be shown."""
        self._client = httpx.Client(
            base_url=base,
            auth=auth,
            headers={"Authorization": f"Bearer {key}"} if key else None,
            timeout=httpx.Timeout(timeout, connect=min(_CONNECT, timeout)),
            trust_env=not is_this_machine(address.host),
        )

    def call(self, method: str, path: str, json: Any = None) -> httpx.Response:
        """The response, of whatever status; after three tries also one that says the service is busy.

        Raises `error` when none comes.
        """
        for wait in (*WAITS, None):
            try:
                response = self._client.request(method, path, json=json)
            except httpx.TimeoutException as error:
                if wait is None or not isinstance(error, httpx.ConnectTimeout):
                    raise self._error(
                        f"{self._what} at {self.url} did not answer within {self._timeout:g} s."
                    ) from None
            except httpx.TransportError as error:
                if wait is None:
                    raise self._error(
                        f"{self._what} at {self.url} cannot be reached: {self.safe(str(error) or type(error).__name__)}. "
                        "Check that it runs, and its address."
                    ) from None
            else:
                if wait is None or response.status_code not in BUSY:
                    return response
                wait = asked_to_wait(response, wait)
            time.sleep(wait)
        raise AssertionError("the last try ends the loop")

    def safe(self, text: str) -> str:
        """What a service said, fit to be shown: one line, not long, without a secret that it repeats."""
        return shown(text, self._secrets)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def shown(text: str, secrets: Iterable[str]) -> str:
    """What a service said, fit to be shown: one line, not long, without the secrets, of which some may be empty."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def is_this_machine(host: str) -> bool:
    """Whether a name or an address leads to the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _address(what: str, url: str, error: type[NewsdeskError]) -> httpx.URL:
    """The address, parsed; what is wrong with it is said without what may be secret in it."""
    form = "Write it as http://HOST:PORT, with a path if it has one."
    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL:
        raise error(f"The address of {what.lower()} cannot be read. {form}") from None
    if address.scheme not in ("http", "https"):
        raise error(
            f"The address of {what.lower()} begins with {quoted(address.scheme)}, not with http or https. {form}"
        )
    if not address.host:
        raise error(f"The address of {what.lower()} names no host. {form}")
    if address.query or address.fragment:
        raise error(f"The address of {what.lower()} at {address.host} has a part after ? or #. {form}")
    return address


def asked_to_wait(response: httpx.Response, otherwise: float) -> float:
    """Seconds by the Retry-After header, a number or a date; never negative, never too long."""
    asked = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", asked, re.ASCII):
        return min(float(asked), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):  # no date, or one without a zone
        return otherwise
    return min(max(seconds, 0.0), LONGEST_WAIT)
