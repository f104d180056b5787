"""Writes what a service on the sample answers into api/examples.json, where the OpenAPI document has its examples from.

    python -m tests.record_examples

Long lists are cut to their first two entries, and addresses are those of a service on its usual port.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support import ROOT, newsdesk, start_service, stop_service

FILE = ROOT / "api" / "examples.json"
LONGEST = 2
"""Entries of a list."""

ARTICLE = {
    "id": "gazette/2026/ferry",
    "title": "Ferry late",
    "source": "Gazette",
    "published": "2026-03-01",
    "text": "The ferry was late on Sunday, its captain said.",
}
QUESTION = "How many Turkish jets took part?"
DRAFT = "Twelve Russian jets took part in the joint strike on al-Bab."
MESSAGES = [{"role": "user", "content": QUESTION}]


def record(url: str) -> dict[str, Any]:
    """Operation -> what it answers, or the text of it."""
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        said: dict[str, Any] = {}

        def ask(operation: str, path: str = "", **sent: Any) -> Any:
            method, template = operation.split()
            response = client.request(method.upper(), path or template, **sent)
            response.raise_for_status()
            json_ = response.headers.get("content-type", "").startswith("application/json")
            said[operation] = response.json() if json_ else response.text
            return said[operation]

        _wait(client, "/api/stats", "ready")
        for path in ("/healthz", "/readyz", "/metrics", "/v1/models", "/api/stats", "/api/outlets", "/api/articles"):
            ask(f"get {path}")
        ask("get /v1/models/{model}", "/v1/models/newsdesk")
        ask("get /api/timeline", params={"step": "month"})
        found = ask("get /api/search", params={"q": "planes over al-Bab", "limit": 2})
        id_ = found["results"][0]["article_id"]
        ask("get /api/articles/{id}", f"/api/articles/{id_}")
        ask("get /api/articles/{id}/history", f"/api/articles/{id_}/history")
        answer = ask("post /api/ask", json={"question": QUESTION})
        ask("post /api/ask/stream", json={"question": QUESTION})
        ask("post /api/feedback", json={"question": QUESTION, "verdict": "up", "answer": answer})
        ask("post /v1/chat/completions", json={"messages": MESSAGES})
        ask("post /v1/responses", json={"input": QUESTION})
        ask("post /api/check-draft", json={"text": DRAFT})
        table = ask("post /api/batch", content=f"question\n{QUESTION}\n", headers={"content-type": "text/csv"})
        _wait(client, f"/api/batch/{table['id']}", "finished")
        ask("get /api/batch/{key}", f"/api/batch/{table['id']}")
        ask("get /api/batch/{key}/answers.csv", f"/api/batch/{table['id']}/answers.csv")
        saved = ask("post /api/questions", json={"question": "When was the ferry late?"})
        ask("get /api/questions")
        upload = ask(
            "post /api/uploads", files=[("files", ("ferry.txt", b"Boats\n\nThe ferry to Skarholm was on time."))]
        )
        said["post /api/uploads/address"] = {**upload, "files": 1}
        _wait(client, f"/api/uploads/{upload['id']}", "finished")
        ask("get /api/uploads/{key}", f"/api/uploads/{upload['id']}")
        ask("post /api/articles", json=[ARTICLE])
        _wait(client, f"/api/questions/{saved['id']}", "found")
        ask("get /api/questions/{key}", f"/api/questions/{saved['id']}")
        ask("get /api/questions/{key}/feed.atom", f"/api/questions/{saved['id']}/feed.atom")
        ask("delete /api/articles/{id}", f"/api/articles/{ARTICLE['id']}")
    return said


def _wait(client: httpx.Client, path: str, word: str) -> None:
    """Until the state is this word, or the field of this name says something."""
    for _ in range(240):
        said = client.get(path).json()
        if word in (said.get("state"), said.get("vector_state")) or said.get(word) not in (None, False, []):
            return
        time.sleep(0.25)


def _short(said: Any) -> Any:
    """With long lists cut."""
    if isinstance(said, dict):
        return {name: _short(value) for name, value in said.items()}
    return [_short(value) for value in said[:LONGEST]] if isinstance(said, list) else said


def main() -> None:
    """Starts a service on a copy of the sample, asks it, writes the file."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        done = newsdesk("sample", "--data", data)
        assert done.returncode == 0, done.stderr
        process, url = start_service(data, Path(folder) / "log")
        try:
            said = record(url)
        finally:
            stop_service(process)
    said["get /metrics"] = "\n".join(said["get /metrics"].splitlines()[:12]) + "\n"
    text = json.dumps({name: _short(said[name]) for name in sorted(said)}, ensure_ascii=False, indent=1)
    text = text.replace(url, "http://127.0.0.1:8000").replace(url.removeprefix("http://"), "127.0.0.1:8000")
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"{len(said)} operations in {FILE}")


if __name__ == "__main__":
    main()
