"""The OpenAPI document: what FastAPI cannot know of the routes is added here: errors, keys, examples, words for fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE

_ABOUT = """\
Ask a news archive and get sentences with the paragraph they stand on.

Where the service has keys, send one as `Authorization: Bearer KEY` or `X-API-Key: KEY`. A key has the scope `read` (ask, search,
look at articles), `write` (put in and remove articles too) or `admin` (figures too).

Every response has the header `X-Request-ID`, the one that the request had, if it had one. Errors are problem documents (RFC 9457),
below `/v1` errors as OpenAI's clients know them. 429 and 503 have the header `Retry-After`, in seconds.
"""

_TAGS = {
    "questions": "Ask, search, and say what you think of an answer.",
    "articles": "What is in the archive.",
    "service": "How the service fares.",
    "OpenAI-compatible": "For programs that speak OpenAI's API.",
}

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "What was wrong, with which value, and what to do (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank: the status says which kind it is."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "description": "The status."},
        "detail": {"type": "string", "description": "What was wrong and what to do."},
        "see": {"type": "string", "description": "Where to read more: the documentation, or a list of what there is."},
        "errors": {
            "type": "array",
            "description": "Each wrong field of the request, of 422.",
            "items": {
                "type": "object",
                "properties": {
                    "where": {"type": "string", "description": "The field, as filters.published_from."},
                    "message": {"type": "string", "description": "What is wrong with it."},
                    "value": {"type": ["string", "null"], "description": "What was given, in short."},
                },
            },
        },
    },
    "example": {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "top_k: Input should be less than or equal to 50. Given was 500.",
        "see": "/docs",
    },
}
_OPENAI_ERROR: dict[str, Any] = {
    "title": "OpenAIError",
    "description": "An error as OpenAI's clients know it.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "description": "The error.",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "description": "What was wrong and what to do."},
                "type": {"type": "string", "description": "Its kind, such as invalid_request_error."},
                "param": {"type": ["string", "null"], "description": "The field that is wrong."},
                "code": {"type": ["string", "null"], "description": "A name for it, such as model_not_found."},
            },
        }
    },
    "example": {
        "error": {
            "message": "There is no model 'gpt'. The only one is 'newsdesk'.",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    },
}

_ERRORS = {
    "401": "A key is asked for, and none, or one that is not good, was sent.",
    "403": "The key has not the scope that this takes, or the request comes from a page of another site.",
    "429": "Too many requests, too many questions waiting, or too many wrong keys. `Retry-After` says when to come back.",
    "500": "The service failed; its log says why.",
    "503": "Too many questions are waiting, or it took too long. `Retry-After` says when to come back.",
}
_OF_BODIES = {"413": "The body is too large.", "415": "The body is of another type than is taken here."}
_OF_INPUT = {"422": "Something in the request is not as it has to be; `errors` says what."}
_OF_INTAKE = {
    "400": "The client went away while it was sending.",
    "507": "There is no room on the disk. Nothing was stored.",
}
_OF_IDS = {"404": "There is none by this name."}

_ASKED = {"question": "How many Turkish jets took part?", "caution": "normal"}
_MESSAGES = {
    "model": "newsdesk",
    "messages": [{"role": "user", "content": "Who conducted the joint strike on al-Bab?"}],
}
_ARTICLES = [
    {
        "id": "gazette/2026/ferry",
        "title": "Ferry late",
        "source": "Gazette",
        "published": "2026-03-01",
        "text": "The ferry was late.",
    }
]
_JUDGED = {
    "question": "Who was late?",
    "verdict": "up",
    "answer": {
        "question": "Who was late?",
        "answerable": False,
        "text": "The archive does not say.",
        "confidence": 0.2,
    },
}
_BODIES: dict[str, Any] = {
    "/api/ask": _ASKED,
    "/api/ask/stream": _ASKED,
    "/api/feedback": _JUDGED,
    "/api/articles": _ARTICLES,
    "/v1/chat/completions": _MESSAGES,
    "/v1/responses": {"model": "newsdesk", "input": "Who conducted the joint strike on al-Bab?"},
    "/api/questions": {"question": "Who was elected mayor?"},
    "/api/check-draft": {"text": "Twelve Russian jets took part in the joint strike on al-Bab."},
    "/api/uploads/address": {"address": "https://gazette.example/2026/ferry"},
}
_PARAMETERS: dict[str, tuple[str, Any]] = {
    "q": ("Words to look for; there is no query language.", "ferry late"),
    "limit": ("How many at most.", 10),
    "offset": ("How many to pass over, for the next page.", 0),
    "source": ("Outlets; give it several times for several.", ["Gazette"]),
    "published_from": ("First day, YYYY-MM-DD.", "2017-01-01"),
    "published_to": ("Last day, YYYY-MM-DD.", "2017-12-31"),
    "id": ("Id of an article; it may hold slashes.", "gazette/2026/ferry"),
    "model": ("Name of the model.", "newsdesk"),
    "as_of": ("Nothing published after this day, YYYY-MM-DD, counts.", "2017-06-30"),
    "sort": ("What comes first: relevance, or the newest day.", "relevance"),
    "step": (
        "How long a span is: day, week or month; left out, it is as fine as makes about a hundred spans.",
        "month",
    ),
    "key": ("Key that was given when it was made.", "a1b2c3"),
}

_FIELDS = {
    "added": "New articles.", "agency": "News agency that the text is from.", "also_in": "Other articles with the same paragraph.",
    "answer": "What was answered.", "answerable": "Whether the archive answers the question.", "article_id": "Id of the article.",
    "articles": "Articles, or their number.", "as_of": "Nothing published after this day is used.", "authors": "Who wrote it.",
    "caution": "How sure an answer has to be: low, normal or high.", "citations": "What the answer stands on.",
    "comment": "What the reader has to say to it.", "confidence": "Probability that what is said is right.",
    "content": "Text, or parts of type text.", "conversation": "Not supported: nothing is kept.", "done": "Passages with a vector.",
    "end": "Where it ends: a day, or a place in code points.", "evidence": "Passages that were found.",
    "expected": "What the right answer would have been.", "filters": "Outlets and days to look at.",
    "history": "What was asked and answered before.", "id": "Id by which it is found again.",
    "include_usage": "Whether the last chunk counts words.", "index": "Place in what was posted, from 0.",
    "input": "The question, or the messages of a conversation.", "kind": "Which kind it is.", "language": "Language, as en.",
    "limit": "How many at most.", "marker": "The number in brackets in the text.", "messages": "The conversation; the last one is asked.",
    "mode": "Who writes, or wrote, the answer: auto, extractive or llm.", "model": "Name of the model.",
    "n": "1: a question has one answer.", "newsdesk": "What OpenAI's API has no field for.", "notes": "What should be known of the answer.",
    "paragraph": "Number of the paragraph, from 0.", "paragraphs": "The paragraphs, their numbers, or how many there are.",
    "passages": "How many passages there are.", "permalink": "Path of the paragraph's page, below the address of the service.",
    "previous_response_id": "Not supported: nothing is kept.", "published": "Day of publication; null when it is not known.",
    "published_from": "First day, YYYY-MM-DD.", "published_to": "Last day, YYYY-MM-DD.", "question": "The question, as it was asked.",
    "quote": "The words, to the letter.", "reason": "Why.", "rejected": "What was not taken in, and why.",
    "rejects": "How many sources were not taken in.", "removed": "What is gone.", "results": "What was found, best first.",
    "role": "Who speaks: user, assistant, system or developer.", "sample": "Whether it came with Newsdesk.",
    "samples": "How many articles came with Newsdesk.", "score": "How well it fits; to be compared within one response.",
    "short_answer": "The words that answer, as the archive has them.", "section": "Section of the outlet.", "source": "The outlet.", "sources": "Outlets to look at; empty: all.",
    "standalone_question": "The question as it was understood, without its conversation.",
    "start": "Where it begins: a day, or a place in code points.", "status": "The state in a word.", "stream": "Whether it comes in pieces.",
    "stream_options": "OpenAI's options of a stream.", "text": "The words.", "timings_ms": "Milliseconds of each step.",
    "title": "The headline.", "total": "How many there are in all.", "type": "Which kind it is.", "unchanged": "Articles that were there as they are.",
    "updated": "Articles that were there otherwise.", "url": "Address at the publisher's; empty when it is not known.",
    "vectors": "How much can be found by meaning.", "verdict": "up or down.", "verified": "How many were verified; of a citation how it was checked.",
    "warnings": "What was left out of articles that were taken in.", "written": "How many an LLM wrote.",
    "address": "Web address of a page.", "after": "Number of the paragraph now, from 0; null: it is gone.",
    "archive": "What the archive says.", "before": "Number of the paragraph before, from 0; null: it is new.",
    "beside": "What the archive says on it.", "changes": "Words that went and words that came.",
    "citation": "What it stands on.", "cited": "How many articles the answer cites.", "differences": "What is not the same.",
    "draft": "What the draft says.", "feed": "Path of its Atom feed.", "files": "How many files were sent.",
    "finding": "Number of the finding.", "findings": "How many articles answered it.", "finished": "Whether all of it was read.",
    "found": "What answered it, the newest first.", "found_at": "When it was found, UTC, ISO 8601.",
    "last": "The last of them.", "older_than_a_year": "How many of the cited are older than a year.", "on": "The day.",
    "outlets": "Outlets, or their number.", "pieces": "Its words, as they stayed, went and came.",
    "saved_at": "When it was saved, UTC, ISO 8601.", "saved_question": "Key of the saved question.",
    "secret": "What signs the messages of its webhook; shown this once.", "sentences": "The sentences, in order.",
    "spans": "Spans of time with the number of their articles.", "state": "How far it is, in a word.",
    "step": "How long a span is: day, week or month.", "version": "Which version it is, from 1.",
    "versions": "The versions, oldest first.", "webhook": "Address that is told of what is found; empty: none.",
}  # fmt: skip
"""What a field means, where its model does not say it better; a name means the same everywhere."""


def complete_document(app: FastAPI) -> None:
    """Has the application's OpenAPI document say everything that a client has to know."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            _complete(made())
        document: dict[str, Any] = app.openapi_schema or {}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def _complete(document: dict[str, Any]) -> None:
    document["info"]["description"] = _ABOUT
    document["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= {"Problem": _PROBLEM, "OpenAIError": _OPENAI_ERROR}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key of `newsdesk keys add`."},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
    }
    document["security"] = [{}, {"bearer": []}, {"header": []}]
    answered = json.loads(files("api").joinpath("examples.json").read_text(encoding="utf-8"))
    for path, method, operation in _operations(document):
        _answered(answered.get(f"{method} {path}"), operation)
        _errors(path, method, operation)
        _examples(path, operation)
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            if name in _FIELDS:
                field.setdefault("description", _FIELDS[name])


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _errors(path: str, method: str, operation: dict[str, Any]) -> None:
    """The errors that there can be, each with its form."""
    openai = path.startswith("/v1/")
    form = "OpenAIError" if openai else "Problem"
    media = "application/json" if openai else MEDIA_TYPE
    expected = dict(_ERRORS)
    if "requestBody" in operation:
        expected |= _OF_BODIES
    if path.startswith("/api/") and ("requestBody" in operation or "parameters" in operation):
        expected |= _OF_INPUT
    if "{" in path:
        expected |= _OF_IDS
    if method in ("post", "delete") and path.startswith(("/api/articles", "/api/feedback")):
        expected |= _OF_INTAKE
    if (method, path) == ("post", "/api/questions"):
        expected["409"] = "The question is saved already, with the same webhook."
    if openai:
        expected["400"] = "Something in the request is not as it has to be."
        expected["404"] = "There is no such model."
        operation["responses"].pop("422", None)
    for status, description in expected.items():
        if path == "/readyz" and status == "503":
            continue
        content = {media: {"schema": {"$ref": f"#/components/schemas/{form}"}}}
        response: dict[str, Any] = {"description": description, "content": content}
        if status in ("429", "503"):
            seconds = {"type": "integer", "minimum": 1}
            response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": seconds}}
        operation["responses"][status] = response


def _answered(said: Any, operation: dict[str, Any]) -> None:
    """What a service answered (tests/record_examples.py), as the example of what is answered when all is well."""
    if said is None:
        return
    response = next(response for status, response in operation["responses"].items() if status.startswith("2"))
    kinds = response.setdefault("content", {})
    if isinstance(said, str):
        text = next((kind for kind in kinds if kind.startswith("text/")), "text/plain")
        kinds.setdefault(text, {})["example"] = said
    else:
        kinds["application/json"]["example"] = said


def _examples(path: str, operation: dict[str, Any]) -> None:
    """An example for each body and parameter, and words for the parameters."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] in _PARAMETERS:
            description, example = _PARAMETERS[parameter["name"]]
            parameter.setdefault("description", description)
            parameter.setdefault("example", example)
    content = operation.get("requestBody", {}).get("content", {})
    if path in _BODIES and "application/json" in content:
        content["application/json"].setdefault("example", _BODIES[path])
