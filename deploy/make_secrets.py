"""Gives every part of the compose deployment its secrets, at first start; changes none afterwards.

Run by the `secrets` service, as root, with one volume per reader mounted under `/secrets`. The
secrets themselves stay in `/secrets/all`, which nothing else mounts; what each reader needs is
written again from them at every start, so that an upgrade may change its form. Who takes part is
no secret: it is in `/consortium`, where the operator changes it and broker and services read.

`rotate NAME` gives a service here another key for the broker; its holder reads it by itself.
"""

import os
import shutil
import sys
from pathlib import Path

from essaim.broker.certificates import certificates_in
from essaim.broker.rights import users_config
from essaim.broker.topology import OPERATOR, SYSTEM
from essaim.broker.users import keys_of, secret_in, secrets_in, seeds_in, users_of
from essaim.consortium.file import UnreadableConsortium, as_yaml, read
from essaim.consortium.partners import Consortium
from essaim.operating.desk import keep_keys, write_users, write_whole
from essaim.people.signing import new_key, public_key_of
from essaim.service import installed_services

ROOT = Path("/secrets")
KEPT = ROOT / "all"
RESTORED = ROOT / "backup" / "restored"
GIVEN = Path("/deploy/consortium.yaml")
"""How who takes part begins; the operator changes it in the volume from then on."""
SHARED = Path("/consortium")
"""Mounted where the operator changes it, as in docker-compose.yml."""
CONSORTIUM = SHARED / "consortium.yaml" if SHARED.is_dir() else GIVEN
BROKERS = (
    "nats", "nats-2", "nats-3", "nats-0.nats", "nats-1.nats", "nats-2.nats",
    "localhost", "127.0.0.1",
)  # fmt: skip
"""What the broker's servers are called here and in deploy/cluster."""
POSTGRES = os.environ.get("ESSAIM_POSTGRES", "postgres:5432")
"""Where the databases are, when not in a container beside."""
ROOT_USER = 0
ESSAIM_USER = 10001  # as in deploy/Dockerfile


def main() -> None:
    consortium = consortium_here()
    here = services_here(consortium)
    take_restored()
    renewed = renew(sys.argv[1:], (*here, OPERATOR, SYSTEM))
    seeds = seeds_in(KEPT / "nats-keys", users_of(consortium))
    # What earlier versions signed on to the broker with.
    shutil.rmtree(KEPT / "nats", ignore_errors=True)
    databases = secrets_in(KEPT / "postgres", here)
    sign_in_key = secret_in(KEPT / "sign-in-key", new_key)
    web = secrets_in(KEPT / "web-secrets", here)
    ca = certify()
    for reader in (*with_volumes(consortium), OPERATOR):
        text = as_yaml(consortium, spelt_out=True)
        hand(ROOT / reader / "consortium.yaml", text, ESSAIM_USER)
    for reader in (*here, OPERATOR):
        hand(ROOT / reader / "nats.seed", seeds[reader], ESSAIM_USER)
        hand(ROOT / reader / "ca.pem", ca, ESSAIM_USER)
    hand(ROOT / "operator" / "nats-system.seed", seeds[SYSTEM], ESSAIM_USER)
    for service in here:
        settings = {
            **common_settings(),
            "ESSAIM_SECRET": web[service],
            **sign_in_settings(sign_in_key, signs=service == consortium.keeper),
            "ESSAIM_DATABASE_URL": database_url(service, databases[service]),
        }
        hand(ROOT / service / "settings.env", as_settings(settings), ESSAIM_USER)
    everything = common_settings() | {
        f"ESSAIM_DATABASE_URL_{service.upper()}": database_url(service, password)
        for service, password in databases.items()
    }
    everything["ESSAIM_NATS_SYSTEM_SEED_FILE"] = "/run/essaim/nats-system.seed"
    if SHARED.is_dir():
        share(consortium, keys_of(seeds))
        everything["ESSAIM_CONSORTIUM"] = "/run/consortium/consortium.yaml"
    hand(ROOT / "nats" / "users.conf", users_config(consortium, keys_of(seeds)), ROOT_USER)
    # With it the operator makes tokens, as the keeper of the directory does.
    everything |= sign_in_settings(sign_in_key, signs=True)
    hand(ROOT / "operator" / "settings.env", as_settings(everything), ESSAIM_USER)
    hand_to_desk(seeds, ca, sign_in_key)
    # These two are read by the image's own user, whose number differs between images.
    hand(ROOT / "postgres" / "superuser", secret_in(KEPT / "superuser"), ROOT_USER, 0o444)
    hand(ROOT / "postgres" / "databases.sql", as_sql(databases), ROOT_USER, 0o444)
    hand_to_backup()
    print("Secrets are in place for", ", ".join((*here, OPERATOR, "nats", "postgres")))
    if renewed:
        print(
            f"{', '.join(renewed)}: another key. The desk has the broker take it within seconds; "
            "where no desk runs, `essaim topology apply` does."
        )
    if SYSTEM in renewed:
        print("It is by system's that the broker is told: `docker compose restart nats` now.")


def renew(asked: list[str], users: tuple[str, ...]) -> list[str]:
    """Have the seeds of these users made anew, as the arguments `rotate NAME …` ask."""
    if not asked:
        return []
    verb, *names = asked
    unknown = [name for name in names if name not in users]
    if verb != "rotate" or not names or unknown:
        sys.exit(f"Write `rotate NAME`, with one of {', '.join(users)}. Nothing has changed.")
    for name in names:
        (KEPT / "nats-keys" / name).unlink(missing_ok=True)
    return names


