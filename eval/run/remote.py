"""A running Newsdesk service as what is evaluated: the same questions, asked over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from newsdesk.errors import ArticleNotFound, QuestionError, ServiceUnreachable
from newsdesk.remote_service import Outbound
from newsdesk.types import CANNOT_ANSWER, Answer, Citation, Question, Span
from newsdesk.wording.quoted import quoted

TIMEOUT = 120.0
"""Seconds for one answer; an LLM on a slow machine may take a minute."""
KEPT = 256
"""Articles whose paragraphs are kept: quotes of one question come from few, and neighbouring questions share them."""

_ANSWER = TypeAdapter(Answer)
_PARAGRAPHS = TypeAdapter(tuple[str, ...])
_DAY: TypeAdapter[date | None] = TypeAdapter(date | None)

_OF_ANSWER = frozenset(field.name for field in fields(Answer)) - {"when", "verified", "removed", "narrowed", "coverage"}
_OF_CITATION = frozenset(field.name for field in fields(Citation)) - {
    "cut_before",
    "cut_after",
    "version",
    "correction",
}
"""A service of an earlier version tells no days, no versions, not where it cut and not what of an LLM was checked, and can
be measured all the same; what an answer covered is not measured."""
_OF_EVIDENCE = frozenset({"article_id", "paragraphs", "text", "score", "title", "source", "published", "url"})


class RemoteEngine:
    """Asks the service at `url`, which may have a path of its own before `/api`; `key` is for one that asks for keys.

    Every method raises ServiceUnreachable when the service is down, fails, is late, or does not answer as Newsdesk does.
    """

    def __init__(self, url: str, key: str = "") -> None:
        self._service = Outbound("The service", url, ServiceUnreachable, TIMEOUT, key)
        self.url = self._service.url
        """Its address, fit to be shown: without name and password."""
        self._kept = lru_cache(maxsize=KEPT)(self._fetch_paragraphs)

    def ask(self, question: Question) -> Answer:
        """The service's answer. Raises QuestionError, with what the service said, for a question it does not take.

        The API tells no passage ids and no offsets of evidence: `passage_id` is empty, and `spans` say only which
        paragraphs a passage covers.
        """
        response = self._service.call("POST", "api/ask", _asked(question))
        if response.status_code in (400, 422) and (detail := _detail(response)):
            raise QuestionError(self._service.safe(detail))
        body = self._json(response)
        try:
            return _answer(body)
        except (ValidationError, _Missing) as error:
            raise self._not_newsdesk(f"its answer {_wrong(error)}") from None

    def find(self, question: Question) -> Answer:
        """The evidence alone. The API has no way to find as answering does without answering, so it answers too."""
        answer = self.ask(question)
        return replace(
            answer, answerable=False, text=CANNOT_ANSWER, short_answer=None, when=None, confidence=0.0, citations=()
        )

    def newest_day(self) -> date | None:
        """The day of its newest article; None when none has a date."""
        found = self._json(self._service.call("GET", "api/articles?limit=1"))
        try:
            return _newest(found)
        except (ValidationError, LookupError, TypeError) as error:
            raise self._not_newsdesk(f"its /api/articles holds no articles ({error})") from None

    def paragraphs(self, article_id: str) -> tuple[str, ...]:
        """The paragraphs of an article, as the service holds them. Raises ArticleNotFound."""
        return self._kept(article_id)

    def about(self) -> dict[str, Any]:
        """What /api/stats tells: `model`, and the counts `articles`, `paragraphs`, `passages` and `vectors`."""
        stats = self._json(self._service.call("GET", "api/stats"))
        try:
            return {name: stats[name] for name in ("model", "articles", "paragraphs", "passages", "vectors")}
        except KeyError as error:
            raise self._not_newsdesk(f"its /api/stats has no {error}") from None

    def close(self) -> None:
        """Closes the connections."""
        self._service.close()

    def _fetch_paragraphs(self, article_id: str) -> tuple[str, ...]:
        # All is escaped: an id may hold slashes and dots, which would be taken for a path.
        response = self._service.call("GET", f"api/articles/{quote(article_id, safe='').replace('.', '%2E')}")
        if response.status_code == 404 and _detail(response):
            raise ArticleNotFound(article_id)
        try:
            return _PARAGRAPHS.validate_python(self._json(response).get("paragraphs"))
        except ValidationError as error:
            raise self._not_newsdesk(f"its article {quoted(article_id)} {_wrong(error)}") from None

    def _json(self, response: httpx.Response) -> dict[str, Any]:
        """The object that a good response holds."""
        status, path = response.status_code, response.request.url.path
        if response.is_success:
            body = _body(response)
            if isinstance(body, dict):
                return body
            raise self._not_newsdesk(f"{path} gave no JSON object")
        detail = _detail(response)
        if not detail and not response.is_server_error:
            raise self._not_newsdesk(f"{path} answered with status {status}")
        said = f": {self._service.safe(detail)}" if detail else ". Its log may say why."
        if status in (401, 403):
            said += " Put a key with the scope read into the setting service_key (NEWSDESK_SERVICE_KEY)."
        raise ServiceUnreachable(f"The service at {self.url} could not answer {path} (status {status}){said}")

    def _not_newsdesk(self, why: str) -> ServiceUnreachable:
        return ServiceUnreachable(
            f"What answers at {self.url} is not a Newsdesk service, or one of another version: {why}. "
            "Name one that `newsdesk serve` runs, such as http://127.0.0.1:8000."
        )


def _newest(found: Mapping[str, Any]) -> date | None:
    return _DAY.validate_python(found["articles"][0]["published"]) if found["articles"] else None


class _Missing(Exception):
    """A field that the API always gives is not there."""


def _asked(question: Question) -> dict[str, Any]:
    """The body of POST /api/ask."""
    filters = question.filters
    days = {"published_from": filters.published_from, "published_to": filters.published_to}
    return {
        "question": question.text,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in question.history],
        "as_of": question.as_of.isoformat() if question.as_of else None,
        "filters": {
            "sources": list(filters.sources),
            **{name: day.isoformat() if day else None for name, day in days.items()},
        },
        "mode": question.mode,
        "caution": question.caution,
        "top_k": question.top_k,
    }


def _answer(body: Mapping[str, Any]) -> Answer:
    """The Answer that the API's object describes; fields that are not known are ignored."""
    _require(body, _OF_ANSWER, "")
    for name, needed in (("citations", _OF_CITATION), ("evidence", _OF_EVIDENCE)):
        for number, item in enumerate(body[name] if isinstance(body[name], list) else []):
            _require(item, needed, f"{name}.{number}.")
    checked = body.get("checked")
    verified = checked.get("verified", 0) if isinstance(checked, dict) else 0
    own = {"evidence": _evidence(body["evidence"]), "verified": verified, "coverage": None}
    answer = _ANSWER.validate_python({**body, **own})
    if not 0 <= answer.confidence <= 1:
        raise _Missing(f"has the confidence {answer.confidence}, not one from 0 to 1")
    return answer


