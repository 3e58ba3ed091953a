"""What goes wrong takes one line on the standard error stream, says what to do next, and is no traceback."""

import os
import socket

import pytest
from scripted_server import BlackHole, ScriptedServer, failing, raw

LOOKING = [("spalloc-job", "1"), ("spalloc-ps",), ("spalloc-machine",), ("spalloc-where-is", "-j", "1", "0", "0")]
ALL = [("spalloc",), *LOOKING]


def one_line(done, code: int) -> str:
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    return done.stderr


@pytest.fixture
def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]  # bound and not listening: nobody else can have it


@pytest.mark.parametrize("words", ALL, ids=lambda words: words[0])
def test_no_server_is_set(shell, words):
    said = one_line(shell.run(*words, SPALLOC_OWNER="me"), 2)
    assert "--hostname" in said
    assert "SPALLOC_HOSTNAME" in said
    assert "config" in said


def test_no_owner_is_set(shell):
    assert "--owner" in one_line(shell.run("spalloc", "-H", "127.0.0.1"), 2)


@pytest.mark.parametrize("words", ALL, ids=lambda words: words[0])
def test_a_server_that_is_not_there(shell, words, free_port):
    shell.use("127.0.0.1", free_port)
    said = one_line(shell.run(*words, "--timeout", "1"), 6 if words == ("spalloc",) else 1)
    assert f"127.0.0.1:{free_port}" in said


@pytest.mark.parametrize("words", ALL, ids=lambda words: words[0])
def test_a_server_that_does_not_answer(shell, words):
    with ScriptedServer() as server:
        server.freeze()
        shell.use(server.host, server.port)
        one_line(shell.run(*words, "--timeout", "0.5"), 6 if words == ("spalloc",) else 1)


def test_an_address_that_swallows_everything(shell):
    with BlackHole() as hole:
        shell.use(hole.host, hole.port)
        one_line(shell.run("spalloc-ps", "--timeout", "0.5"), 1)


@pytest.mark.parametrize("words", ALL, ids=lambda words: words[0])
def test_what_is_no_spalloc_server(shell, words):
    with ScriptedServer() as server:
        server.script("*", raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"), times=None)
        shell.use(server.host, server.port)
        one_line(shell.run(*words, "--timeout", "1"), 6 if words == ("spalloc",) else 1)


@pytest.mark.parametrize("words", ALL[2:], ids=lambda words: words[0])
def test_a_server_that_refuses(shell, words):
    with ScriptedServer() as server:
        server.script("list_jobs", failing("go \x1b[31maway"), times=None)
        shell.use(server.host, server.port)
        assert "go \\x1b[31maway" in one_line(shell.run(*words), 1)


def test_a_server_that_refuses_a_job(shell):
    with ScriptedServer() as server:
        server.script("create_job", failing("no more today"))
        shell.use(server.host, server.port)
        assert "no more today" in one_line(shell.run("spalloc"), 6)


@pytest.mark.parametrize("words", ALL, ids=lambda words: words[0])
@pytest.mark.parametrize(
    "content", ["no section", "[spalloc]\nport = many\n", "[spalloc\n", "[spalloc]\ntimeout = -3\n"]
)
def test_a_bad_config_file(shell, words, content):
    (shell.directory / ".spalloc").write_text(content)
    assert ".spalloc" in one_line(shell.run(*words, "--hostname", "127.0.0.1"), 2)


def test_a_config_file_that_is_no_text(shell):
    (shell.directory / ".spalloc").write_bytes(b"\xff\xfe\x00")
    one_line(shell.run("spalloc-ps"), 2)


@pytest.mark.parametrize(
    "words",
    [
        ("spalloc", "--port", "99999"),
        ("spalloc", "--keepalive", "often"),
        ("spalloc", "--min-ratio", "2"),
        ("spalloc", "three"),
        ("spalloc", "--resume", "x"),
        ("spalloc", "-w", "-W"),
        ("spalloc", "--tags"),
        ("spalloc", "--tags", ""),
        ("spalloc", "--tags", " , "),
        ("spalloc-job", "1", "--ignore_version", "perhaps"),
        ("spalloc-where-is", "--board", "", "0", "0", "0"),
        ("spalloc-job", "1", "--power-on", "--power-off"),
        ("spalloc-job", "one"),
        ("spalloc-ps", "--timeout", "soon"),
        ("spalloc-machine", "a", "b"),
        ("spalloc-ps", "--no-such-option"),
    ],
)
def test_mistakes_in_the_command_line(shell, words):
    assert f"(see {words[0]} --help)" in one_line(shell.run(*words), 2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("0",), "at least 1"),
        (("-w",), "wrap-around"),
        (("3", "-m", "a", "-t", "b"), "machine"),
        (("1", "2", "0", "-t", "x"), "machine=…, not tags"),
    ],
)
def test_requests_that_no_server_could_fulfil(rack, words, says):
    assert says in one_line(rack.run("spalloc", *words), 2)
    assert rack.jobs() == []


def test_boards_of_a_job_that_is_not_there_cannot_be_switched(rack):
    said = one_line(rack.run("spalloc-job", "4711", "--power-off"), 8)
    assert "the boards of job 4711 cannot be switched off: there is no such job, or it has ended" in said


@pytest.mark.parametrize("words", ALL[2:4], ids=lambda words: words[0])
def test_a_reader_that_has_gone_ends_it_without_a_word(rack, words):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        done = rack.run(*words, stdout=gone)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_full_disk_is_told(rack):
    done = rack.run("sh", "-c", "spalloc-ps > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "spalloc-ps: [Errno 28] No space left on device\n"
