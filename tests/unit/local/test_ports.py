"""Choosing ports."""

import socket

import pytest

from local import ports
from local.errors import LocalError


def test_the_wanted_port_is_taken_when_it_is_free() -> None:
    assert ports.choose(8000, free=lambda port: True) == 8000


def test_the_next_free_port_is_taken_when_others_listen() -> None:
    assert ports.choose(8000, free=lambda port: port >= 8003) == 8003


def test_two_parts_never_get_the_same_port() -> None:
    assert ports.choose(8000, taken=frozenset({8000, 8001}), free=lambda port: True) == 8002


def test_no_free_port_is_said_with_a_remedy() -> None:
    with pytest.raises(LocalError, match="No port from 8000") as caught:
        ports.choose(8000, free=lambda port: False)
    assert "PORT=" in caught.value.remedy


@pytest.mark.parametrize("number", [0, -1, 65_536])
def test_a_number_that_is_no_port_is_refused(number: int) -> None:
    with pytest.raises(LocalError, match="is not a port"):
        ports.choose(number, free=lambda port: True)


def test_the_last_port_of_all_can_be_chosen_and_nothing_behind_it() -> None:
    assert ports.choose(65_535, free=lambda port: True) == 65_535
    with pytest.raises(LocalError):
        ports.choose(65_535, free=lambda port: False)


def test_a_port_somebody_listens_on_is_not_free_and_is_free_afterwards() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_port_somebody_listens_on_for_every_address_is_not_free() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not ports.is_free(server.getsockname()[1])
