"""`essaim`, and `python -m essaim`.

What a command imports stays: looking for garbage among it takes about a tenth of its start.
"""

import gc
from importlib import import_module


def main() -> None:
    gc.disable()
    app = import_module("essaim.cli.main").app
    gc.enable()
    app()


if __name__ == "__main__":
    main()
