"""How often Python looks for garbage: rarely, for what we make is mostly freed without."""

import gc

_NEW_OBJECTS = 50_000


def collect_rarely() -> None:
    """Call once, when everything is imported.

    A chunk of facts makes ten thousands of objects that go with it, and a service holds hundreds of
    thousands that stay: by default a third of a processor goes into looking at them again.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
