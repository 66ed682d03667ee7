from hashlib import sha256
from pathlib import Path

import pytest
from essaim.web.vendor import bring


def test_browser_libraries_are_not_brought_twice_for_one_lock_file(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}")
    (tmp_path / "node_modules").mkdir()
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "package-lock.sha256").write_text(sha256(b"{}").hexdigest())

    assert not bring(tmp_path, target)


def test_a_folder_without_lock_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Name the chassis folder of the source"):
        bring(tmp_path, tmp_path / "vendor")
