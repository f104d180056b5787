"""The hashes that the catalogue keeps of what it stores."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

from newsdesk.types import Article


def content_hash(article: Article) -> str:
    """Changes when anything a reader can see of the article changes."""
    return _hash_of(asdict(article))


def story_hash(article: Article) -> str:
    """Equal for what says the same to a reader, whatever it is called, and whichever version it says it is."""
    unsaid = ("id", "edition", "modified", "until")
    return _hash_of({name: value for name, value in asdict(article).items() if name not in unsaid})


def is_sound_version(content: Any) -> bool:
    """Whether the content of an older version is what was stored; where no hash was kept with it, whether it can be read."""
    if not isinstance(content, dict):
        return False
    fields = dict(content)
    kept = fields.pop("content_hash", None)
    return bool(texts_of_version(fields)) if kept is None else kept == _hash_of(fields)


def text_hash(text: str) -> bytes:
    """Equal for texts that differ in case and white space only."""
    return blake2b(" ".join(text.split()).casefold().encode(), digest_size=16).digest()


def embedded_hash(text: str) -> bytes:
    """Key of the vector of exactly this text."""
    return blake2b(text.encode(), digest_size=16).digest()


def _hash_of(fields: dict[str, Any]) -> str:
    said = {name: value for name, value in fields.items() if value}  # a new, empty field changes no hash
    return blake2b(json.dumps(said, default=str).encode(), digest_size=16).hexdigest()


def texts_of_version(content: Any) -> list[str]:
    """Its headline and paragraphs; none when they cannot be read, which `newsdesk check` says."""
    try:
        texts = [content["title"], *content["paragraphs"]]
    except (TypeError, KeyError):
        return []
    return [text for text in texts if isinstance(text, str)]
