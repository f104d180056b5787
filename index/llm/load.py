"""The LLM that the settings name for answers, or for judging them, as a class of LlamaIndex."""

from __future__ import annotations

import importlib
import re

import httpx
from llama_index.core.llms import LLM

from newsdesk.errors import SettingsError
from newsdesk.remote_service import is_this_machine
from newsdesk.wording.quoted import quoted

_FORMS = 'Write "ollama:NAME", "openai-like:URL#MODEL", such as "openai-like:http://localhost:8080/v1#qwen", or the path of a class.'
_CLASS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_WINDOW = 4096
"""Tokens that a local server has to take: the prompt has some 1,300 at most."""


def load_llm(name: str, key: str, timeout: float, setting: str = "llm") -> LLM | None:
    """The LLM that a setting names, `llm` or `judge`; None when it is empty. Nothing is asked of it yet.

    Raises SettingsError for a form that is none, a package that is not installed, or a class that cannot be made.
    """
    kind, _, rest = name.strip().partition(":")
    if not kind:
        return None
    if kind == "ollama" and rest:
        return _ollama(rest, timeout, setting)
    if kind == "openai-like" and rest:
        return _openai_like(rest, key.strip(), timeout, setting)
    path, _, model = name.strip().partition("#")
    if not _CLASS.fullmatch(path):
        raise SettingsError(f"Setting {quoted(setting)} cannot be {quoted(kind)} with what follows it. {_FORMS}")
    return _of_class(path, model, setting)


def status_of(error: BaseException) -> int:
    """The HTTP status with which an LLM's server refused; 0 where the error has none."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and status > 0 else 0


def takes_no_temperature(llm: LLM, error: BaseException) -> bool:
    """Whether the LLM refused because it takes no temperature but its own; from now on it is asked without one.

    Reasoning models do. Of OpenAI's classes alone, the only ones with `additional_kwargs` that go over what they send.
    """
    more = getattr(llm, "additional_kwargs", None)
    if (
        status_of(error) != 400
        or "temperature" not in str(error)
        or not isinstance(more, dict)
        or "temperature" in more
    ):
        return False
    try:
        from openai import NOT_GIVEN
    except ImportError:
        return False
    llm.additional_kwargs = {**more, "temperature": NOT_GIVEN}  # type: ignore[attr-defined]  # of OpenAI's classes
    return True


def _ollama(model: str, timeout: float, setting: str) -> LLM:
    try:
        from llama_index.llms.ollama import Ollama
    except ImportError as error:
        raise SettingsError(f"{setting} = \"ollama:...\" needs a package: pip install 'newsdesk[ollama]'") from error
    return Ollama(model=model, request_timeout=timeout, context_window=_WINDOW, temperature=0.0)


def _openai_like(address: str, key: str, timeout: float, setting: str) -> LLM:
    url, _, model = address.partition("#")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise SettingsError(f"The address in {quoted(setting)} cannot be read. {_FORMS}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host or not model:
        raise SettingsError(f"The address in {quoted(setting)} has no http, no host or no #MODEL. {_FORMS}")
    if parsed.userinfo:
        raise SettingsError(
            f"The address in {quoted(setting)} holds a name or password. Put the key into {setting}_key instead."
        )
    try:
        from llama_index.llms.openai_like import OpenAILike
    except ImportError as error:
        raise SettingsError(
            f"{setting} = \"openai-like:...\" needs a package: pip install 'newsdesk[openai-like]'"
        ) from error
    client = httpx.AsyncClient(
        timeout=timeout,
        trust_env=not is_this_machine(parsed.host),
        limits=httpx.Limits(max_keepalive_connections=0),  # nothing stays open behind an answer
    )
    return OpenAILike(
        model=model,
        api_base=url.rstrip("/"),
        api_key=key or "none",  # without one, the library takes that of the environment, which is for another address
        is_chat_model=True,
        temperature=0.0,
        timeout=timeout,
        max_retries=0,
        async_http_client=client,  # type: ignore[call-arg]  # its base class takes it
    )


def _of_class(path: str, model: str, setting: str) -> LLM:
    module, _, name = path.rpartition(".")
    try:
        made = getattr(importlib.import_module(module), name)(**({"model": model} if model else {}))
    except Exception as error:  # whatever the class does when it is made
        raise SettingsError(f"{setting} = {quoted(path)} cannot be made: {type(error).__name__}. {_FORMS}") from None
    if not isinstance(made, LLM):
        raise SettingsError(f"{setting} = {quoted(path)} is no LLM of LlamaIndex. {_FORMS}")
    return made
