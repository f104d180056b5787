"""The OpenAPI document says everything that a client has to know, and what fits it is answered properly."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.document import complete_document
from tests.schemathesis_run import send_all
from tests.support import RunningService, start_service, stop_service

CASES = 150
"""A small share of what `python -m tests.schemathesis_run` sends."""


@pytest.fixture(scope="module")
def service(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One of this module's own: what is sent here may be an article, and the first one replaces the sample."""
    folder = tmp_path_factory.mktemp("document")
    data = shutil.copytree(sample_template, folder / "data")
    process, url = start_service(data, folder / "log")
    try:
        yield RunningService(url, data, process.pid)
    finally:
        stop_service(process)


@pytest.fixture(scope="module")
def document(service: RunningService) -> dict[str, Any]:
    """As a client gets it."""
    got: dict[str, Any] = httpx.get(f"{service.url}/openapi.json", timeout=60, trust_env=False).json()
    return got


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with its name."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def test_everything_has_words(document: dict[str, Any]) -> None:
    """Every operation, parameter and field, so that nobody has to read the code."""
    wordless = [name for name, operation in operations(document) if not operation.get("description")]
    wordless += [
        f"{name} {parameter['name']}"
        for name, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description") or "example" not in parameter
    ]
    wordless += [
        f"{schema} {field}"
        for schema, content in document["components"]["schemas"].items()
        for field, said in content.get("properties", {}).items()
        if not said.get("description")
    ]
    assert wordless == []
    assert complete_document.__doc__


def test_every_body_has_an_example_that_works(service: RunningService, document: dict[str, Any]) -> None:
    """Copied from the documentation, it is answered."""
    tried = 0
    for name, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or name in ("post /api/articles", "post /api/uploads/address"):  # one fetches when allowed
            continue
        path = name.split()[1]
        response = httpx.post(f"{service.url}{path}", json=content["example"], timeout=60, trust_env=False)
        assert response.status_code in (200, 201), f"{name}: {response.text}"
        tried += 1
    assert tried >= 5


def test_errors_are_described(document: dict[str, Any]) -> None:
    """With their form, and where one has to wait, that it is said how long."""
    for name, operation in operations(document):
        answers = operation["responses"]
        assert {"401", "403", "429", "500", "503"} <= set(answers), name
        form = "OpenAIError" if "/v1/" in name else "Problem"
        for status, answer in answers.items():
            if status >= "400" and (name, status) != ("get /readyz", "503"):
                assert f"#/components/schemas/{form}" in json.dumps(answer), (name, status)
        assert "Retry-After" in answers["429"]["headers"]
    assert "HTTPValidationError" not in json.dumps(document)


def test_keys_are_described(document: dict[str, Any]) -> None:
    """In both headers; and that none may be needed."""
    assert {scheme["type"] for scheme in document["components"]["securitySchemes"].values()} == {"http", "apiKey"}
    assert {} in document["security"]


def test_what_fits_the_document_is_answered(service: RunningService) -> None:
    """Nothing that it allows, and nothing near it, makes the service fail."""
    told = send_all(service.url, CASES, start=7)
    assert told.cases >= CASES * 0.8
    assert told.faults == []
