"""What is wrong in the environment is said at start, in a sentence for each variable, at once."""

import os
from pathlib import Path

import pytest
from essaim.cli.main import app
from essaim.settings import (
    Settings,
    SettingsRefused,
    folder_problem,
    read_settings,
    unknown_variables,
)
from notifications.settings import NotificationsSettings
from typer.testing import CliRunner

WRONG = {
    "ESSAIM_DATABASE_URL": [
        "mysql://u:s3cret@host/x", "postgres://u:s3cret@host/x", "candidatures.db", "sqlite://",
        "sqlite:///:memory:", "postgresql://u:s3cret@host", "postgresql://u:s3cret@host:x/y",
    ],
    "ESSAIM_NATS_URL": [
        "localhost", "127.0.0.1:4222", "http://host", "nats://", "nats://u:s3cret@h:99999",
        "nats://a b:4222", "nats://a:4222,b:4222",
    ],
    "ESSAIM_PUBLIC_URL": [
        "example.org", "//example.org", "https://", "https://example.org/essaim",
        "https://example.org/?x=1", "https://example.org/#x", "https://u:s3cret@example.org",
        "ftp://example.org", "https://example.org:port", "https://exa mple.org", "https://[::1",
    ],
    "ESSAIM_PORT": ["0", "65536", "-1", "8 000", "eight", "8000.5", "8,000"],
    "ESSAIM_HOST": ["http://127.0.0.1", "127.0.0.1/x", "a b"],
    "ESSAIM_CLOCK": ["wall"],
    "ESSAIM_SIMULATED_START": ["yesterday", "2019-11-01", "2019-11-01T08:00", "2019-13-01T08:00Z"],
    "ESSAIM_LOG_LEVEL": ["LOUD", "10", "verbose"],
    "ESSAIM_TRACING": ["yes"],
    "ESSAIM_MESSAGE_METRICS": ["maybe"],
    "ESSAIM_NATS_REPLICAS": ["0", "6", "three"],
    "ESSAIM_STREAM_MAX_BYTES": ["2 Go", "2 000 000 000", "1", "-1", "2e9"],
    "ESSAIM_SERVICES_AT": ["{service}:8000"],
    "ESSAIM_SMTP_URL": [
        "mail.example", "smtp:587", "smtp://", "http://mail.example", "smtp://h:99999",
        "smtp://h:port", "smtp://u:s3cret@", "smtp://a b",
    ],
    "ESSAIM_MAIL_FROM": [
        "Prémices", "contact@", "@example.org", "a@b@example.org", "Prémices <contact>",
        "a..b@example.org", "one@example.org, two@example.org", "x <a@example.org> y",
    ],
    "ESSAIM_MAIL_REPLY_TO": ["Prémices", "Prémices <contact>", "a@example.org; b@example.org"],
    "ESSAIM_MAIL_FROM_NAME": ["Prémices\nBcc: eve@example.org", "Pré\x00mices"],
    "ESSAIM_OPEN_MAILBOX": ["perhaps"],
}  # fmt: skip
CASES = [(variable, value) for variable, values in WRONG.items() for value in values]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ESSAIM_"):
            monkeypatch.delenv(name)


def refused(kind: type[Settings] = NotificationsSettings) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as caught:
        read_settings(kind)
    return caught.value.problems


