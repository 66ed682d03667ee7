"""`essaim token`: how programs sign in, which tokens there are, and how one is ended."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import typer
from rich.table import Column, Table

from essaim.cli.reach import (
    consortium_here,
    database_of,
    fail,
    named,
    out,
    settings_of,
)
from essaim.clock import PARIS, SystemClock
from essaim.consortium.partners import NoKeeper
from essaim.ids import stable_id
from essaim.keeping.database import Database
from essaim.people import sign_ins
from essaim.people.directory import (
    find_person_by_email,
    names_of,
    people_with_role,
    save_person,
)
from essaim.people.signing import UnusableKey, new_key, public_key_of
from essaim.person import Person, Role, RoleHeld
from essaim.service import Service

commands = typer.Typer(help="Tokens for the JSON APIs.", no_args_is_help=False)


@commands.callback(invoke_without_command=True)
def token(
    context: typer.Context,
    service: Annotated[
        str | None, typer.Option("--for", help="The service whose API it opens.")
    ] = None,
    email: Annotated[str | None, typer.Option(help="Whose token. Default: an operator.")] = None,
    role: Annotated[Role, typer.Option(help="Somebody who holds this role.")] = Role.OPERATOR,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it is valid.")] = 1,
    label: Annotated[str, typer.Option(help="What it is for, to know it again.")] = "",
) -> None:
    """Print a token for one service's JSON API, for `Authorization: Bearer …`.

    Whoever can run this where the directory is kept is an operator: the first one is made here.
    """
    if context.invoked_subcommand is not None:
        return
    there = [one.service for one in consortium_here().partners if one.knows_people]
    if service not in there:
        given = "No service is named" if service is None else f"Nobody signs in at {service!r}"
        fail(f"{given}. Say which one the token opens, with --for: {', '.join(there)}.", 2)
    keeper, key = _keeper_and_key()
    with database_of(keeper) as database:
        person_id = _whose(database, email, role)
        with database.write() as db:
            print(sign_ins.make_token(db, key, person_id, service, days, label))


@commands.command("list")
def list_tokens() -> None:
    """List the tokens that still open something, the newest first."""
    table = Table(Column("id", no_wrap=True), "for", "whose", "label", "made", "ends")
    with database_of(_keeper()) as database, database.read() as db:
        tokens = sign_ins.all_tokens(db)
        names = names_of(db, {one.person_id for one in tokens})
    for one in tokens:
        made, ends = (at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M") for at in _span(one))
        whose = names.get(one.person_id, str(one.person_id))
        table.add_row(str(one.id), one.service, whose, one.label, made, ends)
    out.print(table if tokens else "No token opens anything.")


@commands.command()
def revoke(
    id: Annotated[UUID, typer.Argument(help="As `essaim token list` shows it.")],
) -> None:
    """End a token: it opens nothing any more, as soon as its service has heard of it."""
    with database_of(_keeper()) as database, database.write() as db:
        found = sign_ins.find(db, id)
        if found is None:
            fail(f"No token {id} opens anything. `essaim token list` shows those that do.")
        sign_ins.end(db, found)
    out.print(f"{id} is ended.")


def sign_in_key(
    new: Annotated[bool, typer.Option("--new", help="Print a new private key instead.")] = False,
) -> None:
    """Print the public key with which all services read who signed in (ESSAIM_SIGN_IN_PUBLIC_KEY).

    A new private one is for the keeper of the directory alone (ESSAIM_SIGN_IN_KEY).
    """
    print(new_key() if new else public_key_of(_keeper_and_key()[1]))


def _keeper() -> Service:
    try:
        return named(consortium_here().keeper)
    except NoKeeper as error:
        fail(str(error), 2)


def _keeper_and_key() -> tuple[Service, str]:
    keeper = _keeper()
    key = settings_of(keeper.name, keeper.settings).sign_in_key.get_secret_value()
    try:
        public_key_of(key)
    except UnusableKey as error:
        fail(str(error), 2)
    return keeper, key


def _span(one: sign_ins.SignIn) -> tuple[datetime, datetime]:
    return one.begun_at, one.ends_at


def _whose(database: Database, email: str | None, role: Role) -> UUID:
    today = SystemClock().now().date()
    with database.write() as db:
        if email:
            person = find_person_by_email(db, email)
            if person is None:
                fail(f"Nobody in the directory has the address {email}.")
            return person.id
        holders = people_with_role(db, role, today)
        if holders:
            return holders[0].id
        if role != Role.OPERATOR:
            fail(f"Nobody in the directory is {role.value}. Import a programme file first.")
        return make_operator(db)


def make_operator(db: sa.Connection) -> UUID:
    """Enter an operator in the keeper's directory; the same one each time."""
    operator = Person(
        stable_id("network", "person", "operator"),
        "Opérateur",
        roles=(RoleHeld(Role.OPERATOR, "network"),),
    )
    save_person(db, operator, share=True)
    return operator.id
