"""The files of a cluster say what the services and the broker need, to Kubernetes' own schemas."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from essaim.service import installed_services
from essaim.settings import Settings, read_settings

HERE = Path(__file__).parents[2] / "deploy" / "cluster"
FOLDER = HERE / "kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
RESOURCES: list[dict[str, Any]] = [
    resource
    for file in KUSTOMIZATION["resources"]
    for resource in yaml.safe_load_all((FOLDER / file).read_text())
]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in RESOURCES if one["kind"] == kind}


JOBS = {name: one["spec"]["jobTemplate"] for name, one in of_kind("CronJob").items()}
PODS = of_kind("Deployment") | of_kind("StatefulSet") | of_kind("Job") | JOBS


@pytest.mark.parametrize(
    "resource", RESOURCES, ids=lambda one: f"{one['kind']} {one['metadata']['name']}"
)
def test_kubernetes_knows_every_word_of_it(resource: dict[str, Any]) -> None:
    kubernetes_validate.validate(resource, "1.32", strict=True)


def test_every_service_runs_twice_behind_its_path() -> None:
    services = set(installed_services())
    deployments, (ingress,) = of_kind("Deployment"), of_kind("Ingress").values()
    replicas = {name: one["spec"]["replicas"] for name, one in deployments.items()}
    assert replicas == dict.fromkeys(services, 2) | {"desk": 1}
    paths = {
        path["backend"]["service"]["name"]: path["path"]
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert paths == {name: f"/{name}" for name in services} | {"candidatures": "/"}


@pytest.mark.parametrize("name", PODS)
def test_no_pod_is_root_or_writes_to_its_image(name: str) -> None:
    pod = PODS[name]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("name", PODS)
def test_what_a_pod_mounts_is_made_for_it(name: str) -> None:
    made = {
        one["name"] for kind in ("configMap", "secret") for one in KUSTOMIZATION[f"{kind}Generator"]
    }
    for volume in PODS[name]["spec"]["template"]["spec"]["volumes"]:
        if "secret" in volume:
            # What saves everything reads what the operator does.
            reader = "operator" if name in JOBS else name
            assert volume["secret"]["secretName"] == reader
            assert reader in made
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in of_kind("PersistentVolumeClaim")


def test_the_backup_reads_the_documents_of_every_service_and_writes_none() -> None:
    (container,) = JOBS["backup"]["spec"]["template"]["spec"]["containers"]
    mounts = {one["mountPath"]: one.get("readOnly", False) for one in container["volumeMounts"]}
    values = {one["name"]: one["value"] for one in container["env"]}
    folders = [values["ESSAIM_DOCUMENTS_AT"].format(service=one) for one in installed_services()]
    assert {folder: mounts[folder] for folder in folders} == dict.fromkeys(folders, True)


def test_the_settings_of_all_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (FOLDER / "settings.env").read_text().splitlines():
        monkeypatch.setenv(*line.split("=", 1))
    settings = read_settings(Settings)
    assert settings.nats_replicas == len(settings.nats_urls) == 3


def test_the_servers_of_the_broker_look_for_each_other_where_they_are() -> None:
    (nats,) = of_kind("StatefulSet").values()
    names = [f"nats-{n}.nats" for n in range(nats["spec"]["replicas"])]
    assert _routes(FOLDER / "nats.conf") == names
    compose = yaml.safe_load((HERE / "compose.yml").read_text())
    nodes = [name for name in compose["services"] if name.startswith("nats")]
    assert _routes(HERE / "nats.conf") == nodes


def test_whoever_speaks_to_the_broker_knows_its_three_servers() -> None:
    one_host = yaml.safe_load((HERE.parents[1] / "docker-compose.yml").read_text())["services"]
    cluster = yaml.safe_load((HERE / "compose.yml").read_text())["services"]
    speak = [name for name, one in one_host.items() if "ESSAIM_NATS_URL" in _environment(one)]
    urls = {_environment(cluster.get(name, {})).get("ESSAIM_NATS_URL") for name in speak}
    assert urls == {"tls://nats:4222,tls://nats-2:4222,tls://nats-3:4222"}


def _environment(service: dict[str, Any]) -> dict[str, str]:
    return service.get("environment") or {}


def _routes(file: Path) -> list[str]:
    (line,) = (one for one in file.read_text().splitlines() if "routes:" in one)
    urls = yaml.safe_load(line.strip())["routes"]
    return [url.removeprefix("nats://").removesuffix(":6222") for url in urls]


def test_who_takes_part_is_written_by_the_operator_alone_and_read_by_all() -> None:
    writers: set[str] = set()
    readers: set[str] = set()
    for name, one in PODS.items():
        pod = one["spec"]["template"]["spec"]
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            for mount in container["volumeMounts"]:
                if mount["name"] == "consortium":
                    (readers if mount.get("readOnly") else writers).add(name)
    assert writers == {"operator", "desk"}
    assert readers == {"nats", "backup", "backup-erasures", *installed_services()}


def test_the_broker_is_open_to_whoever_is_handed_a_key_for_it() -> None:
    (policy,) = (one for name, one in of_kind("NetworkPolicy").items() if name == "broker")
    allowed = policy["spec"]["ingress"][0]["from"]
    named = set(allowed[1]["podSelector"]["matchExpressions"][0]["values"])
    pods = {
        one["spec"]["template"]["metadata"]["labels"]["app"]
        for one in PODS.values()
        if "essaim" not in one["spec"]["template"]["metadata"]["labels"]
    }
    assert named == pods - {"nats"}
