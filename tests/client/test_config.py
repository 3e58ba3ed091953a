"""Settings: three files, environment variables and arguments, each above the one before."""

import os
import subprocess
import sys

import pytest

from spalloc_client.config import Config, search_path
from spalloc_client.exceptions import ConfigError, SpallocError
from spalloc_client.options import OPTIONS


def write(path, *lines):
    path.write_text("\n".join(("[spalloc]", *lines)), encoding="utf-8")
    return path


def test_the_defaults_are_the_manuals():
    config = Config.load([], {})
    assert config == Config(
        hostname=None,
        owner=None,
        port=22244,
        keepalive=60.0,
        reconnect_delay=5.0,
        timeout=5.0,
        machine=None,
        tags=None,
        min_ratio=0.333,
        max_dead_boards=0,
        max_dead_links=None,
        require_torus=False,
    )
    assert config.sources == {}


def test_a_file_sets_every_option(tmp_path):
    file = write(
        tmp_path / "f",
        "hostname = server",
        "owner = jdh@example.org",
        "port = 1234",
        "keepalive = 12.5",
        "reconnect_delay = 0",
        "timeout = None",
        "tags = big, fast",
        "min_ratio = 1",
        "max_dead_boards = none",
        "max_dead_links = 3",
        "require_torus = Yes",
        "of_a_newer_client = whatever",
    )
    assert Config.load([file], {})._replace(sources={}) == Config(
        hostname="server",
        owner="jdh@example.org",
        port=1234,
        keepalive=12.5,
        reconnect_delay=0.0,
        timeout=None,
        tags=("big", "fast"),
        min_ratio=1.0,
        max_dead_boards=None,
        max_dead_links=3,
        require_torus=True,
        sources={},
    )


def test_later_files_then_the_environment_then_arguments_win_and_are_named(tmp_path):
    low = write(tmp_path / "low", "owner = low", "hostname = low", "port = 1", "", "timeout = 1")
    high = write(tmp_path / "high", "hostname = high", "port = 2", "timeout = 2")
    config = Config.load([low, high], {"SPALLOC_PORT": "3", "SPALLOC_TIMEOUT": "3"}, {"timeout": 4})
    assert (config.owner, config.hostname, config.port, config.timeout) == ("low", "high", 3, 4.0)
    assert config.sources == {
        "owner": f"{low}, line 2",
        "hostname": f"{high}, line 2",
        "port": "environment variable SPALLOC_PORT",
        "timeout": "argument",
    }


def test_a_percent_sign_in_a_value_is_just_that(tmp_path):
    assert Config.load([write(tmp_path / "f", "owner = 100% me")], {}).owner == "100% me"


def test_an_empty_variable_counts_as_not_set():
    assert Config.load([], {"SPALLOC_HOSTNAME": "", "SPALLOC_OWNER": " "}).hostname is None


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbf[spalloc]\nowner = me\n")
    assert Config.load([tmp_path / "f"], {}).owner == "me"


def test_what_does_not_exist_is_passed_over(tmp_path):
    (tmp_path / "directory").mkdir()
    (tmp_path / "other").write_text("[other]\nport = x\n")
    files = [tmp_path / "none", tmp_path / "directory", tmp_path / "other" / "below", tmp_path / "other"]
    assert Config.load(files, {}) == Config()


def test_a_machine_overrules_tags_set_further_down_and_the_other_way_round(tmp_path):
    tags = write(tmp_path / "tags", "tags = big")
    machine = write(tmp_path / "machine", "machine = m")
    assert Config.load([tags, machine], {}).tags is None
    assert Config.load([tags, machine], {}).machine == "m"
    assert Config.load([machine, tags], {}).machine is None
    assert Config.load([machine], {}, {"tags": ["a"]}).tags == ("a",)
    assert Config.load([tags], {}, {"machine": None}).tags == ("big",)


