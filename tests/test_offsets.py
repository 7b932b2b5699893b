"""The map of offsets: what it must hold for any sequence of edits."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.offsets import Change, Edit, OffsetMap, _compose, apply

LETTERS = st.text(alphabet="甲乙丙丁1２a(", max_size=30)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    """A random list of edits of a text: replacements, deletions, insertions."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    if len(cuts) % 2:
        cuts.pop()
    # capitals stand in no raw text, so that a changed character is known by its look
    return [Edit(s, e, draw(st.text(alphabet="XYZ", max_size=3))) for s, e in zip(cuts[::2], cuts[1::2], strict=True)]


@st.composite
def mended(draw: st.DrawFn) -> tuple[str, str, OffsetMap]:
    """A raw text, what rounds of edits made of it, and the map."""
    raw = draw(LETTERS)
    text, offsets = raw, OffsetMap.identity()
    for _ in range(draw(st.integers(0, 4))):
        edits = draw(edits_of(text))
        text, offsets = apply(text, edits), offsets.then(edits)
    return raw, text, offsets


@given(mended())
def test_unchanged_text_maps_to_itself(case: tuple[str, str, OffsetMap]) -> None:
    raw, text, offsets = case
    inside = {i for c in offsets.changes for i in range(c.start, c.end)}
    for i, char in enumerate(text):
        start, end = offsets.raw_span(i, i + 1)
        if i in inside:
            assert any(c.start <= i < c.end and (start, end) == (c.raw_start, c.raw_end) for c in offsets.changes)
        else:
            assert raw[start:end] == char


@given(mended())
def test_changes_and_the_rest_rebuild_the_text(case: tuple[str, str, OffsetMap]) -> None:
    raw, text, offsets = case
    edits = [Edit(c.raw_start, c.raw_end, text[c.start : c.end]) for c in offsets.changes]
    assert apply(raw, edits) == text
    assert [c.start for c in offsets.changes] == sorted(c.start for c in offsets.changes)


@given(mended(), st.data())
def test_spans_keep_their_order(case: tuple[str, str, OffsetMap], data: st.DataObject) -> None:
    raw, text, offsets = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    raw_start, raw_end = offsets.raw_span(start, end)
    assert 0 <= raw_start <= raw_end <= len(raw)
    if end > start:
        assert raw_start == offsets.raw_span(start, start + 1)[0]
        assert raw_end == offsets.raw_span(end - 1, end)[1]


@given(mended(), st.data())
def test_text_span_covers_what_became_of_it(case: tuple[str, str, OffsetMap], data: st.DataObject) -> None:
    _, text, offsets = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    left, right = offsets.text_span(*offsets.raw_span(start, end))
    assert 0 <= left <= right <= len(text)
    # a character that was inserted stands for nothing in the raw text, so nothing leads back to it
    edges = [offsets.raw_span(i, i + 1) for i in (start, end - 1)] if end > start else []
    if edges and all(a < b for a, b in edges):
        assert left <= start and end <= right


@given(LETTERS, st.data())
def test_two_rounds_equal_their_composition(raw: str, data: st.DataObject) -> None:
    first = data.draw(edits_of(raw))
    text = apply(raw, first)
    second = data.draw(edits_of(text))
    one = OffsetMap.identity().then(first).then(second)
    two = OffsetMap(one.changes)
    assert one == two and hash(one) == hash(two) and pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("raw", "edits", "span", "expected"),
    [
        ("共50個(gè)問題", [Edit(4, 8, "")], (1, 4), "50個"),
        ("共50個(gè)問題", [Edit(4, 8, "")], (1, 5), "50個(gè)問"),
        ("共50個(gè)問題", [Edit(4, 8, "")], (4, 6), "問題"),
        ("甲&lt;乙", [Edit(1, 5, "<")], (1, 2), "&lt;"),
        ("甲乙", [Edit(1, 1, "X")], (1, 2), ""),
        ("甲乙", [Edit(2, 2, "X")], (1, 3), "乙"),
    ],
)
def test_raw_span(raw: str, edits: list[Edit], span: tuple[int, int], expected: str) -> None:
    start, end = OffsetMap.identity().then(edits).raw_span(*span)
    assert raw[start:end] == expected


def test_identity_costs_nothing() -> None:
    offsets = OffsetMap.identity()
    assert offsets.is_identity and offsets.then([]) is offsets
    assert offsets.raw_span(3, 9) == (3, 9) and offsets.text_span(3, 9) == (3, 9)


@pytest.mark.parametrize("edits", [[Edit(3, 4, ""), Edit(1, 2, "")], [Edit(1, 3, ""), Edit(2, 4, "")]])
def test_disorder_is_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap or are out of order"):
        OffsetMap.identity().then(edits)


def test_overlapping_rounds_become_one_change() -> None:
    offsets = OffsetMap.identity().then([Edit(2, 4, "X")]).then([Edit(1, 3, "YZ")])
    assert offsets.changes == (Change(1, 3, 1, 4),)


@given(LETTERS.flatmap(edits_of))
def test_the_short_way_for_an_unchanged_text_is_the_long_way(edits: list[Edit]) -> None:
    assert OffsetMap.identity().then(edits) == OffsetMap(_compose((), edits))
