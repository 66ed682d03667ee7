"""Who takes part is a file: a fifth partner is an entry, and no line of ours changes for it."""

import asyncio
import json
import re
import textwrap
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import ledger
import pytest
import sqlalchemy as sa
from backbone import INSTALLED, Consortium, a_session_held, publish_raw, until
from essaim.broker.rights import imports, rights, users_config
from essaim.broker.topology import OPERATOR, NotAsDeclared, apply, check_consumer, declared, plan
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.consortium.file import (
    NoSuchFile,
    NotInConsortium,
    UnreadableConsortium,
    as_yaml,
    consortium_of,
    file_in,
    kept_in,
    of_services,
    parse,
)
from essaim.consortium.partners import Consortium as Partners
from essaim.consortium.partners import Directory, NoKeeper, Partner, Seen
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.people.erasure import Erasure
from essaim.running.nats_server import NatsServer
from essaim.running.runtime import Runtime
from essaim.service import Service, installed_services
from essaim.settings import Settings
from essaim.text.file_errors import WrongFile
from essaim.work import Work
from essaim_contracts import Fact, fact
from essaim_contracts.candidatures import TrophyAwarded
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.scheduling import HoursUsed
from essaim_contracts.words import Words
from nats.aio.client import Client
from waiting import PATIENCE

FOUR = """\
format: essaim-consortium/1
name: Prémices.coop
partners:
  - {organisation: Alma, service: candidatures}
  - {organisation: Alma, service: scheduling}
  - {organisation: Tero, service: notifications}
  - {organisation: Tero, service: reporting}
"""
REPOSITORY = Path(__file__).parents[2]
BILLING = """\
  - organisation: Gestes & Comptes
    service: billing
    title: {fr: Factures, en: Invoices}
    purpose: {fr: Facture les heures., en: Invoices the hours.}
    pages: https://factures.example.org/
    says: [essaim.billing.invoice.sent.v1]
    hears:
      - essaim.candidatures.trophy.awarded.v1
      - essaim.scheduling.hours.used.v1
"""
INVOICE = "essaim.premices.billing.invoice.sent.v1.01a2018a-0000-7000-8000-000000000001"


def with_billing() -> Partners:
    return parse(FOUR + BILLING, installed_services())


def the_billing() -> Partner:
    (found,) = (one for one in with_billing().partners if one.service == "billing")
    return found


# --- the file


def test_what_an_installed_service_says_of_itself_is_left_out_of_the_file() -> None:
    ours = parse(FOUR, installed_services())
    assert ours.name == "Prémices.coop"
    organisations = [one.organisation for one in ours.partners]
    assert organisations == ["Alma", "Alma", "Tero", "Tero"]
    assert INSTALLED.partners == tuple(
        replace(one, organisation=INSTALLED.name) for one in ours.partners
    )


def test_without_a_file_one_organisation_runs_what_is_installed() -> None:
    assert INSTALLED.services == ("candidatures", "scheduling", "notifications", "reporting")
    assert {one.organisation for one in INSTALLED.partners} == {INSTALLED.name}
    assert INSTALLED.keeper == "candidatures"
    assert INSTALLED.titles["reporting"] == Words("Bilan", "Report")
    assert INSTALLED.confirming_erasure == ("scheduling", "notifications", "reporting")


def test_a_foreign_partner_is_what_its_entry_says_and_nothing_more() -> None:
    assert the_billing() == Partner(
        service="billing",
        organisation="Gestes & Comptes",
        title=Words("Factures", "Invoices"),
        purpose=Words("Facture les heures.", "Invoices the hours."),
        pages="https://factures.example.org/",
        directory=Directory.NONE,
        says=frozenset({"essaim.billing.invoice.sent.v1"}),
        hears=frozenset({TrophyAwarded.type, HoursUsed.type}),
        asks=frozenset(),
    )


READS = """\
    directory: reads
    sees: [name, roles]
    programmes: [premices]
"""
FORGETS = BILLING.replace(
    "invoice.sent.v1]", "invoice.sent.v1, essaim.billing.person.forgotten.v1]"
)


