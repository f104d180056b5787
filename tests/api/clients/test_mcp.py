"""The official client of the Model Context Protocol asks a running service, over HTTP and by `newsdesk mcp`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

from api.clients.citations import Cited, Said
from api.clients.mcp_tools import _as_markdown
from tests.api.clients.talk import TURNS, check_sources
from tests.support import ROOT, RunningService, environment

Work = Callable[[Client], Awaitable[None]]


def over_http(service: RunningService, work: Work, mode: str = "auto") -> None:
    """Does the work with a client of the service's address."""

    async def run() -> None:
        async with Client(f"{service.url}/mcp", mode=mode) as client:
            await work(client)

    anyio.run(run)


def over_stdio(data: Path, work: Work) -> None:
    """Does the work with a client that starts the command."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "newsdesk", "mcp", "--data", str(data)], env=environment(), cwd=ROOT
    )

    async def run() -> None:
        async with Client(command) as client:
            await work(client)

    anyio.run(run)


def talks(service: RunningService | None) -> Work:
    """A conversation of three turns, each with the right sources."""

    async def work(client: Client) -> None:
        history: list[dict[str, str]] = []
        for question, words, article in TURNS:
            result = await client.call_tool("ask", {"question": question, "history": history})
            said: Any = result.structured_content
            assert words in said["text"]
            assert any(article in cited["article_id"] for cited in said["citations"])
            assert result.content[0].text == said["text"]  # type: ignore[union-attr]
            links = [block for block in result.content if block.type == "resource_link"]
            assert len(links) == len(said["citations"])
            read = await client.read_resource(links[0].uri)
            assert said["citations"][0]["cited_text"] in read.contents[0].text  # type: ignore[union-attr]
            if service:
                check_sources(service, said)
            history.append({"question": question, "answer": said["text"]})

    return work


async def searches(client: Client) -> None:
    """`search` and `fetch` have exactly the forms that connectors look for, as structured content and as text."""
    result = await client.call_tool("search", {"query": "planes over al-Bab"})
    found: Any = result.structured_content
    assert json.loads(result.content[0].text) == found  # type: ignore[union-attr]
    assert found["results"]
    assert all(set(each) == {"id", "title", "url"} and all(each.values()) for each in found["results"])
    assert len({each["id"] for each in found["results"]}) == len(found["results"])
    first = found["results"][0]
    result = await client.call_tool("fetch", {"id": first["id"]})
    document: Any = result.structured_content
    assert json.loads(result.content[0].text) == document  # type: ignore[union-attr]
    assert set(document) == {"id", "title", "text", "url", "metadata"}
    assert (document["id"], document["title"]) == (first["id"], first["title"])
    assert document["metadata"]["source"]
    assert document["url"]


async def is_told_what_is_wrong(client: Client) -> None:
    """A model reads what it did wrong, as the result of its call."""
    for tool, given, about in (
        ("ask", {"question": " "}, "empty"),
        ("ask", {"question": "Who?", "as_of": "yesterday"}, "YYYY-MM-DD"),
        ("ask", {"question": "Who?", "published_from": "2020-02-02", "published_to": "2019-01-01"}, "after"),
        ("search", {}, "query"),
        ("search", {"query": 7}, "query"),
        ("fetch", {"id": "no/such"}, "no/such"),
    ):
        result = await client.call_tool(tool, given)
        assert result.is_error
        assert about in result.content[0].text  # type: ignore[union-attr]
        for of_a_library in ("validation error", "pydantic", "[type="):
            assert of_a_library not in result.content[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(service: RunningService, mode: str) -> None:
    """By the newest protocol and by the one before it."""
    for work in (talks(service), searches, is_told_what_is_wrong):
        over_http(service, work, mode)


def test_over_stdio_beside_a_service(service: RunningService) -> None:
    """The command hands the calls to the service that has the archive open, and its links lead there."""

    async def work(client: Client) -> None:
        await talks(service)(client)
        await searches(client)
        await is_told_what_is_wrong(client)

    over_stdio(service.data, work)


def test_over_stdio_alone(sample_template: Path, tmp_path: Path) -> None:
    """Without a service the command opens the archive itself."""
    data = Path(shutil.copytree(sample_template, tmp_path / "data"))

    async def work(client: Client) -> None:
        await searches(client)
        await is_told_what_is_wrong(client)

    over_stdio(data, work)


def test_other_methods_and_other_pages_are_refused(service: RunningService) -> None:
    """No stream is held open, and a page of another site calls no tool."""
    assert httpx.get(f"{service.url}/mcp", headers={"accept": "text/event-stream"}).status_code == 405
    foreign = httpx.post(f"{service.url}/mcp", json={}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403


@pytest.mark.parametrize(
    ("body", "code", "about"),
    [
        (b"{}", -32600, "jsonrpc"),
        (b"[]", -32600, "jsonrpc"),
        (b"7", -32600, "jsonrpc"),
        (b'{"jsonrpc": "2.0", "id": 1}', -32600, "method"),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "tools/list"}', -32600, "jsonrpc"),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}]', -32600, "one object"),
        (b"", -32700, "JSON"),
        (b'{"jsonrpc": ', -32700, "JSON"),
        (b"\xff\xfe", -32700, "JSON"),
        (b"[" * 100_000, -32700, "JSON"),
    ],
)
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
def test_what_is_no_message_is_refused_in_plain_words(
    service: RunningService, version: str, body: bytes, code: int, about: str
) -> None:
    """By every protocol: with an error of JSON-RPC that says what to send, and nothing of the libraries that looked at it."""
    headers = {"accept": "application/json", "content-type": "application/json", "mcp-protocol-version": version}
    refused = httpx.post(f"{service.url}/mcp", content=body, headers=headers, trust_env=False)
    assert refused.status_code == 400
    said = refused.json()
    assert (said["jsonrpc"], said["id"], said["error"]["code"]) == ("2.0", None, code)
    assert about in said["error"]["message"]
    assert len(said["error"]["message"]) < 300
    for of_a_library in ("validation error", "pydantic", "[type=", "JSONRPCRequest"):
        assert of_a_library not in refused.text


def test_a_message_is_too_large_as_any_body_is(service: RunningService) -> None:
    """It is looked at before the protocol sees it, within the same limit."""
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "' + b"x" * 1_100_000 + b'"}'

    def pieces() -> Iterator[bytes]:  # without Content-Length
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = {"accept": "application/json", "content-type": "application/json"}
    assert httpx.post(f"{service.url}/mcp", content=pieces(), headers=headers, trust_env=False).status_code == 413


def test_printed_words_reach_no_markdown() -> None:
    """What a paper printed loads no picture where the text of an answer is rendered; markers stay links."""
    cited = Cited.model_construct(
        marker=1, url="http://desk.example/article/a#p0", title="T", dateline="1 May 2021, Gazette", article_id="a"
    )
    said = Said.model_construct(citations=[cited])
    text = _as_markdown("![seen](http://evil.example/p.png) was shown. [1]", said)
    assert text.startswith(r"!\[seen\](http://evil.example/p.png) was shown. [1]")
