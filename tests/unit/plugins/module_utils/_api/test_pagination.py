# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One walk over a token-paged listing, against a service that cuts its pages as it likes."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import (
    START,
    Listing,
    Position,
    TokenError,
    TokenRepeated,
    decode_object,
    encode_object,
)


class Service:
    """Lists ``range(total)``; the token is the next row's number. ``sizes`` are the pages' sizes, 0 an empty page."""

    def __init__(self, total, sizes=(), fail_at=None, honour_limit=True):
        self.total, self.sizes, self.fail_at, self.honour_limit = total, list(sizes), fail_at, honour_limit
        self.calls = []

    def __call__(self, token, page_size):
        self.calls.append((token, page_size))
        if self.fail_at == len(self.calls):
            raise ConnectionError("the wire broke")
        offset = int(token.split(".")[0]) if token else 0
        size = self.sizes.pop(0) if self.sizes else 100
        if self.honour_limit and page_size:
            size = min(size, page_size)
        rows = list(range(offset, min(offset + size, self.total)))
        following = offset + len(rows)
        # A fresh token for each page, as an empty page must not repeat the one before it.
        return rows, f"{following}.{len(self.calls)}" if following < self.total else None


def read(listing):
    return [row for page in listing for row in page]


def test_follows_tokens_to_the_end_and_asks_for_each_page_once():
    service = Service(250)
    listing = Listing(service, page_size=100)
    assert read(listing) == list(range(250))
    assert service.calls == [(None, 100), ("100.1", 100), ("200.2", 100)]
    assert listing.position is None
    assert listing.count == 250


def test_rows_come_page_by_page():
    pages = iter(Listing(Service(250), page_size=100))
    assert len(next(pages)) == 100


def test_an_empty_page_with_a_token_is_not_the_end():
    service = Service(10, sizes=[0, 3, 0, 0, 7])
    assert read(Listing(service)) == list(range(10))
    assert len(service.calls) == 5


def test_no_rows_at_all():
    listing = Listing(lambda token, size: (None, None))
    assert read(listing) == []
    assert listing.position is None


def test_an_empty_token_is_the_end():
    listing = Listing(lambda token, size: ([1], ""))
    assert read(listing) == [1]
    assert listing.position is None


def test_a_limit_smaller_than_a_page_asks_for_no_more():
    service = Service(250)
    listing = Listing(service, max_items=7, page_size=100)
    assert read(listing) == list(range(7))
    assert service.calls == [(None, 7)]
    assert listing.position == Position("7.1")


def test_a_limit_inside_a_page_gives_the_token_of_that_page_and_the_rows_to_skip():
    listing = Listing(Service(250), max_items=130, page_size=100)
    assert read(listing) == list(range(130))
    assert listing.position == Position("100.1", 30)


def test_a_limit_at_the_last_row_keeps_nothing_back():
    listing = Listing(Service(250), max_items=250, page_size=100)
    assert read(listing) == list(range(250))
    assert listing.position is None


def test_the_page_size_is_one_for_the_whole_walk():
    service = Service(1000)
    read(Listing(service, max_items=250, page_size=100))
    assert {size for _token, size in service.calls} == {100}


def test_rows_to_skip_go_on_into_smaller_pages():
    service = Service(250)
    assert read(Listing(service, page_size=7, start=Position(None, 30))) == list(range(30, 250))


def test_a_service_that_ignores_the_limit_is_cut():
    listing = Listing(Service(50, honour_limit=False), max_items=5, page_size=10)
    assert read(listing) == list(range(5))
    assert listing.position == Position(None, 5)


def test_a_walk_resumed_inside_a_page_can_be_cut_inside_it_again():
    listing = Listing(Service(50), max_items=5, start=Position(None, 10))
    assert read(listing) == list(range(10, 15))
    assert listing.position == Position(None, 15)
    assert listing.position_after(3) == Position(None, 13)


def test_after_all_rows_handed_out_is_where_the_walk_stands():
    listing = Listing(Service(50), page_size=10)
    assert read(listing) == list(range(50))
    assert listing.position_after(50) is None
    assert listing.position_after(99) is None
    assert listing.position_after(40) == Position("40.4")