def test_a_partner_is_told_of_the_programmes_and_of_what_of_a_person_its_entry_names() -> None:
    reading = parse(FOUR + FORGETS + READS, installed_services())
    billing = reading.partners[-1]
    assert billing.sees == {Seen.NAME, Seen.ROLES}
    assert billing.programmes == frozenset({"premices"})
    assert parse(as_yaml(reading, spelt_out=True), {}) == reading
    told_all = parse(FOUR + FORGETS + "    directory: reads\n", installed_services())
    assert told_all.partners[-1].sees == set(Seen)
    assert told_all.partners[-1].programmes is None
    assert the_billing().sees == frozenset()


def test_the_spelt_out_file_says_the_same_where_nothing_is_installed() -> None:
    assert parse(as_yaml(with_billing(), spelt_out=True), {}) == with_billing()


def test_the_file_made_by_default_follows_the_services_it_is_read_beside() -> None:
    written = as_yaml(INSTALLED, spelt_out=False)
    assert "says" not in written
    assert parse(written, installed_services()) == INSTALLED


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (FOUR + "retention:\n  press.articles: 12\n", 9, "press.*no partner"),
        (FOUR + "retention:\n  scheduling.articles: 12\n", 9, "scheduling.attendance"),
        (FOUR + "retention:\n  scheduling.attendance: 12\n", 9, "60 months at least"),
        (FOUR + "retention:\n  scheduling.attendance: soon\n", 9, "soon"),
        (FOUR.replace("name:", "nom:"), 2, "“nom” is unknown here.*docs/operators.md"),
        (FOUR.replace("essaim-consortium/1", "essaim-consortium/2"), 1, "essaim-consortium/1"),
        (FOUR.replace("Alma, service: scheduling", "Alma"), 5, "“service” is missing"),
        (FOUR.replace("service: reporting", "service: candidatures"), 7, "taken.*another name"),
        (FOUR.replace("service: scheduling", "service: scheduling, directory: keeps"), 5, "reads"),
        (FOUR.replace("service: scheduling", "service: scheduling, directory: none"), 5, "reads"),
        (FOUR.replace("service: candidatures", "service: Candidatures"), 4, "Candidatures"),
        (FOUR + BILLING.replace("service: billing", "service: operator"), 9, "operator.*taken"),
        (FOUR + BILLING.replace("    title", "    titel"), 10, "“titel” is unknown"),
        (FOUR + BILLING.replace("en: Invoices}", "de: Rechnungen}"), 10, "Rechnungen|“de”|“en”"),
        (FOUR + BILLING.replace("https:", "javascript:"), 12, "javascript"),
        (FOUR + BILLING.replace("https:", ""), 12, "//factures"),
        (FOUR + BILLING.replace("says: [essaim.billing", "says: [essaim.reporting"), 13,
         r"cannot say.*Write a type in its own name: essaim\.billing\."),
        (FOUR + BILLING.replace("essaim.candidatures.trophy.awarded.v1", "trophy.awarded"), 15,
         r"No partner says “trophy\.awarded”. Write essaim\.candidatures\.trophy\.awarded\.v1"),
        (FOUR + BILLING.replace("hours.used", "hours.use"), 16, r"Write essaim\.scheduling\.hours"),
        (FOUR + BILLING + "    asks: [nobody]\n", 17, "“nobody” is no partner’s service"),
        (FOUR + BILLING + "    directory: reads\n", 17,
         r"does not confirm.*essaim\.billing\.person\.forgotten\.v1.*directory: none"),
        (FOUR + FORGETS + READS.replace("roles", "birthday"), 18, "birthday"),
        (FOUR + FORGETS + READS.replace("[premices]", "[Premices]"), 19, "Premices"),
        (FOUR + FORGETS + READS.replace("[premices]", "[]"), 19, "programmes"),
        (FOUR + FORGETS + READS.replace("reads", "none"), 18, "directory: none.*change one"),
        (FOUR.replace("service: candidatures", "service: candidatures, programmes: [a]"), 4,
         "keeps the directory of all people"),
        (FOUR + BILLING.replace("    says: [essaim.billing.invoice.sent.v1]\n", ""), 8,
         "“says” is missing: the service is not installed here.*essaim consortium"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_at_its_line_with_what_to_do(
    wrong: str, line: int, words: str, tmp_path: Path
) -> None:
    file = file_in(tmp_path)
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(UnreadableConsortium, match=words) as refused:
        consortium_of(Settings(data=tmp_path))
    assert f"{file}:{line}:" in str(refused.value)


def test_somebody_keeps_the_directory() -> None:
    with pytest.raises(WrongFile, match="Personne ne tient l’annuaire"):
        parse("format: essaim-consortium/1\nname: Seuls\npartners:\n" + BILLING, {})
    alone = of_services({"scheduling": installed_services()["scheduling"]})
    with pytest.raises(NoKeeper, match="ESSAIM_CONSORTIUM"):
        assert alone.keeper


def test_a_service_reads_the_file_it_is_given_then_its_data_folders_then_itself(
    tmp_path: Path,
) -> None:
    given, data = tmp_path / "given.yaml", tmp_path / "data"
    settings = Settings(data=data, consortium=given)
    with pytest.raises(NoSuchFile, match=r"given\.yaml, which ESSAIM_CONSORTIUM names"):
        consortium_of(settings)
    given.write_text(FOUR + BILLING, encoding="utf-8")
    assert consortium_of(settings) == with_billing()
    assert consortium_of(Settings(data=data)) == INSTALLED
    data.mkdir()
    file_in(data).write_text(FOUR, encoding="utf-8")
    assert consortium_of(Settings(data=data)) == parse(FOUR, installed_services())


def test_a_folder_gets_its_file_the_first_time_and_an_operators_changes_are_kept(
    tmp_path: Path,
) -> None:
    assert kept_in(tmp_path, installed_services()) == INSTALLED
    file = file_in(tmp_path)
    changed = file.read_text(encoding="utf-8").replace("fr: Bilan", "fr: Évaluation")
    file.write_text(changed, encoding="utf-8")
    assert kept_in(tmp_path, installed_services()).titles["reporting"].fr == "Évaluation"
    more = installed_services() | {
        "press": replace(installed_services()["reporting"], name="press")
    }
    with pytest.raises(NotInConsortium, match=r"press is installed here.*Add its entry"):
        kept_in(tmp_path, more)


def test_compose_begins_with_the_same_consortium_as_without_a_file() -> None:
    written = (REPOSITORY / "deploy" / "consortium.yaml").read_bytes()
    assert parse(written, installed_services()) == INSTALLED


def test_the_operators_guide_shows_files_that_can_be_read() -> None:
    guide = (REPOSITORY / "docs" / "operators.md").read_text(encoding="utf-8")
    chapter = guide.split("## Who takes part")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^    .*\n)+", chapter, re.MULTILINE)
    shown = parse(textwrap.dedent("".join(blocks[:2])), installed_services())
    assert shown.services == ("candidatures", "reporting", "billing")
    assert shown.partners[2] == the_billing()


