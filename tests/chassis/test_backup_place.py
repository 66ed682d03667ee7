"""Where backups lie: a folder and a bucket keep what they are given whole, or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from bucket import bucket
from essaim.backup.place import Place, PlaceRefused, get, place_of, put


@pytest.fixture(params=["folder", "bucket"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    if request.param == "folder":
        yield place_of(str(tmp_path / "backups"))
        return
    with bucket() as (address, _):
        _speak_to(address, monkeypatch)
        yield place_of("s3://backups/essaim")


def _speak_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "essaim",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)


def test_what_was_written_is_read_again_named_and_removed(place: Place) -> None:
    assert place.names() == []
    large = os.urandom(20_000_000)
    with place.writing("large.age") as out:
        for at in range(0, len(large), 65_536):
            out.write(large[at : at + 65_536])
    put(place, "small.json", b"{}")

    assert place.names() == ["large.age", "small.json"]
    assert get(place, "large.age") == large
    assert get(place, "small.json") == b"{}"
    put(place, "small.json", b"[]")
    assert get(place, "small.json") == b"[]"
    for name in ("small.json", "never there"):
        place.remove(name)
    assert place.names() == ["large.age"]
    with pytest.raises(FileNotFoundError):
        get(place, "small.json")


def test_what_was_interrupted_has_no_name(place: Place) -> None:
    with pytest.raises(KeyboardInterrupt):
        half_write(place)
    assert place.names() == []


def half_write(place: Place) -> None:
    with place.writing("half.age") as out:
        out.write(os.urandom(20_000_000))
        raise KeyboardInterrupt


def test_what_was_left_half_written_goes_unless_somebody_writes_it_now(tmp_path: Path) -> None:
    place, old = place_of(str(tmp_path)), tmp_path / "old.age.part"
    old.touch()
    os.utime(old, (0, 0))
    with place.writing("new.age") as out:
        out.write(b"new")
        put(place, "erased.json", b"{}")
    assert place.names() == ["erased.json", "new.age"]
    assert not old.exists()


def test_a_bucket_nobody_answers_for_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket() as (address, _):
        _speak_to(address.replace("http://", "ftp://"), monkeypatch)
        with pytest.raises(PlaceRefused) as refused:
            place_of("s3://backups/essaim").names()
    assert "s3://backups/essaim" in str(refused.value)
    assert "\n" not in str(refused.value)
