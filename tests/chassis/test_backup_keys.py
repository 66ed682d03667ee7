"""Which files of the data folder a backup takes, and where one that comes back may go."""

from pathlib import Path

import pytest
from essaim.backup.keys import NoKey, files_in, put_back

KEYS = {
    "consortium.yaml", "secrets/candidatures", "secrets/sign-in-key", "nats/keys/operator",
    "nats/keys.json", "nats/nats-key.pem",
}  # fmt: skip
NO_KEYS = {
    "candidatures.db", "candidatures.db-wal", "candidatures-documents/ab/abcd", "lock",
    "running.json", "nats/jetstream/$G/streams/x", "nats/nats.conf", "nats/nats.log",
    "nats/nats.pid", "secrets/half.new", "backup-xyz/database", "postgres/candidatures",
    "superuser", "backups/essaim-20261127T000000Z.age",
}  # fmt: skip


def test_what_is_saved_otherwise_or_made_anew_is_no_key(tmp_path: Path) -> None:
    for name in KEYS | NO_KEYS:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)

    assert {name for name, _ in files_in(tmp_path, tmp_path / "backups")} == KEYS


def test_a_key_comes_back_for_its_owner_alone(tmp_path: Path) -> None:
    put_back(tmp_path, "secrets/candidatures", b"secret")
    file = tmp_path / "secrets" / "candidatures"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"secret", 0o600)


@pytest.mark.parametrize("name", ["", "../outside", "secrets/../../outside", "/etc/outside"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoKey, match="leads out of the folder"):
        put_back(tmp_path / "data", name, b"")
    assert not list(tmp_path.iterdir())
