"""What whoever asks for a proof decides, and how one ends before its end."""

from dataclasses import dataclass

from essaim.proving.rules import Rule


@dataclass(frozen=True)
class Terms:
    """What whoever asks for a proof decides. `patience` is in seconds without any progress.

    `view` is an address that says what the service counts, `act` a command that makes it speak.
    """

    patience: float = 60.0
    view: str | None = None
    act: str | None = None


class Stuck(Exception):
    """The service does not go on; says where it stands. `rule` is what it breaks by that."""

    def __init__(self, words: str, rule: Rule | None = None) -> None:
        super().__init__(words)
        self.rule = rule
