"""tests/examples: the C service of examples/debian-index and clients that take too much; its end,
which lets answers under way be finished."""

import contextlib
import http.client
import json
import select
import signal
import socket
import time

import pytest
from demoservice import Service

# ---- Clients that take too much ----


def test_a_head_that_comes_too_slowly_is_cut_off(program, path):
    service = Service(program, "--head-seconds", "1", path)
    with socket.create_connection(("127.0.0.1", service.port), timeout=0.2) as slow:
        slow.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n")
        ended = False
        for _ in range(600):  # a header more each time, so that it is never idle
            try:
                slow.sendall(b"X-Slow: 1\r\n")
                ended = slow.recv(4096) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
            if ended:
                break
        assert ended
    assert service.ask("/status")[0] == 200
    assert service.stop() == 0, service.errors


def test_a_client_has_so_many_connections_and_no_more(program, path):
    service = Service(program, "--per-client", "3", path)
    ask = b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as stack:

        def connect():
            link = socket.create_connection(("127.0.0.1", service.port), timeout=30)
            return stack.enter_context(link)

        def answer(link):
            try:
                link.sendall(ask)
                return link.recv(15)
            except ConnectionError:
                return b""

        links = [connect() for _ in range(3)]
        assert [answer(link) for link in links] == [b"HTTP/1.1 200 OK"] * 3
        assert answer(connect()) == b""
    # The daemon sees a moment later that they are closed.
    status, deadline = None, time.monotonic() + 60
    while status != 200 and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError, http.client.HTTPException):
            status = service.ask("/status")[0]
    assert status == 200
    assert service.stop() == 0, service.errors


def test_slow_clients_of_one_address_take_nothing_from_others(program, path):
    """A slowloris: as many heads as one address may begin, none of which ends."""
    service = Service(program, "--per-client", "16", "--head-seconds", "60", path)

    def connect():
        link = socket.create_connection(
            ("127.0.0.1", service.port), timeout=30, source_address=("127.0.0.2", 0)
        )
        link.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n")
        return link

    with contextlib.ExitStack() as stack:
        links = [stack.enter_context(connect()) for _ in range(64)]
        kept = set(links)
        while len(kept) > 16:  # which of them it is depends on the threads that take them
            closed, _, _ = select.select(kept, [], [], 30)
            assert closed, f"{len(kept)} are open"
            for link in closed:
                with contextlib.suppress(ConnectionError):
                    assert link.recv(1) == b""
                kept.remove(link)
        for _ in range(32):
            assert service.ask("/status")[0] == 200
        assert select.select(kept, [], [], 0)[0] == []
        for link in kept:
            link.sendall(b"\r\n")
            assert link.recv(15) == b"HTTP/1.1 200 OK"
    assert service.stop() == 0, service.errors


def test_an_end_lets_answers_be_finished_and_closes_what_is_idle(program, path):
    service = Service(program, path)
    with contextlib.ExitStack() as stack:

        def connect(text):
            link = socket.create_connection(("127.0.0.1", service.port), timeout=60)
            link.sendall(text)
            return stack.enter_context(link)

        # A request whose head has come, and whose body has not.
        busy = connect(
            b"GET /package/vim HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert busy.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        idle = [connect(b""), connect(b"GET /stat")]
        idle.append(connect(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n"))
        while b"}\n" not in idle[2].recv(4096):
            continue
        service.process.send_signal(signal.SIGTERM)
        assert [link.recv(1) for link in idle] == [b"", b"", b""]
        with pytest.raises(ConnectionError):
            socket.create_connection(("127.0.0.1", service.port), timeout=30)
        assert service.process.poll() is None
        busy.sendall(b"x")
        text = b""
        while more := busy.recv(4096):
            text += more
        head, body = text.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert f"Content-Length: {len(body)}".encode() in head
        assert json.loads(body)["name"] == "vim"
    assert service.process.wait(60) == 0
