"""What is put in the place of tokens, as pure text."""

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spalloc_client.commands.errors import WrappingError
from spalloc_client.commands.wrapping import fill_in, ips_as_csv, needs_ip_file, tokens
from spalloc_client.records import Allocation, Board, Chip

ALLOCATION = Allocation(16, 8, {Chip(0, 0): "b0"}, "m", (Board(0, 0, 0),))
VALUES = tokens(5, ALLOCATION, "/tmp/ips.csv")


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("{}", "b0"),
        ("{hostname}", "b0"),
        ("{w}", "16"),
        ("{width}", "16"),
        ("{h}", "8"),
        ("{height}", "8"),
        ("{ethernet_ips}", "/tmp/ips.csv"),
        ("{id}", "5"),
    ],
)
def test_each_token_of_the_manual(token, value):
    assert fill_in([f"a {token} b"], VALUES) == f"a {value} b"
    assert fill_in(["a", f"-x={token}{token}"], VALUES) == ["a", f"-x={value}{value}"]


@given(st.text(alphabet="{}wh id$'\"ab:!0", max_size=30))
def test_what_is_no_token_is_left_alone(text):
    """Anything with its tokens cut out of it comes back as it was."""
    for token in ("hostname", "width", "height", "ethernet_ips", "id", "w", "h", ""):
        while "{" + token + "}" in text:
            text = text.replace("{" + token + "}", "")
    if any("{" + token + "}" in text for token in ("id", "w", "h", "")):
        return  # cutting one out made another
    assert fill_in(["x", text], VALUES) == ["x", text]
    assert fill_in([text], VALUES) == text


@given(st.text(alphabet="ab'\"`$;&|<>()\\ \n*?#~!{}-", min_size=1, max_size=12))
def test_a_shell_sees_a_host_name_as_one_word(name):
    """Whatever a server calls a chip, the shell gets it as one word, or the command is not run."""
    allocation = ALLOCATION._replace(connections={Chip(0, 0): name})
    try:
        text = fill_in(["printf %s {}"], tokens(5, allocation, ""))
    except WrappingError:
        assert name.startswith("-")
        return
    assert isinstance(text, str)
    assert shlex.split(text) == ["printf", "%s", name]


def test_a_real_shell_agrees():
    name = "a'b\"c $(id) `id` ; # \\ | & \n*"
    text = fill_in(["printf %s {}"], {**VALUES, "": name})
    assert subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout == name


@pytest.mark.parametrize("name", [None, "", "-x"])
def test_what_is_no_host_name_is_refused(name):
    connections = {} if name is None else {Chip(0, 0): name}
    with pytest.raises(WrappingError, match="host name for chip"):
        tokens(5, ALLOCATION._replace(connections=connections), "")


def test_the_file_is_made_only_where_it_is_asked_for():
    assert needs_ip_file(["cat", "{ethernet_ips}"])
    assert not needs_ip_file(["echo {} {w}"])


def test_the_csv_is_sorted_and_quotes_what_needs_it():
    hosts = {Chip(8, 4): "b1", Chip(0, 0): 'a,"b', Chip(0, 12): "b2"}
    assert ips_as_csv(hosts) == 'x,y,hostname\n0,0,"a,""b"\n0,12,b2\n8,4,b1\n'