@pytest.mark.parametrize(("variable", "value"), [case for case in CASES if "\x00" not in case[1]])
def test_a_wrong_value_is_refused_by_a_sentence_that_names_it_and_says_what_to_write(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    (problem,) = refused()

    assert problem.startswith(f"{variable} ")
    assert "Write " in problem
    assert "s3cret" not in problem
    assert "@" in value or variable == "ESSAIM_SMTP_URL" or repr(value) in problem


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, values in WRONG.items():
        monkeypatch.setenv(variable, values[0])

    assert {problem.split()[0] for problem in refused()} == set(WRONG)


RIGHT = {
    "ESSAIM_DATABASE_URL": [
        "sqlite:///x.db", "sqlite:////data/x.db", "postgresql://u:p%40ss@h:5432/x",
        "postgresql+psycopg:///x", "",
    ],
    "ESSAIM_NATS_URL": ["nats://h:4222", "tls://h", "nats://u:p@h", "nats://a:4222,nats://b:4222"],
    "ESSAIM_PUBLIC_URL": ["https://example.org", "http://127.0.0.1:8000", "https://éxample.org"],
    "ESSAIM_PORT": ["1", "8000", " 8080 ", "65535", ""],
    "ESSAIM_LOG_LEVEL": ["debug", "WARNING"],
    "ESSAIM_SIMULATED_START": ["2019-11-01T08:00Z", "2019-11-01T08:00:00+01:00"],
    "ESSAIM_SMTP_URL": ["smtp://h", "smtps://u:p%40s@h:465", "smtp://[::1]:25", ""],
    "ESSAIM_MAIL_FROM": ["contact@example.org", "essaim@localhost", "root@mail", ""],
}  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value"), [(one, value) for one, values in RIGHT.items() for value in values]
)
def test_a_right_value_is_taken(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    read_settings(NotificationsSettings)


def test_a_secret_that_may_be_guessed_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ESSAIM_SECRET", "s3cret")

    (problem,) = refused()

    assert problem.startswith("ESSAIM_SECRET ")
    assert "shorter than 32 signs" in problem
    assert "Write 32 signs or more" in problem
    assert "s3cret" not in problem

    monkeypatch.setenv("ESSAIM_SECRET", "x" * 32)
    read_settings(NotificationsSettings)


def test_the_address_people_see_needs_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_PUBLIC_URL", "https://example.org/")
    assert read_settings(Settings).public_url == "https://example.org"


@pytest.mark.parametrize(
    ("given", "name", "address"),
    [
        ("Prémices <contact@example.org>", "Prémices", "contact@example.org"),
        ('"Prémices, la coopérative" <contact@example.org>', "Prémices, la coopérative",
         "contact@example.org"),
        ("<contact@example.org>", "", "contact@example.org"),
        ("contact@example.org", "", "contact@example.org"),
        ("contact@café.fr", "", "contact@xn--caf-dma.fr"),
    ],
)  # fmt: skip
def test_a_sender_with_a_name_is_taken_apart(
    given: str, name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESSAIM_MAIL_FROM", given)
    taken = read_settings(NotificationsSettings)
    assert (taken.mail_from_name, taken.mail_from) == (name, address)


def test_a_name_given_by_its_own_variable_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_MAIL_FROM", "Prémices <contact@example.org>")
    monkeypatch.setenv("ESSAIM_MAIL_FROM_NAME", "L’équipe")
    assert read_settings(NotificationsSettings).mail_from_name == "L’équipe"


def test_a_variable_that_nothing_reads_is_said_with_the_one_that_was_meant() -> None:
    environment = {
        "ESSAIM_SMTP_ULR": "smtp://h", "ESSAIM_PORT": "8000", "ESSAIM_DATABASE_URL_SCHEDULING": "",
        "ESSAIM_JSON_LOGS": "true", "PATH": "",
    }  # fmt: skip
    assert list(unknown_variables([NotificationsSettings], environment)) == [
        "ESSAIM_SMTP_ULR is set, and nothing here reads it. Did you mean ESSAIM_SMTP_URL?"
    ]


def test_a_folder_nothing_can_be_kept_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert folder_problem(tmp_path) is None
    assert folder_problem(tmp_path / "new" / "one") is None
    assert "is no folder" in str(folder_problem(tmp_path / "file"))
    assert "may not write" in str(folder_problem(tmp_path / "file" / "in-it"))


@pytest.mark.parametrize(
    "command",
    [
        ("up", "--port", "0"), ("run", "notifications"), ("migrate",), ("demo", "--once"),
        ("topology", "plan"), ("doctor",),
    ],
)  # fmt: skip
def test_whatever_starts_refuses_wrong_settings_by_sentences(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    environment = {
        "ESSAIM_PUBLIC_URL": "example.org", "ESSAIM_PORT": "http", "ESSAIM_LOG_LEVEL": "LOUD",
        "COLUMNS": "500",
    }  # fmt: skip

    result = CliRunner().invoke(app, ["--data", str(tmp_path), *command], env=environment)

    assert result.exit_code == (1 if command == ("doctor",) else 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    for variable in ("ESSAIM_PUBLIC_URL", "ESSAIM_PORT", "ESSAIM_LOG_LEVEL"):
        assert f"{variable} is " in result.output
    assert list(tmp_path.glob("*.db")) == [], "nothing was begun"
