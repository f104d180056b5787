"""The OpenAPI document says everything that a client has to know, and what fits it is answered properly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.document import complete_document
from tests.schemathesis_run import send_all
from tests.support import RunningService, service_on_copy

CASES = 150
"""A small share of what `python -m tests.schemathesis_run` sends."""


@pytest.fixture(scope="module")
def service(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One of this module's own: what is sent here may be an article, and the first one replaces the sample."""
    with service_on_copy(sample_template, tmp_path_factory.mktemp("document")) as running:
        yield running


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


def test_every_answer_has_an_example_that_fits(document: dict[str, Any]) -> None:
    """A real answer, of the form that the document itself describes, without a field that it does not know."""
    without, examples = [], 0
    for name, operation in operations(document):
        status, response = next((s, r) for s, r in operation["responses"].items() if s.startswith("2"))
        if status == "204":
            continue
        content = response.get("content", {})
        if not any("example" in said for said in content.values()):
            without.append(name)
        for said in content.values():
            if "example" not in said:
                continue
            examples += 1
            schema = {**said.get("schema", {}), "components": document["components"]}
            assert [error.message for error in Draft202012Validator(schema).iter_errors(said["example"])] == [], name
            assert unknown_fields(said.get("schema", {}), said["example"], document) == [], name
    assert without == []
    assert examples >= 25


def unknown_fields(schema: dict[str, Any], example: Any, document: dict[str, Any]) -> list[str]:
    """Fields of an example that its schema does not have: it was made before they were taken away."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if choices := schema.get("anyOf"):
        return min((unknown_fields(choice, example, document) for choice in choices), key=len)
    if isinstance(example, list):
        return [field for each in example for field in unknown_fields(schema.get("items", {}), each, document)]
    if not isinstance(example, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    return [name for name in example if name not in known] + [
        field for name in example if name in known for field in unknown_fields(known[name], example[name], document)
    ]


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
