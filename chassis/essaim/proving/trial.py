"""One proof from beginning to end: what is played when, and what is looked at after it.

What a service made of a fact is seen in three ways: its consumer says how far it acknowledged, the
stream holds what it said, and a view that can be asked says what it counts. Erasures are what the
kit asks with: each must be answered, whoever the service is.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import UUID

from essaim.consortium.partners import Directory
from essaim.ids import new_id
from essaim.loops import rest
from essaim.person import Person
from essaim.proving import rules
from essaim.proving.candidate import Candidate
from essaim.proving.ground import Ground
from essaim.proving.questions import check_questions
from essaim.proving.rules import Outcome, Rule, Verdict
from essaim.proving.said import Answer, Stream, check_said
from essaim.proving.script import UNTOLD, Line, Script, canary, of_later, persons_in
from essaim.proving.terms import Stuck, Terms
from essaim.proving.view import trouble_of_view
from essaim.threads import in_thread

QUIET = 0.6
"""Seconds without a word after which a service has said what it had to say."""
_LOOK = 0.1
_LOOKS = 100
"""How often it is held to see whether it is at a moment that shows much when it is killed."""
_SETTLES = 0.01
"""Seconds in which what it had sent has reached the broker."""
_BURST = 6
"""Editions played at once while the service is killed."""
_ERASED = 4
"""People erased in each of them, so that some of them are in its hands at that moment."""

Step = Callable[[], Awaitable[list[Verdict]]]


class Trial:
    """`say` is told what is looked at, before it is."""

    def __init__(
        self,
        ground: Ground,
        script: Script,
        candidate: Candidate,
        terms: Terms,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        self._ground = ground
        self._script = script
        self._partner = script.partner
        self._candidate = candidate
        self._terms = terms
        self._say = say
        self._erased: set[UUID] = set()
        self._people: list[Person] = []

    async def verdicts(self) -> AsyncIterator[Verdict]:
        """One verdict for each rule, in the order in which they are found."""
        found, last = set(), ""
        async for verdict in self._proved():
            found.add(verdict.check)
            if verdict.outcome == Outcome.BROKEN:
                last = verdict.check
            yield verdict
        for rule in rules.RULES:
            if rule.check not in found:
                yield rule.not_applicable(f"not tried: it did not get beyond « {last} »")

    async def _proved(self) -> AsyncIterator[Verdict]:
        for rule, step in self._steps():
            self._say(rule.holds)
            try:
                for verdict in await step():
                    yield verdict
            except Stuck as stuck:
                yield (stuck.rule or rule).broken(str(stuck))
                break
        yield self._tried_nothing_else()
        for verdict in check_said(await self._stream(), self._secrets()):
            yield verdict

    def _steps(self) -> Iterator[tuple[Rule, Step]]:
        yield rules.CONNECTS, self._join_late
        yield rules.HEARS, self._hear_from_the_first
        yield rules.LATER, self._hear_later_versions
        yield rules.PUTS_ASIDE, self._hear_malformed
        yield rules.PROOF, self._hear_forged
        yield rules.ONCE, self._hear_again
        yield rules.ACKNOWLEDGES, self._acknowledge
        yield rules.READ_AGAIN, self._read_again
        yield rules.SPEAKS, self._act
        yield rules.KILLED, self._be_killed
        yield rules.BROKER_BACK, self._lose_the_broker
        yield rules.ANSWERS, self._be_asked
        yield rules.FORGETS, self._forget
        yield rules.COUNTS, self._count

    async def _join_late(self) -> list[Verdict]:
        """An edition has begun before the service is there: it is to know it all the same."""
        await self._introduce()
        await self._ground.publish(self._script.golden())
        await self._ground.publish(self._script.edition(0))
        await self._ground.publish(self._script.edition(1, "minimal"))
        self._candidate.start()
        await self._progress(self._is_absent, "it asks for nothing")
        return [rules.CONNECTS.kept("")]

    async def _hear_from_the_first(self) -> list[Verdict]:
        await self._caught_up()
        await self._erase()
        await self._caught_up(owing=rules.FORGETS)
        heard, unplayed = self._script.classes, self._script.unplayed
        words = f"{len(heard) + self._script.hears_erasures} types"
        return [
            rules.HEARS.kept(words + (f"; not played: {', '.join(unplayed)}" if unplayed else ""))
        ]

    async def _hear_later_versions(self) -> list[Verdict]:
        await self._ground.publish(self._script.later(2))
        await self._erase(change=of_later)
        await self._caught_up()
        filtered = self._script.heard is not None
        return [rules.LATER.kept("its consumer brings it no unknown types" if filtered else "")]

    async def _hear_malformed(self) -> list[Verdict]:
        person_id = new_id()
        if self._script.hears_erasures:
            await self._ground.publish(self._script.malformed_erasures(person_id))
        await self._ground.publish(self._script.malformed(3))
        # What is sound about the same person is not to wait behind what is not.
        await self._erase(person_id)
        await self._caught_up()
        return [rules.PUTS_ASIDE.kept("")]

    async def _hear_forged(self) -> list[Verdict]:
        erasures = self._script.forged_erasures() if self._script.hears_erasures else []
        forged = [*self._script.forged(4), *erasures]
        await self._ground.publish(forged)
        await self._erase()
        await self._caught_up()
        stream = await self._stream()
        whats = {line.headers["ce-id"]: line.what for line in forged}
        believed = [whats[one.cause] for one in stream.answers() if one.cause in whats]
        believed += [f"an erasure of {id}" for id in stream.forgotten().keys() - stream.erased()]
        if believed:
            return [rules.PROOF.broken(f"it believed {'; '.join(believed[:3])}")]
        return [self._unless_unseen(rules.PROOF, stream)]

    async def _hear_again(self) -> list[Verdict]:
        lines = list(self._script.edition(5))
        await self._ground.publish(lines)
        erasure = await self._erase()
        await self._caught_up()
        before = await self._answers()
        await self._ground.publish(one.again for one in lines)
        if erasure is not None:
            await self._ground.publish([erasure.again])
            # Of another source, so it is another fact.
            await self._erase(change=lambda line: line.as_elsewhere(erasure.headers["ce-id"]))
        await self._caught_up()
        return [await self._nothing_more_than(before, rules.ONCE)]

    async def _acknowledge(self) -> list[Verdict]:
        found = await self._ground.look_at_consumer(self._partner.service)
        given = found["delivered"]["consumer_seq"]
        there = await self._ground.count_for(self._partner)
        if given > there:
            return [rules.ACKNOWLEDGES.broken(f"{given} facts were given to it, {there} there are")]
        return [rules.ACKNOWLEDGES.kept("")]

    async def _read_again(self) -> list[Verdict]:
        before = await self._answers()
        await self._ground.set_consumer_back(self._partner.service)
        await self._erase()
        await self._caught_up()
        return [await self._nothing_more_than(before, rules.READ_AGAIN)]

    async def _act(self) -> list[Verdict]:
        if self._terms.act is not None:
            code = await in_thread(self._candidate.act, self._terms.act)
            if code != 0:
                raise Stuck(f"--act ended with {code}: {self._candidate.last_words()}")
            await self._caught_up()
        return []

    async def _be_killed(self) -> list[Verdict]:
        if not self._candidate.is_ours:
            return [rules.KILLED.not_applicable("start it with --run, so that it can be killed")]
        before = await self._answers()
        for first, again in ((100, False), (200, True)):
            place = await self._play_much(first)
            await self._kill_amid(place)
            # First what it did not acknowledge comes again, and nothing else: what it acknowledged
            # too early is lost. Then what it did amid it too.
            floor = await self._acknowledged()
            await self._ground.set_consumer_back(
                self._partner.service, place if again else floor + 1
            )
            self._candidate.start()
            await self._progress(self._is_behind, "it does not go on")
        await self._caught_up()
        return [await self._nothing_more_than(before, rules.KILLED)]

    async def _play_much(self, first: int) -> int:
        """Some editions, and erasures among them, of which it has begun to answer some.

        Returns where in the stream the first of them is.
        """
        said, place = len((await self._stream()).said), 0
        for number in range(first, first + _BURST):
            last = await self._ground.publish(self._script.edition(number))
            place = place or last
            await self._ground.publish(self._script.edition(number, "minimal"))
            for _ in range(_ERASED):
                await self._erase()
        if self._answers_erasures:
            await self._progress(lambda: self._says_nothing_after(said), "it answers nothing")
        return max(1, place)

    async def _kill_amid(self, place: int) -> None:
        """Kill it where it acknowledged an erasure and did not answer yet, if that ever is so.

        Whoever saved before it acknowledged answers all the same once it is there again; whoever
        did not has lost it. `place` is where what it is given begins.
        """
        for _ in range(_LOOKS):
            self._candidate.pause()
            await rest(_SETTLES)
            floor, stream = await self._acknowledged(), await self._stream()
            if stream.since(place).owed(floor) or await self._is_behind() is None:
                break
            self._candidate.go_on()
            await rest(_SETTLES)
        self._candidate.kill()

    async def _lose_the_broker(self) -> list[Verdict]:
        await self._ground.restart_broker()
        await self._ground.publish(self._script.edition(6))
        await self._erase()
        await self._caught_up()
        return [rules.BROKER_BACK.kept("")]

    async def _be_asked(self) -> list[Verdict]:
        known = [one.id for one in self._people] or [new_id()]
        return await check_questions(self._ground, self._partner, known[0])

    async def _forget(self) -> list[Verdict]:
        if not self._answers_erasures:
            why = "it is told of no erasure, or its entry says no person.forgotten"
            return [rules.FORGETS.not_applicable(why)]
        for person in self._people[:1]:
            await self._erase(person.id)
        await self._caught_up()
        return [rules.FORGETS.kept(f"{len(self._erased)} persons")]

    async def _count(self) -> list[Verdict]:
        if self._terms.view is None:
            return [rules.COUNTS.not_applicable("give the address of its view with --view")]
        ours = (await self._stream()).counted(self._script.heard)
        wrong = await trouble_of_view(self._terms.view, ours, self._terms.patience)
        return [rules.COUNTS.broken(wrong) if wrong else rules.COUNTS.kept("")]

    def _tried_nothing_else(self) -> Verdict:
        refused = list(dict.fromkeys(self._ground.refusals()))
        return rules.RIGHTS.broken("; ".join(refused[:3])) if refused else rules.RIGHTS.kept("")

    async def _nothing_more_than(self, before: Counter[Answer], rule: Rule) -> Verdict:
        """Whether it said nothing more because of the facts it had answered before."""
        stream = await self._stream()
        after = stream.answers()
        more = [one for one, count in before.items() if after[one] > count]
        if more:
            cause, type, _ = more[0]
            times = f"{after[more[0]]} times instead of {before[more[0]]}"
            others = f" (and {len(more) - 1} more)" if len(more) > 1 else ""
            return rule.broken(f"it said {type} {times} because of the fact {cause}{others}")
        return self._unless_unseen(rule, stream)

    def _unless_unseen(self, rule: Rule, stream: Stream) -> Verdict:
        if stream.has_answered:
            return rule.kept("")
        if self._terms.view is None:
            return rule.not_applicable("nothing it says or shows tells what it made of them")
        return rule.not_applicable(f"it says nothing: see « {rules.COUNTS.check} »")

    @property
    def _answers_erasures(self) -> bool:
        return self._script.hears_erasures and self._partner.confirms_erasure

    async def _introduce(self) -> None:
        """Its directory holds the people of the first edition: nobody may say their names."""
        if self._partner.directory != Directory.READS:
            return
        facts = [self._script.fact(0, one) for one in self._script.classes]
        ids = sorted({id for fact in facts for id in persons_in(fact)})
        self._people = [canary(id, self._script.programme) for id in ids]
        await self._ground.share(self._partner, self._people)

    def _secrets(self) -> list[str]:
        of_people = [(one.name, one.email, one.phone) for one in self._people]
        return [UNTOLD, *(text for texts in of_people for text in texts if text)]

    async def _erase(
        self, person_id: UUID | None = None, change: Callable[[Line], Line] = lambda line: line
    ) -> Line | None:
        """Erase a person, somebody new by default; gives what was played, if it hears erasures."""
        if not self._script.hears_erasures:
            return None
        person_id = person_id or new_id()
        line = change(self._script.erasure(person_id))
        self._erased.add(person_id)
        await self._ground.publish([line])
        return line

    async def _caught_up(self, owing: Rule | None = None) -> None:
        """Wait until it acknowledged all there is, answered what is to be answered, and is silent.

        `owing` is the rule it breaks when it does not answer, if it is not the present one.

        Raises:
            Stuck
        """
        await self._progress(self._is_behind, "it does not go on")
        await self._progress(self._owes_answers, "it does not answer", owing)
        said, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET:
            count = len((await self._stream()).said)
            if count != said:
                said, since = count, time.monotonic()
            await rest(_LOOK)

    async def _progress(
        self, look: Callable[[], Awaitable[str | None]], words: str, rule: Rule | None = None
    ) -> None:
        """Wait until `look` finds nothing. Patience begins anew where it finds something new.

        Raises:
            Stuck
        """
        last, deadline = "", 0.0
        while (found := await look()) is not None:
            if self._candidate.exit_code is not None:
                end = f"it ended by itself with {self._candidate.exit_code}"
                raise Stuck(f"{end}: {self._candidate.last_words()}")
            if found != last:
                last, deadline = found, time.monotonic() + self._terms.patience
            if time.monotonic() > deadline:
                raise Stuck(f"{words} ({found})", rule)
            await rest(_LOOK)

    async def _is_absent(self) -> str | None:
        found = await self._ground.look_at_consumer(self._partner.service)
        has_asked = found["num_waiting"] or found["delivered"]["consumer_seq"]
        return None if has_asked else "nobody pulls from its consumer"

    async def _acknowledged(self) -> int:
        """Up to where in the stream it acknowledged all there is for it."""
        found = await self._ground.look_at_consumer(self._partner.service)
        floor: int = found["ack_floor"]["stream_seq"]
        return floor

    async def _is_behind(self) -> str | None:
        found = await self._ground.look_at_consumer(self._partner.service)
        left = found["num_pending"] + found["num_ack_pending"]
        floor = found["ack_floor"]["stream_seq"]
        return f"{left} facts are not acknowledged, all up to {floor} are" if left else None

    async def _owes_answers(self) -> str | None:
        if not self._answers_erasures:
            return None
        stream = await self._stream()
        missing = self._erased - stream.forgotten().keys()
        return f"no person.forgotten about {stream.named(missing)}" if missing else None

    async def _says_nothing_after(self, count: int) -> str | None:
        return None if len((await self._stream()).said) > count else "no word of it"

    async def _answers(self) -> Counter[Answer]:
        return (await self._stream()).answers()

    async def _stream(self) -> Stream:
        return Stream(await self._ground.read_stream(), self._partner)
