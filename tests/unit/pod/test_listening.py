"""The worker's socket: a worker that ends takes only its own away."""

import socket

from tests.support.worker_process import short_folder

from fluxpod.listening import listen


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
