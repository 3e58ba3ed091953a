"""Bytes to messages: no cut of the stream, and nothing in it, confuses the decoder."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spalloc_client.exceptions import MessageTooLongError, ProtocolError, RequestError
from spalloc_client.wire import LineSplitter, decode_line, encode_request, is_answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
MESSAGES = st.one_of(
    JSON.map(lambda value: {"return": value}),
    st.text().map(lambda text: {"exception": text}),
    st.lists(st.integers()).map(lambda ids: {"jobs_changed": ids}),
    st.lists(st.text()).map(lambda names: {"machines_changed": names}),
    st.dictionaries(st.text().filter(lambda key: key not in {"return", "exception"}), JSON, max_size=3),
)


@st.composite
def cut_streams(draw: st.DrawFn) -> tuple[list[dict], list[bytes]]:
    """Messages, and the bytes that carry them cut into segments anywhere (within a character, too)."""
    messages = draw(st.lists(MESSAGES, max_size=6))
    ascii_only, newline = draw(st.booleans()), draw(st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"]))
    stream = b"".join(
        json.dumps(m, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") + newline for m in messages
    )
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    return messages, [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@given(cut_streams())
def test_any_split_of_any_stream_decodes_to_the_same_messages(cut):
    messages, segments = cut
    splitter = LineSplitter()
    lines = [line for segment in segments for line in splitter.feed(segment)]
    assert [m for m in map(decode_line, lines) if m is not None] == messages


@given(st.lists(st.binary(max_size=20)), st.integers(1, 30))
def test_the_splitter_loses_no_byte_and_keeps_no_more_than_it_may(segments, longest):
    splitter, lines = LineSplitter(longest), []
    stream = b"".join(segments)
    try:
        for segment in segments:
            lines += splitter.feed(segment)
    except MessageTooLongError:
        assert max(map(len, stream.split(b"\n"))) > longest
    else:
        assert lines == stream.split(b"\n")[:-1]


@given(st.binary(max_size=80))
def test_any_line_is_a_message_or_blank_or_a_clear_error(line):
    try:
        outcome: object = decode_line(line)
    except ProtocolError as error:
        outcome = str(error)
    if isinstance(outcome, str):
        assert "expected a JSON object" in outcome
        assert "\n" not in outcome
    else:
        assert outcome is None or isinstance(outcome, dict)


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1 400 Bad Request",
        b"SSH-2.0-OpenSSH_9.2",
        b"\xff\xfe\x00",
        b'{"return": "\xc3\x28"}',
        b"[]",
        b"null",
        b"17",
        b'"text"',
        b'{"return": 1} {"return": 2}',
        b'{"return": 1',
        b"[" * 100_000,
        b'{"return": ' * 100_000,
        b"\x00",
    ],
)
def test_what_is_no_json_object_is_refused_in_one_sentence(line):
    with pytest.raises(ProtocolError, match="not a spalloc server") as caught:
        decode_line(line)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("line", [b"", b"\r", b"  ", b"\t\r"])
def test_a_blank_line_says_nothing(line):
    assert decode_line(line) is None


@given(st.text(), st.lists(JSON, max_size=3), st.dictionaries(st.text(), JSON, max_size=3))
def test_a_request_is_one_line_with_command_args_and_kwargs(name, args, kwargs):
    line = encode_request(name, tuple(args), kwargs)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line) == {"command": name, "args": args, "kwargs": kwargs}


def circle() -> list[object]:
    ring: list[object] = []
    ring.append(ring)
    return ring


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), float("inf"), b"bytes", circle()])
def test_what_has_no_json_form_is_refused_by_name(value):
    with pytest.raises(RequestError, match="where_is"):
        encode_request("where_is", (value,), {})


def test_answers_have_one_of_two_keys():
    assert is_answer({"return": None})
    assert is_answer({"exception": ""})
    assert not is_answer({"jobs_changed": [1]})
    assert not is_answer({})


def test_splitting_time_grows_with_the_stream_and_not_faster():
    """One byte at a time: four times the bytes take about four times as long, not sixteen times."""

    def seconds(size: int) -> float:
        splitter, begun = LineSplitter(), time.perf_counter()
        for _ in range(size):
            splitter.feed(b"x")
        splitter.feed(b"\n")
        return time.perf_counter() - begun

    assert min(seconds(200_000) for _ in range(3)) < 12 * min(seconds(50_000) for _ in range(3))
