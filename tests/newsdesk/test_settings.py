"""Settings: what is in force, and what is said of a wrong one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsdesk.errors import SettingsError
from newsdesk.settings import Settings, load_settings
from newsdesk.wording.quoted import quoted


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file but the test's own."""
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "newsdesk.toml") -> None:
    """Writes the settings file."""
    Path(name).write_text(text)


def test_without_anything_the_defaults_hold() -> None:
    """One command to try: nothing has to be set."""
    settings = load_settings()
    assert settings == Settings()
    assert (settings.data, settings.host, settings.port) == (Path("data"), "127.0.0.1", 8000)
    assert settings.catalogue_at == Path("data/catalogue.sqlite3")


def test_the_command_line_wins_over_the_environment_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source overrides the next; an option that was not given overrides nothing."""
    write('port = 1001\nhost = "file"\nmodel = "file"\n')
    monkeypatch.setenv("NEWSDESK_HOST", "environment")
    monkeypatch.setenv("NEWSDESK_PORT", "1002")
    settings = load_settings(port=1003, host=None)
    assert (settings.port, settings.host, settings.model) == (1003, "environment", "file")


def test_another_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """NEWSDESK_CONFIG names the file to read."""
    write("port = 1", "other.toml")
    monkeypatch.setenv("NEWSDESK_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().port == 1


def test_a_named_file_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was asked for is never passed over in silence."""
    monkeypatch.setenv("NEWSDESK_CONFIG", "nowhere.toml")
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings()


@pytest.mark.parametrize(("wrong", "nearest"), [("prot", "port"), ("Data", "data"), ("embed_background", "embed_in")])
def test_an_unknown_key_names_the_nearest(wrong: str, nearest: str) -> None:
    """A misspelt setting is an error that tells the right spelling."""
    write(f"{wrong} = 1")
    with pytest.raises(SettingsError, match=f"“{wrong}”.*nearest one is “{nearest}"):
        load_settings()


@pytest.mark.parametrize("text", ["port = ", "port = 1\nport = 2", b"\xff".decode("latin-1")])
def test_a_file_that_is_no_toml_is_named(text: str) -> None:
    """The message names the file."""
    Path("newsdesk.toml").write_text(text, encoding="latin-1")
    with pytest.raises(SettingsError, match=r"newsdesk\.toml"):
        load_settings()


@pytest.mark.parametrize(("name", "value"), [("port", "70000"), ("port", "many"), ("embed_in_background", "perhaps")])
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message says which setting, which value, and where it may come from."""
    monkeypatch.setenv(f"NEWSDESK_{name.upper()}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert quoted(name) in str(caught.value)
    assert value in str(caught.value)
    assert f"NEWSDESK_{name.upper()}" in str(caught.value)


def test_every_setting_is_described() -> None:
    """Each has words for the documentation."""
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    "name",
    ["news.example:8443", "https://news.example", "*.news.example", "news.example/", "zeitung-köln.example", "", " a"],
)
def test_an_allowed_host_is_a_bare_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What could never match a Host header is refused with what a name looks like, wherever it was set."""
    write(f'allowed_hosts = ["desk", "{name}"]')
    with pytest.raises(SettingsError, match=r"bare name, with no scheme and no port") as caught:
        load_settings()
    assert quoted(name) in str(caught.value)
    assert "NEWSDESK_ALLOWED_HOSTS " in str(caught.value)
    monkeypatch.setenv("NEWSDESK_ALLOWED_HOSTS", json.dumps([name]))
    with pytest.raises(SettingsError, match=r"bare name"):
        load_settings()


def test_names_addresses_and_every_name_are_allowed_hosts() -> None:
    """As they stand in a Host header, without the port."""
    names = ("News.Example", "desk", "my_desk", "xn--kln-sna.example.", "10.0.0.5", "fd00::5", "*")
    assert load_settings(allowed_hosts=names).allowed_hosts == names


@pytest.mark.parametrize(
    "address", ["vectors.example:8000", "http://vectors.example", "http://u:p@vectors.example:8000", "", "ftp://a:1"]
)
def test_a_chroma_server_has_an_address(address: str) -> None:
    """Scheme, host and port, so that nothing is guessed; the message says what it looks like."""
    with pytest.raises(SettingsError, match=r"not the address of a server.*http://vectors\.example:8000") as caught:
        load_settings(chroma=("http://10.0.0.5:8000", address))
    assert quoted(address) in str(caught.value)
    named = ("http://10.0.0.5:8000", "https://Vectors.example:443", "http://[fd00::5]:8001")
    assert load_settings(chroma=named).chroma == named


def test_a_chroma_server_is_named_once() -> None:
    """Twice is a slip: it would be asked twice."""
    with pytest.raises(SettingsError, match=r"http://one\.example:8000.*twice"):
        load_settings(chroma=("http://one.example:8000",) * 2)


def test_the_judges_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what is in force nor a wrong value of it can be read anywhere."""
    monkeypatch.setenv("NEWSDESK_JUDGE_KEY", "sk-very-secret")
    settings = load_settings()
    assert settings.judge_key.get_secret_value() == "sk-very-secret"
    assert "sk-very-secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    monkeypatch.delenv("NEWSDESK_JUDGE_KEY")
    write("judge_key = 4242")
    with pytest.raises(SettingsError, match="“judge_key” cannot be what it is") as caught:
        load_settings()
    assert "4242" not in str(caught.value)


def test_the_public_address_is_one_that_links_can_begin_with() -> None:
    """A prefix may follow the host; anything that is no web address, or ends in a question, is refused by its name."""
    assert (
        load_settings(public_url="https://desk.example:8443/archive/").public_url == "https://desk.example:8443/archive"
    )
    for wrong in ("desk.example", "ftp://desk.example", "https://desk.example/?a=1", "https://desk.example/ b"):
        with pytest.raises(SettingsError, match="public_url"):
            load_settings(public_url=wrong)


def test_the_catalogues_address_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold a password; a wrong one, of another kind of database, is refused without being repeated."""
    monkeypatch.setenv("NEWSDESK_CATALOGUE", "postgresql://desk:plover-9@db.example/desk")
    settings = load_settings()
    assert settings.catalogue_at == "postgresql://desk:plover-9@db.example/desk"
    assert "plover-9" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    monkeypatch.setenv("NEWSDESK_CATALOGUE", "mysql://desk:plover-9@db.example/desk")
    with pytest.raises(SettingsError, match=r"“catalogue” cannot be what it is.*postgresql://USER@HOST") as caught:
        load_settings()
    assert "plover-9" not in str(caught.value)
    assert load_settings(catalogue="").catalogue_at == Path("data/catalogue.sqlite3"), "an evaluation's own archive"
