"""The page of an article, over HTTP."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from newsdesk.catalogue.catalogue import Catalogue
from tests.support import article, one_each
from ui.pages import add_article_pages


def test_a_damaged_article_has_a_page_that_says_so(catalogue: Catalogue, tmp_path: Path) -> None:
    """What to do is for whoever runs the service, where the file is for nobody else; no damaged text is shown."""
    catalogue.put([article("a<b", "The tram was late."), article("sound", "The tram was on time.")], one_each)
    with catalogue.engine.begin() as connection:
        connection.execute(text("UPDATE paragraphs SET text = 'The tram was lost.' WHERE text LIKE '%late%'"))
    app = FastAPI()
    add_article_pages(app, catalogue)
    client = TestClient(app)
    response = client.get("/article/a%3Cb")
    assert response.status_code == 500
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert "This article is damaged" in response.text
    assert "newsdesk check" in response.text
    assert "a&lt;b" in response.text
    assert "lost" not in response.text
    assert str(tmp_path) not in response.text
    assert client.get("/article/sound").status_code == 200