async def test_who_joins_while_a_service_runs_is_known_there_and_a_wrong_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("essaim.running.runtime.LOOK_AT_FILE", 0.01)
    file = file_in(tmp_path)
    file.write_text(FOUR, encoding="utf-8")
    runtime = Runtime(ledger.service, Settings(data=tmp_path, nats_url="nats://127.0.0.1:1"))
    runtime.migrate()
    await runtime.start()
    try:
        assert runtime.consortium.find("billing") is None
        file.write_text(FOUR + BILLING, encoding="utf-8")
        await until(lambda: runtime.consortium.find("billing"))
        file.write_text("nothing", encoding="utf-8")
        (part,) = (one for one in runtime.parts if one.name == "consortium")
        await until(lambda: "its file is wrong" in (part.remark or ""))
        assert part.trouble is None
        assert runtime.consortium.find("billing")
    finally:
        await runtime.stop()


# --- a fifth partner, ours


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that tells the press of trophies. Its fact is known to its test alone."""
    monkeypatch.setattr(fact, "_REGISTRY", dict(fact._REGISTRY))

    class PersonForgottenByPress(Fact, type="essaim.press.person.forgotten.v1", key="person_id"):
        person_id: UUID

    facts = FactRouter("press")

    @facts.subscriber(TrophyAwarded)
    def announce_trophy(awarded: TrophyAwarded, work: Work) -> None:
        pass

    return Service(
        name="press",
        title="Presse",
        purpose="Annonce les trophées.",
        metadata=sa.MetaData(),
        hearing=facts,
        erasure=Erasure(confirms=PersonForgottenByPress),
        routers=(),
    )


def test_how_long_data_is_kept_may_be_said_otherwise_and_is_written_back() -> None:
    said = parse(FOUR + "retention:\n  scheduling.attendance: 120\n", installed_services())
    assert said.durations_of("scheduling") == {"attendance": 120}
    assert said.durations_of("reporting") == {}
    assert parse(as_yaml(said, spelt_out=True), {}).retention == {"scheduling.attendance": 120}


def test_a_fifth_service_of_ours_hears_what_its_router_hears_and_erasures(press: Service) -> None:
    services = installed_services() | {"press": press}
    five = parse(FOUR + "  - {organisation: Nous, service: press}\n", services)
    assert declared(five).consumers["press"]["filter_subjects"] == [
        "essaim.*.candidatures.person.erased.v1.*",
        "essaim.*.candidatures.retention.changed.v1.*",
        "essaim.*.candidatures.trophy.awarded.v1.*",
    ]
    assert five.titles["press"] == Words("Presse", "Presse")
    assert five.partners[-1].pages == "/press/"
    assert five.confirming_erasure == ("scheduling", "notifications", "reporting", "press")
    before, after = declared(INSTALLED).consumers, declared(five).consumers
    heard_since = {
        name: since
        for name in before
        if (since := set(after[name]["filter_subjects"]) - set(before[name]["filter_subjects"]))
    }
    assert heard_since == {"candidatures": {"essaim.*.press.person.forgotten.v1.*"}}, (
        "who keeps the directory hears who forgot"
    )


# --- a fifth partner, foreign, at the broker


def test_a_foreign_partner_is_in_the_topology_and_changes_nothing_for_the_others() -> None:
    five, four = declared(with_billing()), declared(INSTALLED)
    assert five.streams["ESSAIM"]["subjects"] == [
        *four.streams["ESSAIM"]["subjects"],
        "essaim.*.billing.*.*.*.*",
    ]
    assert five.consumers == four.consumers | {
        "billing": four.consumers["scheduling"]
        | {
            "filter_subjects": [
                "essaim.*.candidatures.trophy.awarded.v1.*",
                "essaim.*.scheduling.hours.used.v1.*",
            ]
        }
    }


def test_a_foreign_partner_may_say_its_own_and_pull_its_consumer_and_nothing_else() -> None:
    assert imports(the_billing()) == [
        "essaim.*.billing.*.*.*.*",
        "essaim-dead.billing.>",
        "$JS.API.STREAM.INFO.ESSAIM",
        "$JS.API.DIRECT.GET.ESSAIM.essaim.*.billing.*.*.*.*",
        "$JS.API.CONSUMER.INFO.ESSAIM.billing",
        "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.billing",
        "$JS.API.CONSUMER.RESET.ESSAIM.billing",
        "$JS.ACK.ESSAIM.billing.>",
    ]
    assert rights(the_billing(), with_billing()) == {
        "publish": {
            "allow": [
                "essaim.*.billing.*.*.*.*",
                "essaim-dead.billing.>",
                "essaim-api.STREAM.INFO.ESSAIM",
                "essaim-api.DIRECT.GET.ESSAIM.essaim.*.billing.*.*.*.*",
                "essaim-api.CONSUMER.INFO.ESSAIM.billing",
                "essaim-api.CONSUMER.MSG.NEXT.ESSAIM.billing",
                "essaim-api.CONSUMER.RESET.ESSAIM.billing",
                "$JS.ACK.ESSAIM.billing.>",
                "essaim.ask.billing.*",
                "essaim.here.billing",
                "_R_.>",
            ]
        },
        "subscribe": {"allow": ["_INBOX_billing.>", "essaim.ask.billing.*", "essaim.here.*"]},
    }


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    """A broker with billing's user and consumer besides ours."""
    folder = tmp_path_factory.mktemp("five")
    seeds = seeds_in(folder / "keys", users_of(with_billing()))
    server = NatsServer(folder / "nats", users_config(with_billing(), keys_of(seeds)))
    server.start()
    hub = Consortium(server, seeds)
    asyncio.run(_declare(hub))
    yield hub
    server.stop()


