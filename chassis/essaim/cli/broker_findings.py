"""What `essaim doctor` says of the broker: how it is, and who does what there."""

from dataclasses import dataclass

from essaim.consortium.partners import Consortium
from essaim.hearing.message import storable
from essaim.operating.clocks import WrongClock
from essaim.operating.hub import MANY, NEWEST, Follower, Room

_SKEW = 10.0  # seconds


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do when it is not `ok`."""

    what: str
    ok: bool
    words: str
    mend: str = ""


def silent_broker(url: str, reason: str) -> Finding:
    words, mend = "no answer", "Start it with `essaim up` or compose, or set ESSAIM_NATS_URL."
    if "Authorization Violation" in reason:
        words, mend = "refuses us", "Ask the operator for a folder: `essaim partner rotate`."
    return Finding("broker", False, f"{words} at {url} ({reason})", mend)


def of_room(room: Room) -> Finding:
    words = f"{room.used / room.most:.0%} full"
    if room.is_scarce:
        said = ", ".join(f"{owner} {size:,} bytes" for owner, size in room.newest)
        words += f"; of its newest {NEWEST:,} messages: {said}"
    return Finding(
        "stream", not room.is_scarce, words,
        "Full, it takes nobody's facts. Ask whoever says too much; then raise "
        "ESSAIM_STREAM_MAX_BYTES and run `essaim topology apply`.",
    )  # fmt: skip


def of_clock(ahead: float) -> Finding:
    words = "as ours" if abs(ahead) < 1 else f"{ahead:+.0f} s from ours"
    return Finding(
        "broker's clock", abs(ahead) < _SKEW, words,
        "Have both machines set their clocks by NTP: signed links, retries and leases count on it.",
    )  # fmt: skip


def of_clocks(wrong: list[WrongClock]) -> list[Finding]:
    mend = (
        "Have that machine set its clock by NTP. What is told from the future counts as told now."
    )
    found = [Finding(f"{one.owner}’s clock", False, one.words, mend) for one in wrong]
    return found or [Finding("clocks of partners", True, "right, as far as their facts say")]


def of_follower(follower: Follower) -> Finding:
    """Of a partner elsewhere this is all that is known here."""
    since = "never" if follower.silent is None else f"{follower.silent / 60:.0f} min ago"
    words = "reads now" if follower.is_here else f"reads nothing; last sign {since}"
    return Finding(
        f"{follower.name} hears", follower.is_here, f"{words}; {follower.behind:,} facts wait",
        "Nothing is lost: they wait for it. See that it runs and reaches the broker.",
    )  # fmt: skip


def of_directory(nobody: dict[str, str], consortium: Consortium) -> Finding:
    if not nobody:
        return Finding("directory", True, "holds persons only")
    shown = "; ".join(f"{storable(key, 64)}: {why}" for key, why in [*nobody.items()][:5])
    return Finding(
        "directory", False, f"{len(nobody)} entries are no person and are passed over ({shown})",
        f"{consortium.keeper} removes what it did not write: see that it runs, and what it says.",
    )  # fmt: skip


def of_told(told: dict[str, int]) -> Finding:
    """Whether somebody tells so much that the stream would be full one day."""
    loud = [name for name, count in told.items() if count > MANY]
    said = ", ".join(f"{name} {count:,}" for name, count in told.items()) or "nobody told any"
    return Finding(
        "facts of a day", not loud, said,
        f"An edition has some thousands; after `essaim stream restore` all count. Ask whoever runs "
        f"{' and '.join(loud)}; until it stops, `essaim partner revoke`: full, the stream takes "
        "nobody's facts.",
    )  # fmt: skip