@pytest.mark.parametrize("loop", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_token_that_comes_back_is_an_error_not_a_loop(loop):
    answers = iter([([number], token) for number, token in enumerate(loop)])
    listing = Listing(lambda token, size: next(answers))
    rows = []
    with pytest.raises(TokenRepeated):
        for page in listing:
            rows += page
    assert rows == list(range(len(loop)))
    # Resuming asks for the last page again, without its rows: with a sound answer the walk goes on behind them.
    assert listing.position == Position(loop[-2], 1)


def test_the_starting_token_is_seen_too():
    answers = iter([([1], "b"), ([2], "a")])
    listing = Listing(lambda token, size: next(answers), start=Position("a"))
    with pytest.raises(TokenRepeated):
        read(listing)


def test_a_token_that_comes_back_where_the_limit_ends_the_walk_is_none_of_its_business():
    answers = iter([([1], "a"), ([2], "a")])
    listing = Listing(lambda token, size: next(answers), max_items=2)
    assert read(listing) == [1, 2]
    assert listing.position == Position("a", 1)


def test_a_walk_that_has_ended_has_no_more_rows():
    service = Service(3)
    listing = Listing(service)
    assert (read(listing), read(listing)) == ([0, 1, 2], [])
    assert len(service.calls) == 1


@pytest.mark.parametrize("fail_at", [1, 2, 3])
def test_an_interruption_leaves_the_rows_so_far_and_the_place_behind_them(fail_at):
    listing = Listing(Service(250, fail_at=fail_at), page_size=100)
    rows = []
    with pytest.raises(ConnectionError):
        for page in listing:
            rows += page
    assert rows == list(range(100 * (fail_at - 1)))
    assert read(Listing(Service(250), start=listing.position)) == list(range(len(rows), 250))


@given(
    total=st.integers(0, 60),
    sizes=st.lists(st.integers(0, 9), max_size=30),
    size=st.none() | st.integers(1, 10),
    cuts=st.lists(st.tuples(st.integers(1, 25), st.none() | st.integers(1, 10)), max_size=6),
)
@example(total=10, sizes=[9], size=10, cuts=[(5, 1), (1, 10)])
def test_cut_anywhere_and_resumed_every_row_comes_once(total, sizes, size, cuts):
    service = Service(total, sizes)
    rows, place = [], START
    for limit, page_size in [*cuts, (None, size)]:
        if place is None:
            break
        listing = Listing(service, limit, page_size, place)
        part = read(listing)
        assert limit is None or len(part) <= limit
        rows += part
        place = listing.position and Position.decode(listing.position.encode() or encode_object({"NextToken": "0"}))
    assert rows == list(range(total))


@given(total=st.integers(0, 60), sizes=st.lists(st.integers(0, 9), max_size=30), data=st.data())
def test_a_walk_can_be_cut_after_any_row_it_handed_out(total, sizes, data):
    fail_at = data.draw(st.none() | st.integers(1, 8))
    listing = Listing(Service(total, sizes, fail_at), page_size=10)
    rows = []
    try:
        for page in listing:
            rows += page
    except ConnectionError:
        pass
    kept = data.draw(st.integers(0, len(rows)))
    place = listing.position_after(kept)
    rest = [] if place is None else read(Listing(Service(total, sizes=[3] * 30), start=place))
    assert rows[:kept] + rest == list(range(total))


def test_tokens_are_written_as_the_sdk_writes_them():
    paginate = pytest.importorskip("botocore.paginate")
    for token in ({"NextToken": "abc"}, {"NextToken": "abc", "boto_truncate_amount": 3}):
        ours = Position(token["NextToken"], token.get("boto_truncate_amount", 0)).encode()
        assert ours == paginate.TokenEncoder().encode(token)
    first_page = {"NextToken": None, "boto_truncate_amount": 3}
    assert Position(None, 3).encode() == paginate.TokenEncoder().encode(first_page)


@given(st.one_of(st.none(), st.text(st.characters(codec="ascii"), min_size=1, max_size=20)), st.integers(0, 10**6))
def test_positions_survive_their_token(token, skip):
    place = Position(token, skip)
    text = place.encode()
    assert (text is None) == (place == START)
    if text:
        assert Position.decode(text) == place


def test_a_bare_token_of_the_service_is_taken():
    assert Position.decode("AQICAHi/opaque+token==") == Position("AQICAHi/opaque+token==")


def packed(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize("value", [123, [1], "text", None])
def test_a_token_of_the_service_may_happen_to_be_json(value):
    assert Position.decode(packed(value)) == Position(packed(value))


def test_a_token_of_the_service_may_look_like_one_of_ours_with_other_characters_in_it():
    text = ".".join(packed({"NextToken": "a"}))
    assert Position.decode(text) == Position(text)


def test_the_longest_tokens_are_taken():
    assert Position.decode("x" * 1024) == Position("x" * 1024)
    assert Position.decode(packed({"NextToken": "x" * 1024})) == Position("x" * 1024)
    longest = {"several": "x" * (16384 // 4 * 3 - len(json.dumps({"several": ""})))}
    assert len(packed(longest)) == 16384
    assert decode_object(packed(longest)) == longest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "two words",
        "line\nbreak",
        "\u202etoken",
        "x" * 1025,
        "x" * 20000,
        packed({}),
        packed({"NextToken": None}),
        packed({"NextToken": ""}),
        packed({"NextToken": "x" * 1025}),
        packed({"NextToken": 3}),
        packed({"NextToken": "a", "boto_truncate_amount": -1}),
        packed({"NextToken": "a", "boto_truncate_amount": 1.5}),
        packed({"NextToken": "a", "boto_truncate_amount": True}),
        packed({"NextToken": "a", "Marker": "b"}),
        packed({"Marker": "b"}),
    ],
)
def test_what_is_no_resume_token_is_refused(text):
    with pytest.raises(TokenError):
        Position.decode(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("two words", "has spaces or characters that no token has"),
        ("x" * 1025, "is longer than any AWS token (1024 characters)"),
        ("x" * 16385, "is longer than any resume token (16384 characters)"),
        (packed({"Marker": "b"}), "is not a resume token"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_token(text, why):
    with pytest.raises(TokenError) as refused:
        Position.decode(text)
    assert str(refused.value) == why


@given(st.text(max_size=200))
def test_any_text_is_a_token_or_refused(text):
    try:
        place = Position.decode(text)
    except TokenError:
        return
    assert place.token or place.skip


def test_deeply_nested_json_is_no_token_of_ours():
    text = base64.b64encode(b'{"a":' + b"[" * 9000).decode()
    assert decode_object(text) is None
