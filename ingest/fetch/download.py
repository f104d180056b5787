"""One request and its answer, within limits of time and size. Nothing is followed here, and nothing tried again."""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import httpcore
import httpx

from ingest.fetch.connect import Backend
from ingest.fetch.guard import Guard
from newsdesk.errors import NotFetched
from newsdesk.remote_service import is_this_machine
from newsdesk.wording.quoted import quoted

_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, application/rss+xml;q=0.9, */*;q=0.5"
_PACKED = {"gzip": True, "x-gzip": True, "deflate": True, "": False, "identity": False}
_PIECE = 256 * 1024  # unpacked at a time: what a bomb may take before it is counted
_ANY_WRAPPING = 32 + zlib.MAX_WBITS
_NO_ARTICLE = ("image", "video", "audio", "font")


class Unanswered(NotFetched):
    """A host did not answer, or broke off; it may a moment later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes = b""
    """Unpacked; empty unless the status is 200."""


class Downloader:
    """Asks for addresses, for one thread at a time. Proxies of the environment are not used; cookies are not kept."""

    def __init__(self, guard: Guard, user_agent: str, seconds: float, proxy: str = "") -> None:
        """`seconds` is what one request may take in all; `proxy` finds the hosts itself, so the guard sees only those
        that are named by their number."""
        self._guard = guard
        self._headers = {"user-agent": user_agent, "accept": _ACCEPT, "accept-encoding": "gzip, deflate"}
        self._seconds = seconds
        self._behind_proxy = bool(proxy)
        self._backend = Backend(None if proxy else guard)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            proxy=httpcore.Proxy(proxy) if proxy else None,
            keepalive_expiry=5.0,
            network_backend=self._backend,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._pool.close()

    def get(self, url: httpx.URL, headers: Mapping[str, str], most_bytes: int) -> Answer:
        """What `url` answers. Raises NotFetched for what is larger or takes longer, Unanswered where none came."""
        # httpx knows how an address is written on the wire, and its Host header.
        if self._behind_proxy and _is_number(url.host):
            self._guard.addresses(url.host, url.port or (443 if url.scheme == "https" else 80))
        request = httpx.Request("GET", url, headers={**self._headers, **headers})
        self._backend.deadline = time.monotonic() + self._seconds
        step = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        target = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        try:
            with self._pool.stream("GET", target, headers=request.headers.raw, extensions={"timeout": step}) as answer:
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                body = b""
                if answer.status == 200:
                    _check(found, most_bytes)
                    body = _joined(_unpacked(answer.iter_stream(), found), most_bytes)
                return Answer(answer.status, found, body)
        except httpcore.TimeoutException as error:
            raise NotFetched(f"did not answer in full within {self._seconds:g} s") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
            raise Unanswered(f"cannot be reached: {_said(error)}") from error
        except httpcore.UnsupportedProtocol as error:
            raise NotFetched("is not an address with http or https") from error


def _is_number(host: str) -> bool:
    """Whether a host is named by its address, however that is written ("127.1"), or is the machine itself."""
    try:
        socket.inet_aton(host)
    except OSError:
        return ":" in host or is_this_machine(host)
    return True


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return text or type(error).__name__


def _check(headers: Mapping[str, str], most_bytes: int) -> None:
    """Raises NotFetched for what need not be read to be refused."""
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > most_bytes:
        raise _too_large(most_bytes)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.partition("/")[0] in _NO_ARTICLE:
        raise NotFetched(f"is of type {kind[:40]}, which holds no article", 200)


def _too_large(most_bytes: int) -> NotFetched:
    return NotFetched(f"is larger than {most_bytes // 2**20} MiB, which no page is", 200)


def _joined(pieces: Iterable[bytes], most_bytes: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most_bytes:
            raise _too_large(most_bytes)
    return bytes(body)


def _unpacked(pieces: Iterable[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in _PACKED:
        raise NotFetched(f"is packed as {quoted(encoding, 40)}, which was not asked for", 200)
    if not _PACKED[encoding]:
        yield from pieces
        return
    try:
        yield from unpacked(pieces)
    except (zlib.error, EOFError) as error:
        raise Unanswered(f"is damaged: its {encoding} data cannot be unpacked ({error})") from error


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip or deflate unpacked, little by little. Raises zlib.error, and EOFError for what breaks off."""
    decoder, fresh = zlib.decompressobj(_ANY_WRAPPING), True
    for piece in pieces:
        rest = piece
        while rest:
            if decoder.eof:  # another member behind the first
                decoder, fresh = zlib.decompressobj(_ANY_WRAPPING), True
            try:
                yield decoder.decompress(rest, _PIECE)
            except zlib.error:
                if not fresh:
                    raise
                decoder = zlib.decompressobj(-zlib.MAX_WBITS)  # deflate as some servers send it, without its header
                yield decoder.decompress(rest, _PIECE)
            fresh = False
            rest = decoder.unconsumed_tail or decoder.unused_data
    if not fresh and not decoder.eof:
        yield decoder.flush()
        if not decoder.eof:
            raise EOFError("they break off")