def consortium_here() -> Consortium:
    """Who takes part: as the operator left it, or as the repository has it at first start."""
    if not CONSORTIUM.exists() and SHARED.is_dir():
        write_whole(CONSORTIUM, GIVEN.read_text("utf-8"))
    try:
        return read(CONSORTIUM, installed_services())
    except UnreadableConsortium as error:
        sys.exit(str(error))


def certify() -> str:
    """Give the broker its certificate; returns that of who vouches for it."""
    host = os.environ.get("ESSAIM_NATS_HOST", "").strip()
    names = (*BROKERS, host) if host else BROKERS
    ca, server, server_key = certificates_in(KEPT / "nats-tls", names)
    hand(ROOT / "nats" / "server.pem", server, ROOT_USER)
    hand(ROOT / "nats" / "server-key.pem", server_key, ROOT_USER)
    return ca


def share(consortium: Consortium, keys: dict[str, str]) -> None:
    """Hand the operator what broker and partners are told of: none of it is secret."""
    keep_keys(SHARED, keys)
    write_users(SHARED, consortium)
    for path in (SHARED, *(one for one in SHARED.iterdir() if one.is_file())):
        os.chown(path, ESSAIM_USER, ESSAIM_USER)
        path.chmod(0o755 if path.is_dir() else 0o644)


def take_restored() -> None:
    """Keys that came back from a backup take the place of those that were drawn meanwhile."""
    for file in files_in(RESTORED):
        path = KEPT / file.relative_to(RESTORED)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        hand(path, file.read_text(), ROOT_USER, 0o600)
    shutil.rmtree(RESTORED, ignore_errors=True)


def hand_to_backup() -> None:
    """A copy of the keys for whoever saves them, who may write beside what a backup brings back.

    Not what opens the databases: it goes with their server.
    """
    copies = ROOT / "backup" / "keys"
    shutil.rmtree(copies, ignore_errors=True)
    for file in files_in(KEPT):
        name = file.relative_to(KEPT)
        if name.parts[0] not in ("postgres", "superuser"):
            path = copies / name
            path.parent.mkdir(parents=True, exist_ok=True)
            hand(path, file.read_text(), ESSAIM_USER)
    for folder in (copies.parent, *(one for one in copies.parent.rglob("*") if one.is_dir())):
        os.chown(folder, ESSAIM_USER, ESSAIM_USER)
        folder.chmod(0o700)


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()]


def services_here(consortium: Consortium) -> list[str]:
    """Ours that run on this host. All others are users of the broker only."""
    return [one for one in with_volumes(consortium) if one in consortium.here]


def with_volumes(consortium: Consortium) -> list[str]:
    """The same, and those that were handed over to a partner elsewhere."""
    ours = installed_services()
    return [one for one in consortium.services if one in ours and (ROOT / one).is_dir()]


def sign_in_settings(key: str, *, signs: bool) -> dict[str, str]:
    """Who signed in is signed by one service, and read by all."""
    if signs:
        return {"ESSAIM_SIGN_IN_KEY": key}
    return {"ESSAIM_SIGN_IN_PUBLIC_KEY": public_key_of(key)}


def hand_to_desk(seeds: dict[str, str], ca: str, sign_in_key: str) -> None:
    """What the broker is changed with, and what partners are told; nothing of any database."""
    folder = ROOT / "desk"
    if not folder.is_dir():
        return  # nobody answers the pages here
    hand(folder / "nats.seed", seeds[OPERATOR], ESSAIM_USER)
    hand(folder / "nats-system.seed", seeds[SYSTEM], ESSAIM_USER)
    hand(folder / "ca.pem", ca, ESSAIM_USER)
    settings = {
        **common_settings(),
        "ESSAIM_NATS_SYSTEM_SEED_FILE": "/run/essaim/nats-system.seed",
        "ESSAIM_CONSORTIUM": "/run/consortium/consortium.yaml",
        **sign_in_settings(sign_in_key, signs=False),
    }
    hand(folder / "settings.env", as_settings(settings), ESSAIM_USER)


def common_settings() -> dict[str, str]:
    # The shared one is written whenever somebody joins, and whoever runs follows it.
    shared = "/run/consortium/spelt-out.yaml"
    return {
        "ESSAIM_NATS_SEED_FILE": "/run/essaim/nats.seed",
        "ESSAIM_CONSORTIUM": shared if SHARED.is_dir() else "/run/essaim/consortium.yaml",
        "ESSAIM_NATS_CA": "/run/essaim/ca.pem",
    }


def database_url(service: str, password: str) -> str:
    return f"postgresql://{service}:{password}@{POSTGRES}/{service}"


def as_settings(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def as_sql(passwords: dict[str, str]) -> str:
    """One role and one database per service, which no other role may even connect to."""
    statements = [
        # The log repeats a statement that failed; these hold passwords.
        "set log_min_error_statement = panic;",
        "revoke connect on database postgres, template1 from public;",
    ]
    for service, password in passwords.items():
        statements += [
            f"create role {service} login password '{password}';",
            f"create database {service} owner {service};",
            f"revoke all on database {service} from public;",
        ]
    return "\n".join(statements) + "\n"


def hand(path: Path, content: str, owner: int, mode: int = 0o400) -> None:
    """Write a file whole or not at all, readable by its owner only unless `mode` says more."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
        file.write(content)
        os.fchown(file.fileno(), owner, owner)
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    new.rename(path)


if __name__ == "__main__":
    main()
