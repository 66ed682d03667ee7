"""The contract kit, offline: can everything ever written still be read?

    python -m essaim_contracts.verify [DIRECTORY]

Every golden example under DIRECTORY (the checkout's `schemas` by default) must be a well-formed
message, satisfy the published schema of its type, and be read by this version's class.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from essaim_contracts import all_facts, fact_type
from essaim_contracts.envelope import MalformedEnvelope, from_message
from essaim_contracts.examples import SCHEMAS, Example, golden_examples

try:
    import jsonschema_rs
except ModuleNotFoundError:
    raise SystemExit(
        "The contract kit checks schemas with jsonschema-rs, which is not installed. "
        "Run: pip install 'essaim-contracts[verify]'"
    ) from None


def problems(schemas: Path = SCHEMAS) -> Iterator[str]:
    """What is wrong with the examples under `schemas`, one sentence each; nothing when all is well.

    Raises:
        OSError, ValueError: a file cannot be read, or is not JSON.
    """
    counted: Counter[str] = Counter()
    for example in golden_examples(schemas):
        counted[example.type] += 1
        where = f"{example.type}/{example.path.name}"
        for problem in _problems_of(example, schemas):
            yield f"{where}: {problem}"
    for fact in all_facts():
        if counted[fact.type] < 2:
            yield f"{fact.type}: has {counted[fact.type]} golden examples. Write at least two."


def _problems_of(example: Example, schemas: Path) -> Iterator[str]:
    fact_class = fact_type(example.type)
    if fact_class is None:
        yield "its folder names a type that this version does not know"
        return
    schema = json.loads((schemas / f"{example.type}.json").read_text())
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for error in validator.iter_errors(example.data):
        yield f"at {_json_path(error.instance_path)}: {error.message}"
    try:
        envelope, body = from_message(example.headers, example.body)
        # Strict, as writers are: an example with a field that no schema has proves nothing.
        fact = fact_class.model_validate_json(body)
    except (MalformedEnvelope, ValidationError) as error:
        yield str(error)
        return
    if envelope.type != example.type:
        yield f"its ce-type is {envelope.type}, its folder says otherwise"
    if envelope.key != str(fact.key):
        yield f"its ce-subject is {envelope.key}, but {fact_class.key_field} is {fact.key}"


def _json_path(steps: list[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def main(arguments: list[str]) -> int:
    """Print every problem; the exit code is 1 when there is one."""
    parser = argparse.ArgumentParser(prog="python -m essaim_contracts.verify", description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=SCHEMAS)
    directory = parser.parse_args(arguments).directory
    if not (directory / "examples").is_dir():
        parser.error(f"{directory} has no folder of examples. Name the contracts' schemas folder.")
    found = list(problems(directory))
    for problem in found:
        print(problem)
    if not found:
        print(f"{sum(1 for _ in golden_examples(directory))} golden examples are readable.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
