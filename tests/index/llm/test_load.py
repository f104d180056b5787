"""Which LLM a setting names."""

from __future__ import annotations

import pytest
from llama_index.core.llms import MockLLM
from llama_index.llms.ollama import Ollama
from llama_index.llms.openai_like import OpenAILike

from index.llm.load import load_llm
from newsdesk.errors import SettingsError


def test_the_forms_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """None, Ollama, an OpenAI-compatible server, or a class of LlamaIndex by its path."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    assert load_llm("", "", 9) is None
    ollama = load_llm("ollama:llama3.2:1b", "", 9)
    assert isinstance(ollama, Ollama)
    assert (ollama.model, ollama.request_timeout) == ("llama3.2:1b", 9)
    served = load_llm("openai-like:http://localhost:8080/v1/#org/model", "sk-1\n", 9)
    assert isinstance(served, OpenAILike)
    assert (served.api_base, served.model, served.api_key) == ("http://localhost:8080/v1", "org/model", "sk-1")
    keyless = load_llm("openai-like:http://localhost:8080/v1#m", "", 9)
    assert isinstance(keyless, OpenAILike)
    assert keyless.api_key == "none", "the environment's key is for another address"
    assert isinstance(load_llm("llama_index.core.llms.MockLLM", "", 9), MockLLM)


@pytest.mark.parametrize(
    "name",
    [
        "gpt", "ollama:", "openai-like:", "openai-like:localhost#m", "openai-like:http://x/v1", "openai-like:http://#m",
        "openai-like:http://me:sk-secret@x/v1#m", "no.such.Class", "llama_index.core.llms.NoSuchLLM", "pathlib.Path",
        "openai-like:http://x:sk-secret/v1#m", "a b.c",
    ],
)  # fmt: skip
def test_what_is_no_llm_is_said_at_once(name: str) -> None:
    """With the forms that there are, and without what may be a secret."""
    with pytest.raises(SettingsError) as raised:
        load_llm(name, "", 9)
    assert "openai-like" in str(raised.value) or "llm_key" in str(raised.value)
    assert "sk-secret" not in str(raised.value)