def _evidence(items: Any) -> Any:
    """The API's evidence with what an Evidence has beside it."""
    if not isinstance(items, list):
        return items
    return [
        {"authors": (), **item, "passage_id": "", "spans": [Span(number, 0, 0) for number in _numbers(item)]}
        for item in items
    ]


def _numbers(item: Mapping[str, Any]) -> list[Any]:
    numbers = item["paragraphs"]
    if not (isinstance(numbers, list) and all(type(number) is int and number >= 0 for number in numbers)):
        raise _Missing(f"has paragraphs {quoted(numbers)} that are not whole numbers")
    return numbers


def _require(item: Any, names: frozenset[str], where: str) -> None:
    missing = sorted(names - item.keys()) if isinstance(item, dict) else sorted(names)
    if missing:
        raise _Missing(f"has no {where}{missing[0]}")


def _wrong(error: ValidationError | _Missing) -> str:
    if isinstance(error, _Missing):
        return str(error)
    first = error.errors(include_input=False, include_url=False)[0]
    return f"has a wrong {'.'.join(map(str, first['loc'])) or 'form'} ({first['msg']})"


def _body(response: httpx.Response) -> Any:
    """What the JSON holds; None where there is none."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _detail(response: httpx.Response) -> str:
    """What a problem document (RFC 9457) says; empty where the response is none."""
    if not response.headers.get("content-type", "").startswith("application/problem+json"):
        return ""
    body = _body(response)
    detail = body.get("detail") if isinstance(body, dict) else None
    return detail if isinstance(detail, str) else ""
