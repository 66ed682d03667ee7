"""Alerts fire when they should; what they and the dashboard ask for is what services say."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from backbone import Consortium, until
from essaim.ids import new_id
from essaim.keeping.last_backup import LastBackup, note_backup
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.threads import in_thread
from essaim.web.app import build_app
from essaim_contracts.notifications import PersonForgottenByNotifications
from fastapi.testclient import TestClient
from notifications.main import service as notifications
from notifications.settings import NotificationsSettings
from prometheus_client.parser import text_string_to_metric_families
from signing import SETTINGS

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"
DASHBOARD = MONITORING / "grafana" / "dashboards" / "essaim.json"
_NAME = re.compile(r"\b((?:essaim|process)_\w+)")
_BY = re.compile(r"\b(?:by|on) \(([^)]*)\)")

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OF_SERVICE = '{service="scheduling"}'
FIRES_WHEN = {
    "EssaimServiceDown": {
        'up{job="essaim",container="candidatures"}': "1x120",
        'up{job="essaim",container="notifications"}': "0x120",
        'up{job="essaim",container="reporting"}': "1x120",
        'up{job="essaim",container="scheduling"}': "1x20",
    },
    "EssaimNotReady": {f"essaim_ready{OF_SERVICE}": "0x120"},
    "EssaimPartFails": {'essaim_part_ok{service="scheduling",part="relay"}': "0x120"},
    "EssaimNobodyActive": {f"essaim_active{OF_SERVICE}": "0x120"},
    "EssaimTwoActive": {
        'essaim_active{service="scheduling",instance="a"}': "1x120",
        'essaim_active{service="scheduling",instance="b"}': "1x120",
    },
    "EssaimOutboxWaits": {f"essaim_outbox_oldest_seconds{OF_SERVICE}": "0+60x120"},
    "EssaimFactParked": {'essaim_parked_facts{service="scheduling",type="x"}': "1x120"},
    "EssaimDeadLetters": {f"essaim_dead_facts{OF_SERVICE}": "2x120"},
    "EssaimRetriesLast": {f"essaim_waiting_facts{OF_SERVICE}": "1x120"},
    "EssaimFactsNotHeard": {
        f"essaim_pending_facts{OF_SERVICE}": "7x120",
        f"essaim_facts_handled_total{OF_SERVICE}": "1000x120",
    },
    "EssaimFarBehind": {f"essaim_pending_facts{OF_SERVICE}": "9000x120"},
    "EssaimStreamFills": {
        f"essaim_stream_bytes{OF_SERVICE}": "80x120",
        f"essaim_stream_max_bytes{OF_SERVICE}": "100x120",
    },
    "EssaimStreamFull": {
        f"essaim_stream_bytes{OF_SERVICE}": "99x120",
        f"essaim_stream_max_bytes{OF_SERVICE}": "100x120",
    },
    "EssaimPartnerTellsMuch": {
        'essaim_facts_told_total{service="reporting",owner="scheduling"}': "0+2000x120",
    },
    "EssaimDatabaseCrowded": {
        f"essaim_database_connections_used{OF_SERVICE}": "19x120",
        f"essaim_database_connections_most{OF_SERVICE}": "20x120",
    },
    "EssaimDiskFills": {
        f"essaim_disk_free_bytes{OF_SERVICE}": "1e9x120",
        f"essaim_disk_bytes{OF_SERVICE}": "1e10x120",
    },
    "EssaimBackupOld": {f"essaim_backup_taken_timestamp_seconds{OF_SERVICE}": "-130000x120"},
    "EssaimNoBackup": {f"essaim_ready{OF_SERVICE}": "1x120"},
    "EssaimRetentionDue": {f"essaim_retention_lots_due{OF_SERVICE}": "2x120"},
    "EssaimPagesFail": {
        'essaim_page_seconds_count{service="scheduling",status="5xx"}': "0+1x120",
    },
    "EssaimPagesSlow": {
        'essaim_page_seconds_bucket{service="scheduling",le="1"}': "0x120",
        'essaim_page_seconds_bucket{service="scheduling",le="2.5"}': "0+9x120",
        'essaim_page_seconds_bucket{service="scheduling",le="+Inf"}': "0+9x120",
    },
    "EssaimHandlersSlow": {
        'essaim_handler_seconds_bucket{service="scheduling",type="x",le="0.5"}': "0x120",
        'essaim_handler_seconds_bucket{service="scheduling",type="x",le="2.5"}': "0+9x120",
        'essaim_handler_seconds_bucket{service="scheduling",type="x",le="+Inf"}': "0+9x120",
    },
    "EssaimPartnerAway": {
        'essaim_partner_heard_timestamp_seconds{service="a",partner="scheduling"}': "0x120",
        'essaim_partner_heard_timestamp_seconds{service="b",partner="scheduling"}': "0+20x120",
    },
    "EssaimMailWaits": {f"essaim_mail_oldest_seconds{OF_SERVICE}": "0+60x120"},
    "EssaimMailGivenUp": {
        'essaim_mail_letters{service="notifications",state="failed"}': "3x100 4x20",
    },
    "EssaimLoopLate": {f"essaim_loop_lag_seconds{OF_SERVICE}": "2x120"},
    "EssaimVersionsDiffer": {
        'essaim_build_info{version="1"}': "1x120",
        'essaim_build_info{version="2"}': "1x120",
    },
}
WELL = {
    'up{job="essaim",container="candidatures"}': "1x120",
    'up{job="essaim",container="notifications"}': "1x120",
    'up{job="essaim",container="reporting"}': "1x120",
    'up{job="essaim",container="scheduling"}': "1x120",
    f"essaim_ready{OF_SERVICE}": "1x120",
    'essaim_part_ok{service="scheduling",part="relay"}': "1x120",
    'essaim_active{service="scheduling",instance="a"}': "1x120",
    'essaim_active{service="scheduling",instance="b"}': "0x120",
    'essaim_partner_heard_timestamp_seconds{service="a",partner="scheduling"}': "0x120",
    'essaim_partner_heard_timestamp_seconds{service="b",partner="scheduling"}': "0+60x120",
    # A second now and then, and after each restart of the broker.
    f"essaim_outbox_oldest_seconds{OF_SERVICE}": "0x40 30x3 0x80",
    f"essaim_dead_facts{OF_SERVICE}": "0x120",
    f"essaim_waiting_facts{OF_SERVICE}": "0x60 1x5 0x60",
    f"essaim_pending_facts{OF_SERVICE}": "0x80 3x40",
    f"essaim_facts_handled_total{OF_SERVICE}": "0+3x120",
    'essaim_facts_told_total{service="reporting",owner="scheduling"}': "0+30x120",
    f"essaim_stream_bytes{OF_SERVICE}": "0+1x120",
    # A stream without a limit.
    f"essaim_stream_max_bytes{OF_SERVICE}": "-1x120",
    f"essaim_database_connections_used{OF_SERVICE}": "3x120",
    f"essaim_database_connections_most{OF_SERVICE}": "20x120",
    f"essaim_backup_taken_timestamp_seconds{OF_SERVICE}": "0x120",
    f"essaim_retention_lots_due{OF_SERVICE}": "0x120",
    f"essaim_disk_free_bytes{OF_SERVICE}": "5e10x120",
    f"essaim_disk_bytes{OF_SERVICE}": "1e11x120",
    'essaim_page_seconds_count{service="scheduling",status="2xx"}': "0+60x120",
    'essaim_page_seconds_bucket{service="scheduling",le="0.1"}': "0+60x120",
    'essaim_page_seconds_bucket{service="scheduling",le="+Inf"}': "0+60x120",
    f"essaim_mail_oldest_seconds{OF_SERVICE}": "0x50 120x10 0x60",
    'essaim_mail_letters{service="notifications",state="failed"}': "3x120",
    f"essaim_loop_lag_seconds{OF_SERVICE}": "0.01x120",
    'essaim_build_info{version="1"}': "1x120",
}


def alerts() -> dict[str, dict[str, Any]]:
    (group,) = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def queries() -> Iterator[str]:
    """All that alerts and the dashboard ask Prometheus."""
    yield from (rule["expr"] for rule in alerts().values())
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


@pytest.fixture
def promtool() -> str:
    """Prometheus' own checker. Without it a test is skipped, or fails where nothing may be."""
    path = shutil.which("promtool")
    if path is not None:
        return path
    reason = "There is no promtool here: install Debian's package prometheus to check the alerts."
    if os.environ.get("ESSAIM_REQUIRE_ALL"):
        pytest.fail(reason)
    pytest.skip(reason)


