"""Settings: command line over environment (NEWSDESK_*) over newsdesk.toml over the defaults below.

Built once per process by `load_settings`; nothing is read when this module is imported.
"""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as Unparsable

from newsdesk import __version__, packaged_model
from newsdesk.errors import SettingsError
from newsdesk.wording.quoted import quoted

CONFIG_FILE = "newsdesk.toml"

_MOST_READERS = 4  # the one that writes keeps no more busy

_SECRET = ("catalogue", "judge_key", "llm_key", "service_key")  # their values are never shown, not even wrong ones
_BARE_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]*", re.ASCII | re.IGNORECASE)  # as a Host header has it

_WEB_ADDRESS = re.compile(r"https?://[a-z0-9.:\[\]-]+(?:/[a-z0-9._~/%-]*)?", re.ASCII | re.IGNORECASE)

_PREFIX = re.compile(r"(?:/[a-z0-9._~-]*[a-z0-9_~-])+", re.ASCII | re.IGNORECASE)  # no part of dots alone

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?", re.ASCII)  # as browsers write it: in lower case

_SERVER = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\]):\d{1,5}", re.ASCII | re.IGNORECASE)

_PLACE = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\]):\d{1,5}", re.ASCII | re.IGNORECASE)


class Settings(BaseSettings):
    """Everything a user can set. In newsdesk.toml by these names, in the environment as NEWSDESK_NAME."""

    model_config = SettingsConfigDict(env_prefix="NEWSDESK_", frozen=True, extra="forbid")

    data: Path = Field(default=Path("data"), description="Folder that holds the archive.")
    catalogue: SecretStr = Field(
        default=SecretStr(""),
        description="PostgreSQL database that holds the catalogue, such as postgresql://desk@db.example/desk; empty: a "
        "file of SQLite in the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port that `serve` listens on; 0 takes a free one.")
    model: str = Field(
        default=packaged_model.NAME,
        description="Embedding model: the packaged one, or any sentence-transformers model by folder or name.",
    )
    reader: str = Field(
        default="newsdesk",
        description='Reader that finds the words of an answer: the packaged one, "none", a folder of an exported or '
        "trained one, or the name of a Hugging Face question-answering model in the local cache.",
    )
    aliases: Path | None = Field(
        default=None, description="File of names that are spelt in more than one way, beside the packaged ones."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Names that `serve` answers to, beside localhost, every address, and this machine's own name.",
    )
    public_url: str = Field(
        default="",
        description="Where readers reach the service, such as https://news.example/desk; empty: as a client reached it.",
    )
    webhook_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts, beside this machine, that webhooks of saved questions may lead to.",
    )
    readers: int = Field(
        default_factory=lambda: min(_MOST_READERS, os.cpu_count() or 1),
        ge=1,
        le=64,
        description="Processes that read for `ingest`: as many as there are cores, at most 4; 1 reads without others.",
    )
    root_path: str = Field(
        default="", description="Path at which a proxy has the service, such as /news; empty: at the top of its host."
    )
    proxies: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses of proxies that are believed when they say (X-Forwarded-For, -Proto) whom they speak for.",
    )
    open: bool = Field(
        default=False,
        description="Whether `serve` asks nobody for a key, although others can reach it or keys were made.",
    )
    cors_origins: tuple[str, ...] = Field(
        default=(), description="Origins, such as https://cms.example, whose pages may call the API with a key."
    )
    requests_per_minute: int = Field(
        default=600, ge=0, description="Requests that a key, or an address without one, may send a minute; 0: no limit."
    )
    questions_at_once: int = Field(
        default=8, ge=1, le=256, description="Questions and searches that are worked on at the same time."
    )
    questions_waiting: int = Field(
        default=256, ge=1, le=100_000, description="How many more may wait for their turn, of one caller half as many."
    )
    question_timeout: float = Field(
        default=120.0, gt=0, le=3600, description="Seconds that a question may wait and be worked on in all."
    )
    log: Literal["text", "json"] = Field(
        default="text",
        description='What `serve` writes to standard error: "text", or "json", a line for each request too.',
    )
    log_questions: bool = Field(default=False, description="Whether the log of requests holds what was asked.")
    embed_in_background: bool = Field(
        default=True, description="Whether `serve` makes missing vectors itself, in a low-priority child process."
    )
    chroma: tuple[str, ...] = Field(
        default=(),
        description="Chroma servers that hold the vectors, such as http://vectors.example:8000; none: they lie in the data folder.",
    )
    llm: str = Field(
        default="",
        description='LLM that writes answers: "ollama:NAME", "openai-like:URL#MODEL" or the path of a LlamaIndex class; '
        "empty: answers are made of the archive's own sentences.",
    )
    llm_key: SecretStr = Field(default=SecretStr(""), description="Key for an openai-like LLM, if it asks for one.")
    llm_timeout: float = Field(
        default=60.0, gt=0, le=3600, description="Seconds in which the LLM has to have finished an answer."
    )
    fetch_user_agent: str = Field(
        default=f"Newsdesk/{__version__}",
        min_length=1,
        max_length=300,
        description="What Newsdesk calls itself where it fetches; best with a way to reach you: Newsdesk (desk@news.example).",
    )
    fetch_delay: float = Field(default=1.0, ge=0, le=3600, description="Seconds between two requests to one host.")
    fetch_timeout: float = Field(default=30.0, gt=0, le=3600, description="Seconds that one request may take in all.")
    fetch_allow_private: bool = Field(
        default=False, description="Whether pages of this machine and of private networks may be fetched."
    )
    fetch_allowed: tuple[str, ...] = Field(
        default=(), description="Single places (HOST:PORT) that may be fetched from, whatever address they have."
    )
    fetch_from_page: bool = Field(
        default=False,
        description="Whether whoever reaches the page of `serve` may have it fetch an address into the archive.",
    )
    fetch_proxy: str = Field(
        default="",
        description="Proxy to fetch through, such as http://proxy.example:3128; those of the environment are not used.",
    )
    judge: str = Field(
        default="",
        description="LLM that judges answers in `newsdesk eval`, in the forms of `llm`; empty: nothing is judged.",
    )
    judge_key: SecretStr = Field(default=SecretStr(""), description="Key for an openai-like judge, if it asks for one.")
    service_key: SecretStr = Field(
        default=SecretStr(""), description="Key for the service that `newsdesk eval --url` asks, if it asks for one."
    )
    judge_url: str = Field(default="", description="Old form of `judge`, with judge_model: the server's address.")
    judge_model: str = Field(default="", description="Old form of `judge`, with judge_url: the model's name.")

    @field_validator("allowed_hosts", "webhook_hosts")
    @classmethod
    def _bare_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name != "*" and not _BARE_NAME.fullmatch(name) and not is_address(name):
                raise ValueError(
                    f'{quoted(name)} is not a bare name, with no scheme and no port, such as news.example, or "*"'
                )
        return names

    @field_validator("catalogue")
    @classmethod
    def _database(cls, address: SecretStr) -> SecretStr:
        if address.get_secret_value() and not address.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("write it as postgresql://USER@HOST:PORT/DATABASE, or leave it out for a file of SQLite")
        return address

    @field_validator("root_path")
    @classmethod
    def _path(cls, path: str) -> str:
        path = path.rstrip("/")
        if path and not _PREFIX.fullmatch(path):
            raise ValueError("write a path that begins with a slash, such as /news")
        return path

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{quoted(origin)} is not an origin, such as https://cms.example, with no path")
        return origins

    @field_validator("proxies")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"{quoted(proxy)} is not an address or network, such as 10.0.0.7 or 10.0.0.0/24"
                ) from None
        return proxies

    @field_validator("fetch_user_agent")
    @classmethod
    def _one_line(cls, name: str) -> str:
        if not name.isascii() or not name.isprintable():
            raise ValueError("write it in visible ASCII characters, as a header can hold it")
        return name

    @field_validator("fetch_allowed")
    @classmethod
    def _places(cls, places: tuple[str, ...]) -> tuple[str, ...]:
        for place in places:
            if not _PLACE.fullmatch(place):
                raise ValueError(
                    f"{quoted(place)} is not a host and a port, such as intranet.example:80 or [fd00::7]:443"
                )
        return places

    @field_validator("chroma")
    @classmethod
    def _servers(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if not _SERVER.fullmatch(address):
                raise ValueError(
                    f"{quoted(address)} is not the address of a server: scheme, host and port, such as http://vectors.example:8000"
                )
        if twice := [address for address in addresses if addresses.count(address) > 1]:
            raise ValueError(f"{quoted(twice[0])} stands there twice; name each server once")
        return addresses

    @field_validator("fetch_proxy")
    @classmethod
    def _proxy(cls, url: str) -> str:
        if url and not _WEB_ADDRESS.fullmatch(url):
            raise ValueError("write it as http://HOST:PORT")
        return url.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not _WEB_ADDRESS.fullmatch(url):
            raise ValueError("write an address with http or https, a host and nothing after ? or #")
        return url.rstrip("/")

    @property
    def judge_named(self) -> str:
        """What `judge` says, else what the old `judge_url` and `judge_model` say, in the form of `judge`."""
        old = f"openai-like:{self.judge_url.strip()}#{self.judge_model.strip()}" if self.judge_model.strip() else ""
        return self.judge or old

    @property
    def catalogue_at(self) -> Path | str:
        """Where the truth is: a file, or the address of a database, which may hold a password."""
        return self.catalogue.get_secret_value() or self.data / "catalogue.sqlite3"


def load_settings(**command_line: Any) -> Settings:
    """The settings in force; options of the command line that are None do not count.

    Reads ./newsdesk.toml, or the file that NEWSDESK_CONFIG names. Raises SettingsError for a file that
    cannot be read, an unknown key (naming the nearest valid one), or a value that does not fit.
    """
    given = {name: value for name, value in command_line.items() if value is not None}
    file = Path(os.environ.get("NEWSDESK_CONFIG", CONFIG_FILE))
    for name, value in _read(file).items():
        if f"NEWSDESK_{name.upper()}" not in os.environ:
            given.setdefault(name, value)
    try:
        return Settings(**given)
    except Unparsable as error:  # a variable that holds a list is written as JSON
        raise SettingsError(
            f"A NEWSDESK_* variable cannot be read: {error}. A list is written as JSON, such as "
            "NEWSDESK_ALLOWED_HOSTS='[\"news.example\"]'."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        value = "what it is" if name in _SECRET else quoted(first["input"])
        raise SettingsError(
            f"Setting {quoted(name)} cannot be {value}: {first['msg'].removeprefix('Value error, ')}. Correct it in {file}, "
            f"in the variable NEWSDESK_{name.upper()} or on the command line."
        ) from (None if name in _SECRET else error)  # pydantic's error holds the value


def is_address(name: str) -> bool:
    """Whether the name is an IP address, of either version, without brackets."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _read(file: Path) -> dict[str, Any]:
    """The keys of the settings file, each known to exist as a setting."""
    if not file.is_file():
        if "NEWSDESK_CONFIG" in os.environ:
            raise SettingsError(f"NEWSDESK_CONFIG names {file}, which is not a file.")
        return {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read as TOML: {error}.") from error
    for key in content:
        if key not in Settings.model_fields:
            nearest = get_close_matches(key, Settings.model_fields, n=1, cutoff=0)[0]
            raise SettingsError(
                f"{file} has an unknown setting {quoted(key)}. The nearest one is {quoted(nearest)}; "
                f"there are: {', '.join(Settings.model_fields)}."
            )
    return content
