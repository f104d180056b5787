"""The hashes that the catalogue keeps of what it stores."""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import blake2b
from typing import Any

from newsdesk.types import Article


def content_hash(article: Article) -> str:
    """Changes when anything a reader can see of the article changes."""
    return _hash_of(_fields_of(article))


def story_hash(article: Article) -> str:
    """Equal for what says the same to a reader, whatever it is called, and whichever version it says it is."""
    unsaid = ("id", "edition", "modified", "until")
    return _hash_of({name: value for name, value in _fields_of(article).items() if name not in unsaid})


def is_sound_version(content: Any) -> bool:
    """Whether the content of an older version is what was stored; where no hash was kept with it, whether it can be read."""
    if not isinstance(content, dict):
        return False
    said = dict(content)
    kept = said.pop("content_hash", None)
    return bool(texts_of_version(said)) if kept is None else kept == _hash_of(said)


def text_hash(text: str) -> bytes:
    """Equal for texts that differ in case and white space only."""
    return blake2b(" ".join(text.split()).casefold().encode(), digest_size=16).digest()


def embedded_hash(text: str) -> bytes:
    """Key of the vector of exactly this text."""
    return blake2b(text.encode(), digest_size=16).digest()


def _fields_of(article: Article) -> dict[str, Any]:
    return {field.name: getattr(article, field.name) for field in fields(article)}  # not copied, as `asdict` does


def _hash_of(content: dict[str, Any]) -> str:
    said = {name: value for name, value in content.items() if value}  # a new, empty field changes no hash
    return blake2b(json.dumps(said, default=str).encode(), digest_size=16).hexdigest()


def texts_of_version(content: Any) -> list[str]:
    """Its headline and paragraphs; none when they cannot be read, which `newsdesk check` says."""
    try:
        texts = [content["title"], *content["paragraphs"]]
    except (TypeError, KeyError):
        return []
    return [text for text in texts if isinstance(text, str)]
