"""The built-in tables against their schemas, and what a user's files may do."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from pipeline import lexicon


@pytest.mark.parametrize("name", lexicon.names())
def test_a_built_in_table_is_in_order_and_is_read_as_it_stands(name: str) -> None:
    file = Path(str(files(lexicon).joinpath(f"{name}.csv")))
    assert lexicon.check(file) == []
    text = file.read_text(encoding="utf-8")
    assert list(lexicon._read(text, name)) == lexicon._parse(text, file.name, name)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("word,kind,after,source\n坨,heap,,me\n", "kind is 'heap', it must match"),
        ("word,kind,after,source\n坨,count,,me\n坨,count,,me\n", "坨 stands in line 2 already"),
        ("word,kind,after,source,colour\n坨,count,,me,red\n", "unknown column colour"),
        ("kind,after,source\ncount,,me\n", "column word is missing"),
        ("word,kind,after,source\n坨,count,,\n", "source is ''"),
    ],
)
def test_a_user_file_that_breaks_its_schema_is_refused_with_the_line(
    tmp_path: Path, content: str, problem: str
) -> None:
    (tmp_path / "measure_words.csv").write_text(content, encoding="utf-8")
    with pytest.raises(lexicon.LexiconError, match=problem):
        lexicon.use([tmp_path])


def test_a_user_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "measure_words.csv"
    file.write_bytes("word,kind,after,source\n坨,count,,me\n".encode("gbk"))
    assert "not UTF-8 at byte" in lexicon.check(file)[0]


def test_a_user_row_goes_first_and_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "measure_words.csv").write_text("word,kind,after,source\n坨,count,,me\n个,money,,me\n", "utf-8")
    try:
        lexicon.use([tmp_path])
        assert [row["word"] for row in lexicon.table("measure_words")[:2]] == ["坨", "个"]
        found = lexicon.row("measure_words", "个")
        assert found is not None and found["kind"] == "money"
    finally:
        lexicon.use([])
    found = lexicon.row("measure_words", "个")
    assert found is not None and found["kind"] == "count"
