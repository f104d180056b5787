"""Web addresses as names of articles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    import httpx

# Parameters that say where a reader came from, not what is read: campaign tags (utm_*), and the click ids of
# Facebook, Google, Microsoft, Yandex, X, TikTok, Instagram, Mailchimp and HubSpot.
_TRACKING = re.compile(
    r"(?:utm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?<=://)[^/?#]*@")
_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """The one spelling of a web address under which its copies meet, or "" if it is not a full http(s) address.

    Scheme and host in lower case; no fragment, user name, default port, tracking parameter or trailing slash.
    """
    try:
        parts = urlsplit(url.strip())
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:  # such as a broken IPv6 host or a port that is no number
        return ""
    if scheme not in _DEFAULT_PORTS or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    place = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    kept = [part for part in parts.query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])]
    return urlunsplit((scheme, place, parts.path.rstrip("/") or "/", "&".join(kept), ""))


def article_address(url: str) -> str:
    """The canonical address when it names one article; "" for a site's front page, for a part of a page, and for none.

    The posts of a live blog have one address and differ in what follows "#".
    """
    address = canonical_url(url)
    if not address:
        return ""
    parts = urlsplit(address)
    is_front_page = parts.path == "/" and not parts.query
    return "" if is_front_page or urlsplit(url.strip()).fragment else address


def is_web_address(text: str) -> bool:
    """Whether it begins as an http(s) address does."""
    return bool(_WEB.match(text))


def without_login(url: str) -> str:
    """The address without the user name and the password that it may hold: these are neither stored nor shown."""
    return _LOGIN.sub("", url, count=1)


def callable_address(text: str) -> httpx.URL:
    """The address, as one that can be called: http or https, a host, a port that there can be, no user name.

    Raises ValueError, whose message goes on behind the address ("is no web address").
    """
    import httpx

    try:
        url = httpx.URL(text.strip())
        host, port = url.host, url.port  # a host of broken punycode is noticed only when it is asked for
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError("is not a web address") from error
    if port is not None and not 0 < port < 65_536:
        raise ValueError(f"has the port {port}, which none is; ports go from 1 to 65535")
    if url.scheme not in ("http", "https") or not host:
        raise ValueError("is not an address with http or https")
    if url.userinfo:
        raise ValueError("holds a user name or a password; only what needs neither is called")
    return url