BAD_FILES = {
    "binary": (b"\xff\xfe\x00\x01", "{path} is not a text file in UTF-8"),
    "without a section": (b"\nowner = me\n", "{path}, line 2: found 'owner = me', expected the line [spalloc] first"),
    "no assignment": (b"[spalloc]\nowner\n", "{path}: "),
    "twice": (b"[spalloc]\nowner = a\nowner = b\n", "{path}: "),
    "bad value": (
        b"[spalloc]\n\nport = ninety\n",
        "{path}, line 3: port is 'ninety', expected a number from 1 to 65535",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_with_what_was_found(tmp_path, name):
    content, message = BAD_FILES[name]
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Config.load([path], {})
    assert str(caught.value).startswith(message.format(path=path))
    assert "\n" not in str(caught.value)


def test_an_unreadable_file_is_an_error(tmp_path):
    # A symbolic link to itself cannot be read by anybody, root included.
    (tmp_path / "f").symlink_to(tmp_path / "f")
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.load([tmp_path / "f"], {})


BAD_VALUES = [
    ("hostname", ""),
    ("hostname", 7),
    ("owner", "  "),
    ("port", 0),
    ("port", 65536),
    ("port", 1.5),
    ("port", None),
    ("port", True),
    ("keepalive", 0),
    ("keepalive", -1),
    ("keepalive", float("nan")),
    ("reconnect_delay", -0.1),
    ("reconnect_delay", None),
    ("timeout", float("inf")),
    ("timeout", "soon"),
    ("tags", []),
    ("tags", ["a", ""]),
    ("tags", 3),
    ("min_ratio", 1.1),
    ("min_ratio", -0.1),
    ("max_dead_boards", -1),
    ("max_dead_links", 0.5),
    ("require_torus", "maybe"),
    ("require_torus", None),
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_is_named_with_what_was_expected(name, value):
    with pytest.raises(ConfigError) as caught:
        Config.load([], {}, {name: value})
    option = next(option for option in OPTIONS if option.name == name)
    assert str(caught.value) == f"argument: {name} is {value!r}, expected {option.expected}"
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, SpallocError)


def test_an_unknown_option_is_named_with_those_that_exist():
    with pytest.raises(ConfigError, match=r"no option 'ownr'; the options are hostname, owner"):
        Config.load([], {}, {"ownr": "me"})


def test_machine_and_tags_in_one_place_are_refused():
    with pytest.raises(ConfigError, match="both machine"):
        Config.load([], {"SPALLOC_MACHINE": "m", "SPALLOC_TAGS": "a"})


def test_the_three_files_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    system, user, working = search_path()
    assert (system, user, working) == ("/etc/xdg/spalloc", str(tmp_path / "spalloc"), ".spalloc")


def test_the_three_files_on_another_operating_system():
    program = (
        "import sys; sys.platform = 'darwin'\nfrom spalloc_client.config import search_path\nprint(*search_path())"
    )
    environment = {**os.environ, "HOME": "/home/me"}
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    support = "Library/Application Support/spalloc"
    assert done.stdout == f"/{support} /home/me/{support} .spalloc\n"


def config_command(directory, **variables):
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COVERAGE_", "PATH"))}
    environment = {**kept, "HOME": str(directory), **variables}
    return subprocess.run(
        [sys.executable, "-m", "spalloc_client.config"],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_module_prints_the_search_path_and_each_value_with_its_source(tmp_path):
    write(tmp_path / ".spalloc", "owner = me", "tags = a,b")
    result = config_command(tmp_path, SPALLOC_TIMEOUT="None")
    assert result.returncode == 0, result.stderr
    lines = {line.split("=")[0].strip(): line for line in result.stdout.splitlines() if " = " in line}
    assert list(lines) == [option.name for option in OPTIONS]
    assert lines["owner"].split() == ["owner", "=", "me", ".spalloc,", "line", "2"]
    assert "a, b" in lines["tags"]
    assert lines["timeout"].split() == ["timeout", "=", "None", "environment", "variable", "SPALLOC_TIMEOUT"]
    assert lines["port"].split() == ["port", "=", "22244", "default"]
    assert f"{tmp_path}/.config/spalloc  (not there)" in result.stdout


def test_the_module_says_in_one_line_what_is_wrong(tmp_path):
    result = config_command(tmp_path, SPALLOC_PORT="x")
    assert result.returncode == 1
    assert result.stderr == "environment variable SPALLOC_PORT: port is 'x', expected a number from 1 to 65535\n"
