"""The Model Context Protocol: `ask`, and `search` and `fetch` as clients that look for these two expect them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    CallToolResult,
    ResourceLink,
    TextContent,
    ToolAnnotations,
    jsonrpc_message_adapter,
)
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from api.clients.citations import Said
from api.clients.desk import Desk
from api.clients.markdown import definitions, escaped
from api.models import AskIn, Day, FiltersIn, TurnIn
from api.problems import in_words, problem
from newsdesk import __version__
from newsdesk.errors import NewsdeskError
from newsdesk.wording.links import article_link

PATH = "/mcp"
FOUND = 10
"""Articles that a search names."""

_PASSAGES = 40  # that are looked at for them: an article may be found by several
_NO_MESSAGE = (
    'The body is no message of JSON-RPC 2.0: send one object with "jsonrpc": "2.0", an "id" that is a number or a text, '
    'and a "method", or use a client of the Model Context Protocol.'
)
_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "A news archive. `ask` answers a question with the sentences it stands on, or says that the archive does not say; "
    "`search` finds articles, `fetch` shows one. Cite the addresses given."
)


class Found(BaseModel):
    """An article that was found."""

    id: str
    title: str
    url: str


class FoundOut(BaseModel):
    """What a search found, best first."""

    results: list[Found]


class DocumentOut(BaseModel):
    """An article."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]


class AskedOut(Said):
    """An answer with its sources."""

    text: str = Field(description="The answer, and behind it where each of its markers leads.")