async def _declare(hub: Consortium) -> None:
    connection = await hub.connect(OPERATOR)
    await apply(connection, declared(with_billing(), max_bytes=64 * 1024 * 1024))
    await connection.close()


@pytest.fixture
async def billing(five: Consortium) -> AsyncIterator[Client]:
    connection = await five.connect("billing")
    yield connection
    await connection.close()


async def test_a_foreign_partner_says_its_facts_and_gets_those_it_hears_only(
    five: Consortium, billing: Client
) -> None:
    operator = await five.connect(OPERATOR)
    assert await plan(operator, declared(with_billing(), max_bytes=64 * 1024 * 1024)) == []
    for told in (a_session_held(), a_trophy()):
        envelope = on_the_wire(told)
        body = told.model_dump_json().encode()
        await publish_raw(operator, envelope.nats_subject, to_headers(envelope), body)
    said = json.loads((await billing.request(INVOICE, b"{}")).data)
    assert said["stream"] == "ESSAIM"

    pulling = await billing.jetstream().pull_subscribe_bind("billing", stream="ESSAIM")
    (trophy,) = await pulling.fetch(1, timeout=PATIENCE)
    assert trophy.headers is not None
    assert trophy.headers["ce-type"] == TrophyAwarded.type
    await trophy.ack_sync()
    seen = await pulling.consumer_info()
    assert (seen.num_pending, seen.num_ack_pending) == (0, 0)
    await operator.close()


