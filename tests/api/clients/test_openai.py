"""OpenAI's own client asks a running service, through chat and responses."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import openai
import pytest
from markdown_it import MarkdownIt

from tests.api.clients.talk import TURNS, check_sources
from tests.support import RunningService

QUESTION = TURNS[0][0]


@pytest.fixture(scope="module")
def client(service: RunningService) -> Iterator[openai.OpenAI]:
    """Set up as any user sets it up: an address and a key that nobody asks for."""
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="none", timeout=60, max_retries=0) as client:
        yield client


def user(text: Any) -> Any:
    """A message of whoever asks."""
    return {"role": "user", "content": text}


def check_annotations(content: str, annotations: list[Any], said: dict[str, Any]) -> None:
    """Each names the place of a marker in the text, and the address of its source."""
    addresses = {cited["marker"]: cited["url"] for cited in said["citations"]}
    assert len(annotations) >= len(addresses)
    for annotation in annotations:
        assert annotation["type"] == "url_citation"
        where = annotation.get("url_citation", annotation)
        marker = content[where["start_index"] : where["end_index"]]
        assert where["url"] == addresses[int(marker.strip("[]"))]
        assert where["title"]


def check_links(content: str, said: dict[str, Any]) -> None:
    """A page that renders the text as Markdown has a link for each marker, and nothing that was not said."""
    html = MarkdownIt("commonmark").render(content)
    for cited in said["citations"]:
        assert f'href="{cited["url"]}"' in html
        assert f">{cited['marker']}</a>" in html
    assert content.count(said["citations"][0]["cited_text"]) == 1


def test_a_conversation_of_three_turns(client: openai.OpenAI, service: RunningService) -> None:
    """A client sends back what it was told, links and all, and each follow-up is understood and rightly cited."""
    messages: list[Any] = [{"role": "system", "content": "Be brief."}]
    for question, words, article in TURNS:
        messages.append(user(question))
        completion = client.chat.completions.create(model="newsdesk", messages=messages, temperature=0)
        (choice,) = completion.choices
        message = choice.message.model_dump()
        said = message["newsdesk"]
        assert choice.finish_reason == "stop"
        assert words in message["content"]
        assert any(article in cited["article_id"] for cited in said["citations"])
        check_annotations(message["content"], message["annotations"], said)
        check_links(message["content"], said)
        check_sources(service, said)
        usage = completion.usage
        assert usage is not None
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 20
        messages.append({"role": "assistant", "content": message["content"]})


def test_a_stream_says_the_same(client: openai.OpenAI) -> None:
    """In parts, with the sources in the last delta; counted when asked for."""
    whole = client.chat.completions.create(model="newsdesk", messages=[user(QUESTION)])
    chunks = list(
        client.chat.completions.create(
            model="newsdesk", messages=[user(QUESTION)], stream=True, stream_options={"include_usage": True}
        )
    )  # fmt: skip
    *spoken, last, counted = chunks
    content = "".join(chunk.choices[0].delta.content or "" for chunk in spoken)
    assert content == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    assert last.choices[0].finish_reason == "stop"
    delta, message = last.choices[0].delta.model_dump(), whole.choices[0].message.model_dump()
    assert delta["annotations"] == message["annotations"]
    assert delta["newsdesk"]["citations"] == message["newsdesk"]["citations"]
    assert counted.choices == []
    assert counted.usage == whole.usage


def test_open_webui_is_given_its_sources(service: RunningService) -> None:
    """On request, the stream has chunks in which Open WebUI finds quote, title and address."""
    body = {"messages": [user(QUESTION)], "stream": True, "newsdesk": {"source_events": True}}
    stream = httpx.post(f"{service.url}/v1/chat/completions", json=body, timeout=60).text
    chunks = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]
    sources = [chunk["event"]["data"] for chunk in chunks if "event" in chunk]
    cited = chunks[-1]["choices"][0]["delta"]["newsdesk"]["citations"]
    assert [source["document"] for source in sources] == [[each["cited_text"]] for each in cited]
    assert [source["source"]["url"] for source in sources] == [each["url"] for each in cited]
    assert all(
        source["metadata"][0]["name"].startswith(each["title"]) for source, each in zip(sources, cited, strict=True)
    )
    assert stream.endswith("data: [DONE]\n\n")


def test_responses_hold_the_conversation_too(client: openai.OpenAI, service: RunningService) -> None:
    """Question by question, each with what was said before it, streamed or not."""
    items: list[Any] = []
    for question, words, article in TURNS:
        items.append(user([{"type": "input_text", "text": question}]))
        response = client.responses.create(model="newsdesk", input=items)
        with client.responses.stream(model="newsdesk", input=items) as stream:
            deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
            streamed = stream.get_final_response()
        said = response.model_dump()["newsdesk"]
        assert words in response.output_text
        assert any(article in cited["article_id"] for cited in said["citations"])
        assert streamed.output_text == response.output_text == "".join(deltas)
        part = response.output[0].model_dump()["content"][0]
        check_annotations(part["text"], part["annotations"], said)
        check_sources(service, said)
        items += [item.model_dump(exclude_none=True) for item in response.output]


def test_what_the_archive_does_not_say(client: openai.OpenAI) -> None:
    """A refusal is an ordinary message without sources."""
    completion = client.chat.completions.create(
        model="newsdesk",
        messages=[user("Who was elected president of Brazil in 1994?")],
    )
    message = completion.choices[0].message.model_dump()
    assert (message["content"], message["annotations"]) == ("The archive does not say.", [])
    assert message["newsdesk"]["answerable"] is False


def test_options_of_newsdesk_are_taken(client: openai.OpenAI) -> None:
    """Outlets and days narrow the search as they do at /api/ask."""
    narrowed = {"newsdesk": {"filters": {"sources": ["Skarholm Post"]}, "caution": "low"}}
    completion = client.chat.completions.create(
        model="newsdesk",
        messages=[user("How many planes bombed al-Bab?")],
        extra_body=narrowed,
    )
    cited = completion.choices[0].message.model_dump()["newsdesk"]["citations"]
    assert {each["source"] for each in cited} == {"Skarholm Post"}


def test_the_models_are_one(client: openai.OpenAI) -> None:
    """Clients that list models offer Newsdesk."""
    assert [model.id for model in client.models.list()] == ["newsdesk"]
    assert client.models.retrieve("newsdesk").owned_by == "newsdesk"
    with pytest.raises(openai.NotFoundError, match="no model “gpt-9”"):
        client.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("body", "status", "about"),
    [
        ({"messages": []}, 400, "messages"),
        ({"messages": [user(" ")]}, 400, "empty"),
        ({"messages": [user("x" * 2_001)]}, 400, "2,001"),
        ({"messages": [user("Why?"), {"role": "assistant", "content": "So."}]}, 400, "role"),
        ({"messages": [user([{"type": "image_url", "image_url": {"url": "http://x"}}])]}, 400, "image_url"),
        ({"messages": [{"role": "king", "content": "Who?"}]}, 400, "role"),
        ({"messages": [user("half \ud800")]}, 400, "surrogate"),
        ({"messages": [user(QUESTION)], "n": 3}, 400, "n is 3"),
        ({"messages": [user(QUESTION)], "model": "gpt-9"}, 404, "gpt-9"),
        ({"messages": [user(QUESTION)], "newsdesk": {"as_of": "May"}}, 400, "as_of"),
        ({"messages": [user(QUESTION)], "newsdesk": {"tone": "dry"}}, 400, "tone"),
        ([], 400, "object"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_wrong_input_is_told_as_openai_tells_it(
    service: RunningService, body: Any, status: int, about: str, stream: bool
) -> None:
    """With a message that names what was wrong, before anything is streamed."""
    sent = {**body, "stream": stream} if isinstance(body, dict) else body
    response = httpx.post(
        f"{service.url}/v1/chat/completions",
        content=json.dumps(sent),
        headers={"content-type": "application/json"},
        timeout=60,
    )
    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert about in f"{error['message']} {error['param']}"


@pytest.mark.parametrize(
    "body",
    [
        {"input": ""},
        {"input": []},
        {"input": [{"type": "function_call", "name": "x"}]},
        {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
        {"input": [{"role": "king", "content": "x"}]},
        {"input": "Who?", "previous_response_id": "resp_1"},
        {},
    ],
)
def test_wrong_input_of_responses(client: openai.OpenAI, body: dict[str, Any]) -> None:
    """OpenAI's client raises its own error for each."""
    with pytest.raises(openai.BadRequestError) as raised:
        client.post("/responses", body=body, cast_to=object)
    assert raised.value.message


def test_a_wrong_method_or_path_is_told(service: RunningService) -> None:
    """As everywhere under /v1."""
    assert httpx.get(f"{service.url}/v1/chat/completions").status_code == 405
    assert httpx.post(f"{service.url}/v1/models").headers["allow"] == "GET"
    assert httpx.get(f"{service.url}/v1/embeddings").status_code == 404


def test_a_client_may_go_away(client: openai.OpenAI, service: RunningService) -> None:
    """At the first chunk or before it; the next one is answered."""
    for _ in range(3):
        stream: Any = client.chat.completions.create(model="newsdesk", messages=[user(QUESTION)], stream=True)
        next(iter(stream))
        stream.close()
    where = urlsplit(service.url)
    body = json.dumps({"messages": [user(QUESTION)], "stream": True}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as connection:
        connection.sendall(head.encode() + body)
    assert client.chat.completions.create(model="newsdesk", messages=[user(QUESTION)]).choices
