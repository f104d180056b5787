"""What docs/operating.md prints for nginx, systemd and compose works as it is printed; so does what deploy/ holds."""

from __future__ import annotations

import getpass
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import yaml

from newsdesk.settings import Settings
from tests.llm_server import LLMServer
from tests.support import ROOT, start_service, stop_service, wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
SYSTEMD = shutil.which("systemd-analyze")
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
QUESTION = "Which ministry announced the joint strike on el-Bab?"


def printed(language: str) -> str:
    """The one block of the page in that language."""
    [block] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


# ---------------------------------------------------------------------------- nginx


@dataclass(frozen=True, slots=True)
class Proxied:
    """A service below /news/ of a real nginx, and the moment for which its LLM waits in the middle of a sentence."""

    url: str
    go_on: threading.Event


@pytest.fixture(scope="module")
def proxied(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """The documented block, but for the certificate, in an nginx of its own on loopback."""
    if NGINX is None:
        pytest.skip(
            "nginx is not installed, so the documented block is not tried (on Debian: apt-get install nginx-light)"
        )
    folder = tmp_path_factory.mktemp("nginx")
    data = Path(shutil.copytree(sample_template, folder / "data"))
    go_on = threading.Event()

    def speak(_: Any) -> Iterator[str]:
        yield "The joint strike "
        go_on.wait(20)
        yield "on el-Bab was announced by the defence ministry. [1]"

    with LLMServer(speak) as server:
        process, url = start_service(
            data, folder / "log", NEWSDESK_ROOT_PATH="/news", NEWSDESK_ALLOWED_HOSTS='["news.example"]',
            NEWSDESK_EMBED_IN_BACKGROUND="false", NEWSDESK_LLM=f"openai-like:{server.url}#scripted",
        )  # fmt: skip
        try:
            with started_nginx(folder, url) as address:
                yield Proxied(f"{address}/news/", go_on)
        finally:
            go_on.set()
            stop_service(process)


@contextmanager
def started_nginx(folder: Path, service: str) -> Iterator[str]:
    """The block of the page in a running nginx, before this service; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    block = re.sub(r"(?m)^ *ssl_certificate.*\n", "", printed("nginx"))
    assert "listen 443 ssl;" in block
    assert "http://127.0.0.1:8000" in block
    block = block.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("http://127.0.0.1:8000", service)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user {getpass.getuser()}; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off; {places}\n{block}\n}}\n"
    )
    command = [str(NGINX), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, 20)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as there:
        return there.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def client(proxied: Proxied) -> Iterator[httpx.Client]:
    """A reader of https://news.example/news/."""
    with httpx.Client(base_url=proxied.url, timeout=60, trust_env=False, headers={"host": "news.example"}) as client:
        yield client


def test_the_page_and_what_it_needs_come_through_nginx(client: httpx.Client) -> None:
    """The page, and everything that the search page links to, lie below the prefix."""
    page = client.get("")
    assert page.status_code == 200
    assert "Newsdesk" in page.text
    assert client.get("../news", follow_redirects=False).headers["location"].endswith("/news/")
    found = re.findall(r'(?:src|href)="([^"#]+)', client.get("search").text)
    named = {urljoin("/news/search", path) for path in found}
    assert {path.rpartition(".")[2] for path in named} >= {"css", "js"}
    assert any(path.startswith("/news/article/") for path in named)
    for path in named:
        assert path.startswith("/news/"), path
        assert client.get(path.removeprefix("/news/")).status_code == 200, path


def test_answers_and_links_come_through_nginx(client: httpx.Client) -> None:
    """The API answers, and what it links to is where the link says: below the prefix."""
    answer = client.post("api/ask", json={"question": QUESTION, "mode": "extractive"}).json()
    assert answer["answerable"]
    assert client.get(answer["citations"][0]["permalink"].lstrip("/").partition("#")[0]).status_code == 200
    asked = {
        "model": "newsdesk",
        "messages": [{"role": "user", "content": QUESTION}],
        "newsdesk": {"mode": "extractive"},
    }
    [choice] = client.post("v1/chat/completions", json=asked).json()["choices"]
    for note in choice["message"]["annotations"]:
        assert note["url_citation"]["url"].startswith("http://news.example/news/article/")
    assert '"/news' in client.get("docs").text
    assert client.get("metrics").status_code == 404


def test_a_stream_comes_through_nginx_in_pieces(proxied: Proxied, client: httpx.Client) -> None:
    """The first words are there while the LLM has not written the last: nothing on the way waits for the end."""
    with client.stream("POST", "api/ask/stream", json={"question": QUESTION, "mode": "llm"}) as response:
        lines = response.iter_lines()
        assert "event: draft" in lines
        assert not proxied.go_on.is_set()
        proxied.go_on.set()
        assert "event: answer" in lines


def test_large_uploads_come_through_nginx(client: httpx.Client) -> None:
    """nginx alone would refuse whatever is larger than one MiB."""
    articles = [
        {"id": f"large/{n}", "title": "Log", "text": f"The lock keeper noted barge {n}. " * 3000} for n in range(15)
    ]
    body = json.dumps(articles)
    assert len(body) > 1024**2
    assert client.post("api/articles", content=body, headers={"content-type": "application/json"}).json()["added"] == 15


# ---------------------------------------------------------------------------- systemd and compose


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed, so the documented unit is not tried")
def test_the_unit_is_one(tmp_path: Path) -> None:
    """systemd finds nothing to complain about, and every setting in it exists."""
    unit = printed("ini")
    file = tmp_path / "newsdesk.service"
    file.write_text(unit.replace("/opt/newsdesk/.venv/bin/newsdesk", sys.executable))
    verified = subprocess.run([str(SYSTEMD), "verify", file], capture_output=True, text=True, timeout=60, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert settings_in(unit) <= set(Settings.model_fields)


def test_the_compose_file_fits_the_dockerfile() -> None:
    """What it builds, mounts, publishes and sets is there; without a key the port is this machine's alone."""
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    composed = yaml.safe_load(text)
    [service] = composed["services"].values()
    dockerfile = (ROOT / service["build"] / "Dockerfile").read_text(encoding="utf-8")
    [[volume, mounted]] = [volume.split(":") for volume in service["volumes"]]
    assert volume in composed["volumes"]
    assert f"VOLUME {mounted}\n" in dockerfile
    [[address, _, port]] = [port.split(":") for port in service["ports"]]
    assert f"EXPOSE {port}\n" in dockerfile
    assert address == "127.0.0.1"
    assert settings_in(text) | settings_in(dockerfile) <= set(Settings.model_fields)
    for folder in re.findall(r"(?m)^COPY (\w+) \w+$", dockerfile):
        assert (ROOT / folder).is_dir(), folder


def test_what_is_put_over_the_compose_file_fits_it() -> None:
    """It adds to the service that there is, asks for keys, and believes the network that its nginx is in."""
    text = printed("yaml")
    over, composed = yaml.safe_load(text), yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(composed["services"]) < set(over["services"])
    [name] = composed["services"]
    said = {
        key.removeprefix("NEWSDESK_").lower(): value for key, value in over["services"][name]["environment"].items()
    }
    lists = {key: json.loads(value) if value.startswith("[") else value for key, value in said.items()}
    assert Settings.model_validate(lists).open is False


# ---------------------------------------------------------------------------- clusters

CHROMA_IMAGE = "chromadb/chroma:" + re.findall(r"(?m)^chromadb==(.*)$", (ROOT / "constraints.txt").read_text())[0]


def test_the_composed_cluster_fits_together() -> None:
    """Each address leads to a part, each part has a volume and an image; without a key the port is this machine's alone."""
    text = (ROOT / "compose.cluster.yaml").read_text(encoding="utf-8")
    composed = yaml.safe_load(text)
    services = composed["services"]
    assert settings_in(text) <= set(Settings.model_fields)
    balanced = re.findall(r"(?m)^    server \w+ ([\w-]+):8000", (ROOT / "deploy" / "haproxy.cfg").read_text())
    assert balanced == [name for name in services if name.startswith("newsdesk")]
    for name in balanced:
        settings = understood(services[name]["environment"])
        assert settings.catalogue_at == "postgresql://desk@postgres/desk"
        assert [urlsplit(address).hostname for address in settings.chroma] == chromas(services)
        assert settings.proxies == (composed["networks"]["inside"]["ipam"]["config"][0]["subnet"],)
        assert services[name]["build"]["args"]["EXTRAS"] == "[postgres]"
    assert "ARG EXTRAS=\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert {services[name]["image"] for name in chromas(services)} == {CHROMA_IMAGE}
    assert (
        services["postgres"]["environment"]["POSTGRES_USER"]
        == services["postgres"]["environment"]["POSTGRES_DB"]
        == "desk"
    )
    mounted = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    assert sorted(mounted) == sorted([*composed["volumes"], "./deploy/haproxy.cfg"])
    [[address, _, _]] = [port.split(":") for service in services.values() for port in service.get("ports", [])]
    assert address == "127.0.0.1"


def chromas(services: dict[str, Any]) -> list[str]:
    """Names of the Chroma servers."""
    return [name for name in services if name.startswith("chroma")]


def understood(environment: dict[str, str]) -> Settings:
    """The settings that variables of a container make."""
    ours = {
        name.removeprefix("NEWSDESK_").lower(): said
        for name, said in environment.items()
        if name.startswith("NEWSDESK")
    }
    return Settings.model_validate({name: json.loads(said) if said[:1] == "[" else said for name, said in ours.items()})


def test_the_kubernetes_example_fits_together() -> None:
    """Every selector finds its pods, every mount its volume, every address a part, every setting exists."""
    parts = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")))
    assert {part["metadata"]["namespace"] for part in parts} == {"newsdesk"}
    of = {(part["kind"], part["metadata"]["name"]): part for part in parts}
    assert len(of) == len(parts)
    pods = {}
    for (kind, name), part in of.items():
        if kind in ("StatefulSet", "Job"):
            pod, labels = part["spec"]["template"]["spec"], part["spec"]["template"]["metadata"]["labels"]
            assert labels == part["spec"].get("selector", {"matchLabels": labels})["matchLabels"] == {"app": name}
            claims = {claim["metadata"]["name"] for claim in part["spec"].get("volumeClaimTemplates", [])}
            volumes = claims | {volume["name"] for volume in pod.get("volumes", [])}
            [container] = pod["containers"]
            assert {mount["name"] for mount in container["volumeMounts"]} == volumes
            pods[name] = container
            if kind == "StatefulSet":
                assert of["Service", part["spec"]["serviceName"]]["spec"]["selector"] == labels
    assert pods["chroma"]["image"] == CHROMA_IMAGE
    given = of["ConfigMap", "newsdesk"]["data"]
    assert settings_in("\n".join(given)) <= set(Settings.model_fields)
    settings = understood(given)
    assert settings.catalogue_at == "postgresql://desk@postgres/desk"
    assert settings.chroma == tuple(
        f"http://chroma-{number}.chroma:8000" for number in range(of["StatefulSet", "chroma"]["spec"]["replicas"])
    )
    for name in ("newsdesk", "newsdesk-embed"):
        assert {"configMapRef": {"name": "newsdesk"}} in pods[name]["envFrom"]
        assert [each["name"] for each in pods[name]["env"]] == ["PGPASSWORD"]
    [allowed] = of["NetworkPolicy", "stores"]["spec"]["ingress"][0]["from"]
    assert set(allowed["podSelector"]["matchExpressions"][0]["values"]) == {"newsdesk", "newsdesk-embed"}


def settings_in(text: str) -> set[str]:
    """Names of the settings that a file sets in the environment."""
    return {name.lower() for name in re.findall(r"\bNEWSDESK_([A-Z_]+)", text)}