def mcp_server(desk: Desk, site: str) -> MCPServer[Any]:
    """The server. `site` is where links to articles lead; empty: where an HTTP client reached the service."""
    server: MCPServer[Any] = _Server(
        "newsdesk", title="Newsdesk", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    tools = _Tools(desk, site)
    for tool in (tools.ask, tools.search, tools.fetch):
        server.add_tool(tool, annotations=_READ_ONLY)
    server.resource("newsdesk://article/{id}", mime_type="text/plain", description="An article's text.")(tools.read)
    return server


def add_mcp(app: FastAPI, server: MCPServer[Any]) -> None:
    """Serves the protocol at /mcp for as long as the application lives. Call it before the chat is mounted at /."""
    # The fence (api/guard) has looked at Host and Origin. Nothing is kept between two requests, and no stream held open.
    server.streamable_http_app(streamable_http_path=PATH, json_response=True, stateless_http=True, host="0.0.0.0")
    manager, inner = server.session_manager, app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(of: Any) -> AsyncIterator[Any]:
        async with manager.run(), inner(of) as state:
            yield state

    app.router.lifespan_context = lifespan
    app.router.add_route(PATH, _Door(manager.handle_request), include_in_schema=False)  # type: ignore[arg-type]


class _Server(MCPServer[Any]):
    """Tells what was wrong with arguments in words of ours; the library repeats those of the one that checks them."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Calls a tool. Raises ToolError."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(f"{name}: {in_words(error.__cause__.errors())}") from error.__cause__
            raise


class _Door:
    """Lets requests to the protocol through. An object, because a function answers some methods only."""

    def __init__(self, handle: Callable[[Scope, Receive, Send], Any]) -> None:
        self._handle = handle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            detail = f"{scope['method']} is not possible at {PATH}; POST is, by a client of the Model Context Protocol."
            await problem(405, detail, {"Allow": "POST"})(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        # The library would repeat what the ones that check said: dozens of lines about each kind of message.
        if error := _message_error(body):
            response = JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, status_code=400)
            await response(scope, receive, send)
            return
        await self._handle(scope, _read_again(body, receive), send)


def _message_error(body: bytes) -> dict[str, Any] | None:
    """The JSON-RPC error for a body that is no message of the protocol; None for one that is."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):  # wrong UTF-8 and endless numbers are ValueErrors too
        return {"code": PARSE_ERROR, "message": "The body cannot be read as JSON."}
    try:
        jsonrpc_message_adapter.validate_python(given, by_name=False)
    except ValidationError:
        return {"code": INVALID_REQUEST, "message": _NO_MESSAGE}
    return None


def _read_again(body: bytes, receive: Receive) -> Receive:
    """Gives the body that has been read once more, then whatever follows it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


class _Tools:
    """The tools; their docstrings are what a language model reads of them."""

    def __init__(self, desk: Desk, site: str) -> None:
        self._desk = desk
        self._site = site

    def ask(
        self,
        question: str,
        context: Context[Any, Any],
        history: list[TurnIn] | None = None,
        as_of: Day | None = None,
        sources: list[str] | None = None,
        published_from: Day | None = None,
        published_to: Day | None = None,
    ) -> Annotated[CallToolResult, AskedOut]:
        """Answers a question from the news archive with sentences quoted to the letter, each with its source.

        It says "The archive does not say." rather than guess. `history` holds the questions and answers before this
        one, so that a follow-up is understood. `as_of` leaves out what was published later; `sources` are outlets; days
        are written YYYY-MM-DD.
        """
        try:
            filters = FiltersIn(sources=sources or [], published_from=published_from, published_to=published_to)
            asked = AskIn(question=question, history=history or [], as_of=as_of, filters=filters)
            answer = self._desk.ask(asked)
        except NewsdeskError as error:
            raise ToolError(str(error)) from error
        except ValidationError as error:
            raise ToolError(in_words(error.errors())) from error
        said = Said.of(answer, self._at(context))
        text = _as_markdown(answer.text, said)
        links = [
            ResourceLink(
                type="resource_link",
                uri=_resource(cited.article_id),
                name=cited.title or cited.article_id,
                description=cited.dateline,
                mime_type="text/plain",
            )
            for cited in said.citations
        ]
        return CallToolResult(
            content=[TextContent(type="text", text=text), *links],
            structured_content=AskedOut(**dict(said), text=text).model_dump(mode="json"),
        )

    def search(self, query: str, context: Context[Any, Any]) -> FoundOut:
        """Finds articles of the news archive by words and by meaning, best first. `fetch` shows one by its id."""
        try:
            passages = self._desk.search(query, _PASSAGES).results
        except NewsdeskError as error:
            raise ToolError(str(error)) from error
        site = self._at(context)
        found: dict[str, Found] = {}
        for passage in passages:
            address = site + article_link(passage.article_id, paragraph=passage.paragraphs[0])
            title = passage.title or passage.article_id
            found.setdefault(passage.article_id, Found(id=passage.article_id, title=title, url=address))
        return FoundOut(results=list(found.values())[:FOUND])

    def fetch(self, id: str, context: Context[Any, Any]) -> DocumentOut:
        """Shows the whole text of an article that `search` or `ask` named."""
        try:
            article = self._desk.article(id)
        except NewsdeskError as error:
            raise ToolError(str(error)) from error
        about = {
            "source": article.source,
            "authors": ", ".join(article.authors),
            "published": str(article.published or ""),
            "original_url": article.url,
        }
        return DocumentOut(
            id=article.id,
            title=article.title or article.id,
            text="\n\n".join(article.paragraphs),
            url=self._at(context) + article_link(article.id),
            metadata={name: value for name, value in about.items() if value},
        )

    def read(self, id: str) -> str:
        """An article's text."""
        try:
            return "\n\n".join(self._desk.article(id).paragraphs)
        except NewsdeskError as error:
            raise ResourceError(str(error)) from error

    def _at(self, context: Context[Any, Any]) -> str:
        request = context.request_context.request
        return self._site or (str(request.base_url).rstrip("/") if request is not None else "")


def _resource(article_id: str) -> str:
    path = article_link(article_id).removeprefix("/article/").replace("/", "%2F")
    return f"newsdesk://article/{path}"


def _as_markdown(text: str, said: Said) -> str:
    """The text whose words mean nothing to Markdown, its markers links."""
    words = escaped(text)
    for cited in said.citations:
        words = words.replace(rf"\[{cited.marker}\]", f"[{cited.marker}]")
    return words + definitions(said.citations)