def _rule_test(series: dict[str, str], firing: list[str]) -> dict[str, Any]:
    seen = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing]
    asked = ", ".join(firing) if firing else ".+"
    query = f'group by (alertname) (ALERTS{{alertstate="firing",alertname=~"{asked}"}})'
    return {
        "interval": "1m",
        "input_series": [{"series": one, "values": values} for one, values in series.items()],
        "promql_expr_test": [{"expr": query, "eval_time": "110m", "exp_samples": seen}],
    }


def test_each_alert_fires_when_it_should_and_none_while_all_is_well(
    promtool: str, tmp_path: Path, database_url: str
) -> None:
    assert set(FIRES_WHEN) == set(alerts())
    tests = [_rule_test(series, [name]) for name, series in FIRES_WHEN.items()]
    written = {
        "rule_files": [str(MONITORING / "alerts.yml")],
        "evaluation_interval": "1m",
        "tests": [*tests, _rule_test(WELL, [])],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(written))

    done = subprocess.run(
        [promtool, "test", "rules", str(tmp_path / "test.yml")], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_configuration(promtool: str, database_url: str) -> None:
    done = subprocess.run(
        [promtool, "check", "config", str(MONITORING / "prometheus.yml")],
        capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_says_how_urgent_it_is_and_what_to_do(database_url: str) -> None:
    for rule in alerts().values():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "action"}


@pytest.fixture
def service() -> Service:
    return notifications


@pytest.fixture
async def running(
    database_url: str, consortium: Consortium, tmp_path: Path
) -> AsyncIterator[Runtime]:
    """The one service that has all kinds of figures: it hears, tells and writes letters."""
    broker = consortium.settings("notifications")
    settings = NotificationsSettings(data=tmp_path, database_url=database_url, **SETTINGS)
    update = {name: getattr(broker, name) for name in broker.model_fields_set}
    runtime = Runtime(notifications, settings.model_copy(update=update))
    await runtime.start()
    await until(lambda: runtime.is_active and runtime.readiness().ready and runtime.relay.fill)
    yield runtime
    await runtime.stop()


async def test_the_dashboard_and_the_alerts_ask_for_what_services_say(running: Runtime) -> None:
    said: dict[str, set[str]] = {}
    browser = TestClient(build_app([running]))
    with running.work() as work:
        forgotten = PersonForgottenByNotifications(person_id=new_id(), forgotten_at=work.now)
        work.tell(forgotten, programme="premices")
        note_backup(work.db, LastBackup("essaim-20201127T031500Z", work.now, 4096))
    await until(lambda: running.relay.published)
    # Measured once something came or was asked for; here nothing was.
    running.measures.page("GET", "/", 200, 0.01)
    running.measures.handled("type", 0.01)
    with running.measures.chunk(1):
        pass
    text = await _asked(browser)
    assert 'essaim_relay_batch_facts_sum{service="notifications"} 1.0' in text
    assert 'essaim_facts_published_total{service="notifications"} 1.0' in text
    assert 'essaim_backup_bytes{service="notifications"} 4096.0' in text
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            said.setdefault(sample.name, set()).update(sample.labels)
    # Without a sample there is a family all the same.
    said |= {name: {"service", "type", "partner"} for name in _families(text) - set(said)}

    for query in queries():
        labels = {one.strip() for found in _BY.findall(query) for one in found.split(",")}
        for name in set(_NAME.findall(query)):
            assert name in said, f"{query}: no service says {name}"
        assert labels <= {"alertname", "instance"}.union(
            *(said[name] for name in _NAME.findall(query))
        ), query


async def _asked(browser: TestClient) -> str:
    return str((await in_thread(lambda: browser.get("/metrics"))).text)


def _families(text: str) -> set[str]:
    return set(re.findall(r"# TYPE (\w+) gauge", text))
