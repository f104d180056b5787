"""What an article is called: the source's own id, else its canonical address, else a hash of what it says."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from newsdesk.address import canonical_url


def article_id(own_id: str, url: str, title: str, paragraphs: Iterable[str]) -> str:
    """The id of an article; a blank `own_id` or `url` counts as absent.

    The source's own id is kept to the letter. An `url` that is no full web address ("/news/1") does not tell two
    sites apart, so the content decides then.
    """
    if own_id.strip():
        return own_id
    return canonical_url(url) or _content_id(title, paragraphs)


def _content_id(title: str, paragraphs: Iterable[str]) -> str:
    said = "\n\n".join((title, *paragraphs))
    return f"sha256:{sha256(said.encode()).hexdigest()[:16]}"
