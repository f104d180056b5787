"""What people build upon talks with a running service: LangChain, LlamaIndex, and Open WebUI's reading of a stream."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import httpx
import pytest
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_openai import ChatOpenAI
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from pydantic import SecretStr

from tests.api.clients import open_webui
from tests.api.clients.talk import TURNS, check_address, linked
from tests.support import RunningService

Ask = Callable[[str], str]
"""Asks the next question of a conversation; the answer as Markdown."""


def by_langchain(service: RunningService, responses: bool, streamed: bool) -> Ask:
    """A conversation of LangChain's client of chat completions, or of responses."""
    llm = ChatOpenAI(
        model="newsdesk", base_url=f"{service.url}/v1", api_key=SecretStr("none"), use_responses_api=responses
    )
    messages: list[BaseMessage] = []

    def ask(question: str) -> str:
        messages.append(HumanMessage(question))
        if streamed:
            first, *others = llm.stream(messages)
            message: BaseMessage = sum(others, first)
        else:
            message = llm.invoke(messages)
        messages.append(message)
        if responses:
            annotations = [each for block in message.content_blocks for each in block.get("annotations", [])]  # type: ignore[attr-defined]
            assert {each["url"] for each in annotations} == set(linked(message.text))
        return message.text

    return ask


def by_llama_index(service: RunningService, streamed: bool) -> Ask:
    """A conversation of LlamaIndex's client for services like OpenAI's."""
    llm = OpenAILike(model="newsdesk", api_base=f"{service.url}/v1", api_key="none", is_chat_model=True)
    messages: list[ChatMessage] = []

    def ask(question: str) -> str:
        messages.append(ChatMessage(role="user", content=question))
        answer = list(llm.stream_chat(messages))[-1] if streamed else llm.chat(messages)
        messages.append(answer.message)
        return answer.message.content or ""

    return ask


def check_conversation(service: RunningService, ask: Ask) -> None:
    """Each turn is understood, and what it cites is the right article, marked at the place."""
    for question, words, article in TURNS:
        content = ask(question)
        assert words in content
        addresses = linked(content)
        assert any(article in unquote(address) for address in addresses)
        for address in addresses:
            check_address(service, address)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("responses", [False, True])
def test_langchain_holds_a_conversation(service: RunningService, responses: bool, streamed: bool) -> None:
    """By chat completions and by responses, streamed or not, with the citations as links."""
    check_conversation(service, by_langchain(service, responses, streamed))


@pytest.mark.parametrize("streamed", [False, True])
def test_llama_index_holds_a_conversation(service: RunningService, streamed: bool) -> None:
    """As its own query engines would: the history goes along, and the citations come back as links."""
    check_conversation(service, by_llama_index(service, streamed))


def test_open_webui_holds_a_conversation(service: RunningService) -> None:
    """Number by number, its list of sources has the quote, the headline, the outlet, and an address that opens it."""
    messages: list[dict[str, str]] = []
    for question, words, article in TURNS:
        messages.append({"role": "user", "content": question})
        body = {"model": "newsdesk", "messages": messages, "stream": True, "newsdesk": {"source_events": True}}
        with httpx.stream("POST", f"{service.url}/v1/chat/completions", json=body, timeout=60) as response:
            message = open_webui.read(response.iter_lines())
        messages.append({"role": "assistant", "content": message.content})
        sources = message.sources()
        assert words in message.content
        assert [source.url for source in sources] == linked(message.content)
        assert any(article in unquote(source.url) for source in sources)
        for source in sources:
            check_address(service, source.url)
            assert "http" not in source.name
            assert source.name.rpartition(", ")[2] in httpx.get(source.url, timeout=60).text
            (quote,) = source.quotes
            assert quote.split()[0] in message.content