@pytest.mark.parametrize(
    "subject",
    [
        "essaim.premices.candidatures.trophy.awarded.v1.01a2018a-0000-7000-8000-000000000001",
        "essaim.ask.notifications.sign_in_link",
        "essaim-dead.reporting.1",
        "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.reporting",
        "$JS.API.CONSUMER.CREATE.ESSAIM.billing-rebuild",
        "$JS.API.CONSUMER.DURABLE.CREATE.ESSAIM.billing",
        "$JS.API.DIRECT.GET.ESSAIM",
        "$JS.API.STREAM.PURGE.ESSAIM",
        "$JS.ACK.ESSAIM.reporting.1.1.1.1.1",
        "$JS.API.STREAM.INFO.KV_directory",
        "$JS.API.CONSUMER.CREATE.KV_directory",
        "$KV.directory.01a2018a-0000-7000-8000-000000000001",
    ],
)
async def test_a_foreign_partner_is_refused_all_else(five: Consortium, subject: str) -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        await refused.put(str(error))

    connection = await five.connect("billing", error_cb=note)
    await connection.publish(subject, b"{}")
    assert "permissions violation" in (await asyncio.wait_for(refused.get(), 5)).lower()
    await connection.close()


async def test_a_service_binds_to_a_consumer_that_brings_all_it_hears(billing: Client) -> None:
    """The operator's version may hear more than ours; less would be facts that never come."""
    await check_consumer(billing, "billing", frozenset({TrophyAwarded.type}))
    with pytest.raises(NotAsDeclared, match=r"filter_subjects is .*message\.sent.*topology apply"):
        await check_consumer(
            billing, "billing", frozenset({TrophyAwarded.type, "essaim.x.message.sent.v1"})
        )
    with pytest.raises(NotAsDeclared, match=r"filter_subjects is .*declared \[\]"):
        await check_consumer(billing, "billing", None)


def a_trophy() -> TrophyAwarded:
    return TrophyAwarded(
        trophy_id=new_id(),
        edition_id=new_id(),
        cohort_id=new_id(),
        project_id=new_id(),
        bearer_ids=(new_id(),),
        title="Trophée de l’audace",
        awarded_on=date(2020, 9, 24),
        prizes=(),
    )


def on_the_wire(told: Fact) -> Envelope:
    return Envelope(
        id=str(new_id()),
        type=told.type,
        source=f"/premices/{told.owner}",
        key=str(told.key),
        time=datetime(2020, 9, 24, tzinfo=UTC),
        correlation_id="one act",
    )
