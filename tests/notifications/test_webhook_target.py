"""Where webhooks may lead, and where nothing is sent."""

import pytest
from essaim.refusal import Refusal
from notifications.http_post import checked_target
from notifications.webhook_target import (
    Target,
    is_allowed,
    read_address,
    read_networks,
    read_target,
)


def test_an_address_is_taken_apart_once() -> None:
    assert read_target("https://Exemple.FR/a/b?c=d") == Target(
        "https://exemple.fr/a/b?c=d", True, "exemple.fr", 443, "/a/b?c=d"
    )
    assert read_target("https://[2a01:cb00::1]:8443").names_host == "[2a01:cb00::1]:8443"
    assert read_target("https://café.fr/").host == "xn--caf-dma.fr"


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("https://2130706433/", "127.0.0.1"),
        ("https://0x7f.0.0.1/", "127.0.0.1"),
        ("https://0177.0.0.1/", "127.0.0.1"),
        ("https://127.1/", "127.0.0.1"),
        ("https://①②⑦.0.0.1/", "127.0.0.1"),
    ],
)
def test_every_form_of_an_ip_address_is_read_as_that_address(written: str, host: str) -> None:
    assert read_target(written).host == host


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("exemple.fr", "not_a_url"),
        ("ftp://exemple.fr/", "not_a_url"),
        ("https://" + "a" * 600, "not_a_url"),
        ("https://user:secret@exemple.fr/", "url_with_more"),
        ("https://exemple.fr/#part", "url_with_more"),
        ("https://exemple.fr:25/", "forbidden_port"),
        ("https://exemple.fr:22/", "forbidden_port"),
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(written: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_target(written)

    assert (refused.value.code, refused.value.field) == (code, "url")


@pytest.mark.parametrize(
    "private",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
        "::ffff:192.0.0.192",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_public(private: str) -> None:
    assert not is_allowed(read_address(private), ())


@pytest.mark.parametrize("public", ["93.184.215.14", "2a01:cb00::1", "64:ff9b::5db8:d70e"])
def test_public_addresses_are_reached(public: str) -> None:
    assert is_allowed(read_address(public), ())


def test_an_operator_allows_a_network_and_nothing_beside_it() -> None:
    allowed = read_networks("10.0.3.0/24, ::1")

    assert is_allowed(read_address("10.0.3.7"), allowed)
    assert is_allowed(read_address("::ffff:10.0.3.7"), allowed)
    assert is_allowed(read_address("::1"), allowed)
    assert not is_allowed(read_address("10.0.4.7"), allowed)


@pytest.mark.parametrize(
    ("written", "networks", "code"),
    [
        ("https://127.0.0.1/", "", "forbidden_address"),
        ("https://localhost/", "", "forbidden_address"),
        ("https://[::1]/", "", "forbidden_address"),
        ("https://169.254.169.254/latest/meta-data", "", "forbidden_address"),
        ("http://93.184.215.14/", "127.0.0.0/8", "not_secure"),
        ("https://no-such-name.invalid/", "", "unknown_host"),
        (f"https://{'a' * 64}.fr/", "", "unknown_host"),
    ],
)
def test_where_an_address_leads_is_looked_at_before_it_is_kept(
    written: str, networks: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        checked_target(written, read_networks(networks))

    assert refused.value.code == code


def test_plain_http_is_for_a_network_that_the_operator_allows() -> None:
    assert not checked_target("http://127.0.0.1:8080/", read_networks("127.0.0.0/8")).is_secure
