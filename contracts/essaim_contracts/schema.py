"""Write `schemas/`: a JSON Schema for each fact, and one AsyncAPI document for all of them.

And `npm/`: the generated half of the npm package.

python -m essaim_contracts.schema           writes the files that changed
python -m essaim_contracts.schema --check   exits 1 and names the files that are not up to date

A fact without a golden example of every field, or of the required ones only, gets it beside those
it has, which are never touched.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from essaim_contracts import __version__, all_facts
from essaim_contracts.envelope import ATTRIBUTES, FREE_TEXT, JSON_TYPE
from essaim_contracts.examples import SCHEMAS, golden_examples
from essaim_contracts.fact import Fact
from essaim_contracts.first_examples import (
    NoExampleValue,
    missing_examples,
    write_missing_examples,
)
from essaim_contracts.typescript import NPM, package_files

Schema = dict[str, Any]


class _FactSchema(GenerateJsonSchema):
    """Pydantic's schemas as a reader needs them: open to fields to come, meanings easy to find."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        generated = super().model_schema(schema)
        generated.pop("additionalProperties", None)
        return generated

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        generated = super().nullable_schema(schema)
        meaning = generated.get("anyOf", [{}])[0].pop("description", None)
        return {"description": meaning, **generated} if meaning else generated


def schema_of(fact_class: type[Fact]) -> Schema:
    """The JSON Schema (2020-12) of a fact's payload."""
    generated = fact_class.model_json_schema(schema_generator=_FactSchema)
    head = {
        "$schema": _FactSchema.schema_dialect,
        "$id": f"urn:essaim:{fact_class.type.removeprefix('essaim.')}",
        "title": generated["title"],
        "description": generated["description"],
    }
    return {**head, **generated}


def definitions(ref_template: str) -> dict[str, Schema]:
    """The schema of every fact, value and enumeration by its name, each standing once."""
    mode: Literal["validation"] = "validation"
    facts = [(it.type, mode, it.__pydantic_core_schema__) for it in all_facts()]
    generated = _FactSchema(ref_template=ref_template).generate_definitions(facts)[1]
    return {str(name): schema for name, schema in generated.items()}


def asyncapi(schemas: Path = SCHEMAS) -> Schema:
    """One AsyncAPI 3.0 document of every fact, with the golden examples under `schemas`."""
    facts = list(all_facts())
    payloads = definitions("#/components/schemas/{model}")
    examples: dict[str, list[Schema]] = {fact.type: [] for fact in facts}
    for example in golden_examples(schemas):
        examples.setdefault(example.type, []).append(
            {"name": example.path.stem, "headers": example.headers, "payload": example.data}
        )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Essaim: the facts of a consortium",
            "version": __version__,
            "description": "What the partners of a support programme tell each other, as "
            "CloudEvents 1.0.2 in binary mode over NATS JetStream. Drop what you have seen by "
            "`ce-id`; ignore fields and types you do not know.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON_TYPE,
        "servers": {"consortium": _server()},
        "channels": {fact.type: _channel(fact) for fact in facts},
        "operations": {name: _operation(name, fact) for fact in facts for name in _verbs(fact)},
        "components": {
            "messages": {fact.__name__: _message(fact, examples[fact.type]) for fact in facts},
            "schemas": {"Headers": _headers(), **payloads},
        },
    }


def _server() -> Schema:
    return {
        "host": "{address}",
        "protocol": "nats",
        "description": "The NATS server of the consortium, with its JetStream stream ESSAIM.",
        "variables": {
            "address": {
                "default": "localhost:4222",
                "description": "Host and port, given by the operator with your credentials.",
            }
        },
    }


def _channel(fact: type[Fact]) -> Schema:
    return {
        "address": f"essaim.{{programme}}.{fact.type.removeprefix('essaim.')}.{{{fact.key_field}}}",
        "title": fact.__name__,
        "summary": _summary(fact),
        "parameters": {
            "programme": {
                "description": "The programme's slug, or `network` for facts of no single one.",
                "examples": ["premices"],
            },
            fact.key_field: {
                "description": "The key: facts of one key come in order.",
                "location": "$message.header#/ce-subject",
            },
        },
        "messages": {fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"}},
    }


def _verbs(fact: type[Fact]) -> tuple[str, str]:
    return f"send{fact.__name__}", f"receive{fact.__name__}"


def _operation(name: str, fact: type[Fact]) -> Schema:
    sends = name.startswith("send")
    channel = f"#/channels/{fact.type}"
    return {
        "action": "send" if sends else "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{fact.__name__}"}],
        "summary": f"{fact.owner} says it" if sends else "Any partner may hear it",
        "tags": [{"name": fact.owner}],
        "bindings": {"nats": {"bindingVersion": "0.1.0"}},
    }


