"""A contract of import-linter: the decisions of a service reach for nothing outside themselves.

A module or folder of a service is a room, which is in `rooms` or `shared`, or a concept, which
holds decisions; so a new concept is held without anybody adding it to a list. A concept imports
other concepts and what is `shared`, but no other room and nothing of `outside`.
"""

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PureDecisions(Contract):
    services = fields.SetField(subfield=fields.StringField())
    rooms = fields.SetField(subfield=fields.StringField())
    shared = fields.SetField(subfield=fields.StringField())
    outside = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        reaching = {
            concept: reached
            for service in self._given("services")
            for concept in self._concepts(graph, service)
            if (reached := sorted(self._reached(graph, service, concept)))
        }
        return ContractCheck(kept=not reaching, metadata=dict(reaching))

    def render_broken_contract(self, check: ContractCheck) -> None:
        for concept, reached in check.metadata.items():
            output.print_error(f"{concept} imports {', '.join(reached)}", bold=False)
        output.new_line()
        output.print(
            "A decision takes values and answers; commands/ loads before it and saves after."
        )

    def _given(self, option: str) -> set[str]:
        return set(self.contract_options[option])

    def _concepts(self, graph: ImportGraph, service: str) -> Iterator[str]:
        places = self._given("rooms") | self._given("shared")
        for child in sorted(graph.find_children(service)):
            if child.removeprefix(f"{service}.") not in places:
                yield child

    def _reached(self, graph: ImportGraph, service: str, concept: str) -> Iterator[str]:
        forbidden = self._given("outside") | {f"{service}.{room}" for room in self._given("rooms")}
        for module in {concept} | graph.find_descendants(concept):
            for imported in graph.find_modules_directly_imported_by(module):
                if any(imported == one or imported.startswith(f"{one}.") for one in forbidden):
                    yield imported
