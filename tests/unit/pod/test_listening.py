"""The worker's socket: a worker that ends takes only its own away."""

import socket

import pytest
from tests.support.worker_process import short_folder

from fluxpod.listening import SocketError, listen, listen_on_port


def test_a_socket_is_removed_by_its_own_worker_and_by_no_other() -> None:
    with short_folder() as folder:
        first, first_place = listen(folder / "s")
        first.close()
        second, second_place = listen(folder / "s")
        first_place.clear()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(folder / "s"))
        second.close()
        second_place.clear()
        assert not (folder / "s").exists()
        second_place.clear()


def test_a_port_is_open_to_this_machine_alone_and_a_taken_one_is_told() -> None:
    listener = listen_on_port(0)
    host, port = listener.getsockname()
    assert host == "127.0.0.1"
    with pytest.raises(SocketError, match=f"another process has taken port {port}; set FLUXPOD_PORT"):
        listen_on_port(port)
    listener.close()