def _message(fact: type[Fact], examples: list[Schema]) -> Schema:
    of_this_type = {"properties": {"ce-type": {"const": fact.type}}}
    return {
        "name": fact.type,
        "title": fact.__name__,
        "summary": _summary(fact),
        "contentType": JSON_TYPE,
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, of_this_type]},
        "correlationId": {"location": "$message.header#/ce-correlationid"},
        "payload": {"$ref": f"#/components/schemas/{fact.__name__}"},
        "examples": examples,
    }


def _headers() -> Schema:
    properties: Schema = {
        "Nats-Msg-Id": {"type": "string", "description": "The same as ce-id."},
        "content-type": {"const": JSON_TYPE},
        "ce-specversion": {"const": "1.0"},
        "ce-datacontenttype": {"const": JSON_TYPE},
        "ce-time": {
            "type": "string",
            "format": "date-time",
            "description": "Business time, in UTC.",
        },
    }
    for attribute in ATTRIBUTES:
        free = attribute.pattern is FREE_TEXT
        properties[f"ce-{attribute.name}"] = {
            "type": "string",
            # Free text is percent-encoded on the wire.
            "pattern": "^[!-~]+$" if free else f"^{attribute.pattern.pattern}$",
            "description": f"{attribute.meaning} {attribute.expected.capitalize()}.",
        }
    required = ["ce-specversion", "ce-time"]
    required += [f"ce-{attribute.name}" for attribute in ATTRIBUTES if attribute.required]
    return {
        "type": "object",
        "description": "CloudEvents attributes, percent-encoded. Look names up in any case.",
        "required": required,
        "properties": properties,
    }


def _summary(fact: type[Fact]) -> str:
    return (fact.__doc__ or "").partition("\n")[0]


def generated_files(schemas: Path = SCHEMAS, npm: Path | None = None) -> dict[Path, str]:
    """The text of every generated file, by its path under `schemas` and `npm`."""
    by_type = {fact.type: schema_of(fact) for fact in all_facts()}
    documents = {f"{type}.json": schema for type, schema in by_type.items()}
    documents["asyncapi.json"] = asyncapi(schemas)
    files = {
        schemas / name: f"{json.dumps(it, indent=2, ensure_ascii=False)}\n"
        for name, it in documents.items()
    }
    if npm:
        package = package_files(definitions("#/$defs/{model}"), by_type)
        files |= {npm / name: text for name, text in package.items()}
    return files


def stale_files(schemas: Path = SCHEMAS, npm: Path | None = None) -> list[Path]:
    """The generated files that are missing, differ, or belong to no fact any more."""
    expected = generated_files(schemas, npm)
    present = {*schemas.glob("*.json"), *(path for path in expected if path.exists())}
    return sorted(
        path
        for path in expected.keys() | present
        if path not in present or expected.get(path) != path.read_text()
    )


def main(arguments: list[str], schemas: Path = SCHEMAS, npm: Path | None = None) -> int:
    """Write, or check with --check; the exit code is 1 when a file is not up to date."""
    parser = argparse.ArgumentParser(prog="python -m essaim_contracts.schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name stale files")
    if parser.parse_args(arguments).check:
        return _check(schemas, npm)
    try:
        # First of all: the AsyncAPI document shows them.
        written = write_missing_examples(schemas)
    except NoExampleValue as error:
        print(error)
        return 1
    for path in written:
        print(f"wrote {path.relative_to(schemas)}")
    _write(schemas, npm)
    return 0


def _check(schemas: Path, npm: Path | None) -> int:
    lacking = [f"{fact.type} has no {what} example" for fact, what in missing_examples(schemas)]
    stale = [f"{path.name} is not up to date" for path in stale_files(schemas, npm)]
    for problem in (*lacking, *stale):
        print(f"{problem}: run python -m essaim_contracts.schema")
    return 1 if lacking or stale else 0


def _write(schemas: Path, npm: Path | None) -> None:
    expected = generated_files(schemas, npm)
    for path in stale_files(schemas, npm):
        if path in expected:
            path.write_text(expected[path])
            print(f"wrote {path.name}")
        else:
            path.unlink()
            print(f"removed {path.name}: no fact has this type")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], npm=NPM))
