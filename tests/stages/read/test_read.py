"""Every input form, and every kind of bad input, from a folder to articles and rejects."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import tarfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_files import jsonl, parquet, table, tarred, workbook, zipped

from pipeline.model import Article, Options, Reject
from pipeline.stages.read import LIMITS, Limits, plan, read

TEXT = "今年以来，全市共查找问题417个，已经整改306个。\r\n　　其中，甲县查找问题58个。\n"
RECORD = {
    "id": "a1",
    "标题": "整改见成效",
    "date": "2014-03-05",
    "来源": "某市日报",
    "作者": "王某",
    "text": TEXT,
    "url": "u",
}


def run(root: Path, limits: Limits = LIMITS, columns: Iterable[tuple[str, str]] = ()) -> list[Article | Reject]:
    options = Options(columns=tuple(columns))
    return [item for shard in plan(root) for item in read(shard, options, limits)]


def articles(items: Iterable[Article | Reject]) -> list[Article]:
    return [item for item in items if isinstance(item, Article)]


def rejects(items: Iterable[Article | Reject]) -> list[tuple[str, int | None, str]]:
    return [(item.file, item.row, item.reason) for item in items if isinstance(item, Reject)]


PAGE = (
    """<!DOCTYPE html><html><head><meta charset="CHARSET"><title>甲市整改作风问题_甲市新闻网</title>
<meta name="PubDate" content="2014-11-03 08:20"><meta name="ContentSource" content="甲市日报">
<meta name="Author" content="李某">
</head><body><div class="nav"><a href="/">首页</a><a href="/n">新闻</a><a href="/z">政务公开</a></div>
<div class="main"><h1>甲市整改作风问题</h1><div class="content">"""
    + "".join(
        f"<p>　　第{i}巡察组走访乡镇{i}个，查找问题{i * 7}个，督促完成整改{i * 5}个，群众反映良好。</p>\n"
        for i in range(2, 12)
    )
    + """<p>　　主要做法有：</p><ul><li>一是建立制度13项；</li><li>二是约谈干部24人。</li></ul></div></div>
<div class="side"><h3>相关阅读</h3><ul>
<li><a href="1.htm">乙县部署整改工作</a></li><li><a href="2.htm">热点排行</a></li></ul></div>
<div class="footer">版权所有 甲市新闻网 备案号000 联系电话 0000-1234567</div><script>var a=1;</script></body></html>"""
)

# ------------------------------------------------------------------------------------------------ every form

FORMS: dict[str, Callable[[], bytes]] = {
    "r.jsonl": lambda: jsonl(RECORD),
    "r.ndjson": lambda: b"\xef\xbb\xbf" + jsonl(RECORD),
    "gbk.jsonl": lambda: json.dumps(RECORD, ensure_ascii=False).encode("gb18030"),
    "utf16.jsonl": lambda: jsonl(RECORD).decode().encode("utf-16"),
    "escaped.jsonl": lambda: json.dumps(RECORD).encode(),
    "list.json": lambda: json.dumps([RECORD], ensure_ascii=False, indent=1).encode(),
    "gbklist.json": lambda: json.dumps([RECORD], ensure_ascii=False).encode("gb18030"),
    "inside.json": lambda: json.dumps({"code": 0, "data": {"total": 1, "list": [RECORD]}}).encode(),
    "single.json": lambda: json.dumps(RECORD).encode(),
    "search.jsonl": lambda: jsonl({"_id": "a1", "_source": {k: v for k, v in RECORD.items() if k != "id"}}),
    "mongo.jsonl": lambda: jsonl(RECORD | {"id": {"$oid": "a1"}, "date": {"$date": "2014-03-04T16:00:00Z"}}),
    "r.csv": lambda: table([RECORD, RECORD.values()]).encode(),
    "bom.csv": lambda: table([RECORD, RECORD.values()]).encode("utf-8-sig"),
    "gbk.csv": lambda: table([RECORD, RECORD.values()]).encode("gb18030"),
    "utf16.csv": lambda: table([RECORD, RECORD.values()], "\t").encode("utf-16"),
    "semicolon.csv": lambda: table([RECORD, RECORD.values()], ";").encode(),
    "r.tsv": lambda: table([RECORD, RECORD.values()], "\t").encode(),
    "r.parquet": lambda: parquet([RECORD]),
    "dated.parquet": lambda: parquet([RECORD | {"date": datetime(2014, 3, 5, 9)}]),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("wrap", ["", ".gz", ".zst", "zip", "tar.gz"])
def test_a_record_in_every_form_and_wrapping(name: str, wrap: str, tmp_path: Path) -> None:
    data = FORMS[name]()
    if wrap == "zip":
        name, data = "all.zip", zipped({f"folder/{name}": data})
    elif wrap == "tar.gz":
        name, data = "all.tar.gz", tarred({f"folder/{name}": data}, "w:gz")
    elif wrap:
        name, data = name + wrap, gzip.compress(data) if wrap == ".gz" else zstandard.compress(data)
    (tmp_path / name).write_bytes(data)
    [found] = run(tmp_path)
    assert isinstance(found, Article), found
    assert found.raw_text == TEXT
    assert (found.article_id, found.title, found.outlet, found.author, found.url) == (
        "a1",
        "整改见成效",
        "某市日报",
        "王某",
        "u",
    )
    assert found.published == date(2014, 3, 5)


def test_xlsx(tmp_path: Path) -> None:
    # a cell of a workbook cannot hold a carriage return
    text = TEXT.replace("\r", "")
    head = ["编号", "标题", "发布时间", "正文", None]
    rows = [head, [7, "甲", datetime(2014, 3, 5), text], [None] * 4, [8.0, "乙", "2014年3月6日", 417]]
    (tmp_path / "r.xlsx").write_bytes(workbook(rows, [["备注"], ["无"]], [["content"], [text]]))
    items = run(tmp_path)
    assert [(a.article_id, a.source_row, a.published, a.raw_text) for a in articles(items)] == [
        ("7", 1, date(2014, 3, 5), text),
        ("8", 2, date(2014, 3, 6), "417"),
        ("r#3", 3, None, text),
    ]
    assert rejects(items) == [("r.xlsx", None, "no-text-column")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5"])
@pytest.mark.parametrize("wrap", [None, gzip.compress, zstandard.compress])
def test_text_file_is_kept_character_for_character(encoding: str, wrap: Any, tmp_path: Path) -> None:
    text = "　 整改問題\r\n\r查處\t9人\n\n" if encoding == "big5" else "　 " + TEXT + "\r\r\n\t"
    data = text.encode(encoding)
    suffix = {None: "", gzip.compress: ".gz", zstandard.compress: ".ZST"}[wrap]
    (tmp_path / "市").mkdir()
    (tmp_path / "市" / f"2014.3.5报道.txt{suffix}").write_bytes(wrap(data) if wrap else data)
    [found] = articles(run(tmp_path))
    assert found.raw_text == text
    assert found.article_id == "市/2014.3.5报道"
    assert found.source_path == f"市/2014.3.5报道.txt{suffix}"
    assert found.source_row is None


@pytest.mark.parametrize(("declared", "encoding"), [("gb2312", "gb18030"), ("utf-8", "utf-8"), ("utf-8", "gb18030")])
def test_page(declared: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "p.html").write_bytes(PAGE.replace("CHARSET", declared).encode(encoding))
    [found] = articles(run(tmp_path))
    assert (found.article_id, found.encoding) == ("p", encoding)
    assert (found.title, found.outlet, found.author) == ("甲市整改作风问题", "甲市日报", "李某")
    assert found.published == date(2014, 11, 3)
    paragraphs = found.raw_text.split("\n")
    assert "第2巡察组走访乡镇2个，查找问题14个，督促完成整改10个，群众反映良好。" in [p.strip() for p in paragraphs]
    assert "二是约谈干部24人" in found.raw_text
    for furniture in ("首页", "相关阅读", "版权所有", "热点排行", "var a"):
        assert furniture not in found.raw_text


def test_page_without_meta_tags_gives_what_its_head_line_says(tmp_path: Path) -> None:
    page = PAGE.replace('<meta name="PubDate" content="2014-11-03 08:20">', "")
    page = page.replace('<meta name="ContentSource" content="甲市日报">', "")
    page = page.replace("</h1>", "</h1><div>2014年11月2日 08:20　来源：乙县融媒　编辑：某</div>")
    (tmp_path / "p.shtml").write_text(page.replace("CHARSET", "utf-8"), encoding="utf-8")
    [found] = articles(run(tmp_path))
    assert (found.outlet, found.published) == ("乙县融媒", date(2014, 11, 2))


LINE = "　　截至{0}月底，全县共查找问题{0}个，已经整改{0}个，办结率达到九成以上，群众普遍反映良好。"
MENU = "<ul>" + "".join(f'<li><a href="/{i}.html">栏目{i}</a></li>' for i in range(12)) + "</ul>"
RELATED = "".join(f'<a href="/r{i}.html">某县召开第{i}次会议部署</a><br>' for i in range(6))
FOOT = '<div id="footer"><p>主办：某县人民政府办公室 <a href="/m">网站地图</a></p></div>'


def page_text(body: str, folder: Path) -> list[str]:
    html = f"<html><head><title>某县整改</title></head><body>{MENU}{body}<div>{RELATED}</div>{FOOT}</body></html>"
    (folder / "p.html").write_bytes(html.encode("gb18030"))
    [found] = articles(run(folder))
    assert not any(word in found.raw_text for word in ("栏目3", "第4次会议", "网站地图"))
    return [line.strip() for line in found.raw_text.split("\n") if line.strip()]


def test_a_page_of_one_sentence(tmp_path: Path) -> None:
    assert page_text(f"<h1>某县整改</h1><div><p>{LINE.format(9)}</p></div>", tmp_path)[-1] == LINE.format(9).strip()


@pytest.mark.parametrize(
    "body",
    [
        "<div>" + "<br><br>".join("&nbsp;&nbsp;" + LINE.format(i) for i in range(2, 12)) + "</div>",
        "<div>" + "".join(f"<p><span><font>{LINE.format(i)}</font></span></p>" for i in range(2, 12)) + "</div>",
        "<table><tr><td><table><tr><td>某县整改</td></tr><tr><td>"
        + "".join(f"<p>{LINE.format(i)}</p>" for i in range(2, 12))
        + "</td></tr></table></td></tr></table>",
    ],
    ids=["line breaks", "fonts", "layout tables"],
)
def test_a_page_keeps_its_paragraphs(body: str, tmp_path: Path) -> None:
    assert page_text(body, tmp_path)[-10:] == [LINE.format(i).strip() for i in range(2, 12)]


def test_images_written_into_a_page_do_not_count(tmp_path: Path) -> None:
    image = f'<img src="data:image/png;base64,{"A" * 5_000_000}">'
    assert page_text(f"<div><p>{LINE.format(9)}</p>{image}</div>", tmp_path)[-1] == LINE.format(9).strip()
    (tmp_path / "p.html").write_text(f"<p>{'x' * 5_000_000}", encoding="utf-8")
    assert rejects(run(tmp_path)) == [("p.html", None, "too-large")]


def test_a_page_keeps_its_tables_of_data(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{name}镇</td><td>{i}个</td></tr>" for i, name in enumerate("甲乙丙丁", 3))
    lines = page_text(f"<div><p>{LINE.format(9)}</p><table>{rows}</table><p>{LINE.format(8)}</p></div>", tmp_path)
    assert lines[0] == LINE.format(9).strip()
    assert lines[-1] == LINE.format(8).strip()
    assert "| 丙镇 | 5个 |" in lines


# --------------------------------------------------------------------------------------------------- records


def test_rows_and_ids(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "r.jsonl").write_bytes(
        jsonl({"text": "甲"}) + b"\n" + jsonl({"text": "乙"}, {"id": 5, "text": "丙"})
    )
    (tmp_path / "d" / "s.csv").write_text("id,text\n,丁\nx,戊\n", encoding="utf-8")
    found = [(a.article_id, a.source_row) for a in articles(run(tmp_path))]
    assert found == [("d/r#1", 1), ("d/r#3", 3), ("5", 4), ("d/s#1", 1), ("x", 2)]


def test_column_mapping_comes_first(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("内容,报道 稿,摘于\n摘要,全文9个,2014-03-05\n", encoding="utf-8")
    [found] = articles(run(tmp_path, columns=[("报道稿", "text"), ("摘于", "date")]))
    assert (found.raw_text, found.published) == ("全文9个", date(2014, 3, 5))


def test_mapping_to_an_unknown_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("内容\n摘要\n", encoding="utf-8")
    assert rejects(run(tmp_path, columns=[("内容", "colour")])) == [("r.csv", None, "unknown-field")]


def test_blank_column_falls_back_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(jsonl({"正文": " ", "content": "查处9人", "title": ["甲", "乙"]}))
    [found] = articles(run(tmp_path))
    assert (found.raw_text, found.title) == ("查处9人", "甲、乙")


def test_paragraphs_in_a_list_become_lines(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(jsonl({"content": ["第一段", "第二段"]}))
    assert articles(run(tmp_path))[0].raw_text == "第一段\n第二段"


def test_halves_of_a_character_are_joined_and_lone_ones_replaced(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(b'{"text": "\\ud842\\udfb7 \\ud842 9"}\n')
    assert articles(run(tmp_path))[0].raw_text == "𠮷 \ufffd 9"


def test_not_quite_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(b'{"text": "a\tb", "score": NaN, "n": 123456789012345678901234567890}\n')
    assert articles(run(tmp_path))[0].raw_text == "a\tb"


def test_lines_of_one_file_in_several_encodings(tmp_path: Path) -> None:
    lines = [json.dumps({"text": TEXT}, ensure_ascii=False).encode(e) for e in ("utf-8", "gb18030", "utf-8")]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join(lines))
    found = articles(run(tmp_path))
    assert [(a.raw_text, a.encoding) for a in found] == [(TEXT, "utf-8"), (TEXT, "gb18030"), (TEXT, "utf-8")]


@pytest.mark.parametrize("name", ["r.json", "r.jsonl"])
def test_json_that_is_a_list_or_lines_whatever_the_suffix(name: str, tmp_path: Path) -> None:
    for data in (
        json.dumps([{"text": "甲"}, {"text": "乙"}], indent=1).encode(),
        jsonl({"text": "甲"}, {"text": "乙"}),
    ):
        (tmp_path / name).write_bytes(data)
        assert [(a.raw_text, a.source_row) for a in articles(run(tmp_path))] == [("甲", 1), ("乙", 2)]


def test_long_json_list_is_read_piece_by_piece(tmp_path: Path) -> None:
    records = [{"id": i, "text": "查" * (i * 37 % 5000)} for i in range(1, 900)]
    (tmp_path / "r.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    assert [a.raw_text for a in articles(run(tmp_path))] == [r["text"] for r in records if r["text"]]


def test_cells_with_line_ends_quotes_and_nul(tmp_path: Path) -> None:
    texts = ['甲说"好"\r\n乙，丙\n', "a\x00b", "丁" * 200_000]
    (tmp_path / "r.csv").write_bytes(table([["text"], *[[t] for t in texts]]).encode())
    assert [a.raw_text for a in articles(run(tmp_path))] == texts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda t: not t.isspace()), min_size=1, max_size=6
    )
)
def test_any_text_comes_back_from_any_form(texts: list[str], tmp_path: Path) -> None:
    records = [{"id": f"n{i}", "text": text} for i, text in enumerate(texts)]
    (tmp_path / "a.jsonl").write_bytes(jsonl(*records))
    (tmp_path / "b.json").write_text(json.dumps(records), encoding="utf-8")
    (tmp_path / "c.parquet").write_bytes(parquet(records))
    found = articles(run(tmp_path))
    assert [a.raw_text for a in found] == texts * 3


# -------------------------------------------------------------------------------------------------- archives


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped({"乡镇.txt": "丙".encode(), "d.jsonl.gz": gzip.compress(jsonl({"text": "丁"}))})
    (tmp_path / "dump.zip").write_bytes(
        zipped(
            {
                "a/甲.txt.gz": gzip.compress("甲".encode("gb18030") * 9),
                "in.zip": inner,
                "t.tgz": tarred({"e.txt": b"e"}, "w:gz"),
            }
        )
    )
    found = [(a.article_id, a.raw_text, a.source_path) for a in articles(run(tmp_path))]
    assert found == [
        ("dump/a/甲", "甲" * 9, "dump.zip/a/甲.txt.gz"),
        ("dump/in/乡镇", "丙", "dump.zip/in.zip/乡镇.txt"),
        ("dump/in/d#1", "丁", "dump.zip/in.zip/d.jsonl.gz"),
        ("dump/t/e", "e", "dump.zip/t.tgz/e.txt"),
    ]


def test_member_names_in_gbk(tmp_path: Path) -> None:
    data = zipped({"AAAA.txt": b"x"}).replace(b"AAAA", "通报".encode("gb18030"))
    (tmp_path / "z.zip").write_bytes(data)
    (tmp_path / "t.tar").write_bytes(tarred({"AAAA.txt": b"x"}).replace(b"AAAA", b"AAAA"))
    assert [a.source_path for a in articles(run(tmp_path))] == ["t.tar/AAAA.txt", "z.zip/通报.txt"]


def test_members_that_would_escape_are_only_names(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "z.zip").write_bytes(zipped({"../../evil.txt": b"x", "/etc/evil.txt": b"y"}))
    (tmp_path / "dump" / "t.tar").write_bytes(tarred({"../../evil.txt": b"x"}))
    before = sorted(tmp_path.rglob("*"))
    assert len(articles(run(tmp_path / "dump"))) == 3
    assert sorted(tmp_path.rglob("*")) == before
    assert not (tmp_path.parent / "evil.txt").exists()


def test_litter_in_archives_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "z.zip").write_bytes(
        zipped({"__MACOSX/._a.txt": b"x", ".DS_Store": b"x", "README.md": b"x", "a.txt": b"a"})
    )
    assert [a.article_id for a in articles(run(tmp_path))] == ["z/a"]
    assert rejects(run(tmp_path)) == []


def test_links_in_a_tar_are_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("passwd.txt")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    (tmp_path / "t.tar").write_bytes(out.getvalue())
    assert rejects(run(tmp_path)) == [("t.tar/passwd.txt", None, "not-a-file")]


def test_locked_member(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"secret", "b.txt": b"open"}))
    # set the flag of the first member in its own header and in the directory
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "z.zip").write_bytes(data)
    items = run(tmp_path)
    assert rejects(items) == [("z.zip/a.txt", None, "encrypted")]
    assert [a.raw_text for a in articles(items)] == ["open"]


def test_one_damaged_member_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": os.urandom(300).hex().encode(), "b.txt": b"open"}))
    data[60:80] = b"\xff" * 20
    (tmp_path / "z.zip").write_bytes(data)
    items = run(tmp_path)
    assert rejects(items) == [("z.zip/a.txt", None, "damaged")]
    assert [a.raw_text for a in articles(items)] == ["open"]


# ------------------------------------------------------------------------------------------------- bad input

SMALL = Limits(record=2000, held=50_000, ratio=50, free=100_000, depth=2)
BAD: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "empty"),
    "blank.txt": ("　\n \r\n".encode(), "empty"),
    "mark.txt": (b"\xef\xbb\xbf", "empty"),
    "empty.jsonl": (b"", "empty"),
    "blank.jsonl": (b"\n \n", "empty"),
    "empty.json": (b"", "empty"),
    "nothing.json": (b"[]", "empty"),
    "empty.csv": (b"", "empty"),
    "header.csv": (b"id,text\n", "empty"),
    "empty.xlsx": (b"", "unreadable"),
    "empty.parquet": (b"", "unreadable"),
    "empty.zip": (b"", "damaged"),
    "nothing.zip": (zipped({}), "empty"),
    "empty.tar": (b"", "damaged"),
    "empty.gz": (b"", "unknown-form"),
    "empty.txt.gz": (b"", "empty"),
    "empty.html": (b"", "empty"),
    "nothing.html": (b"<html><body></body></html>", "no-main-text"),
    "binary.txt": (bytes(range(256)) * 4, "binary"),
    "zeros.txt": (bytes(1000), "binary"),
    "binary.jsonl": (bytes(range(256)) * 4, "binary"),
    "binary.csv": (bytes(range(256)) * 4, "binary"),
    "binary.html": (bytes(range(256)) * 4, "binary"),
    "binary.json": (bytes(range(256)) * 4, "invalid-json"),
    "binary.xlsx": (bytes(range(256)) * 4, "unreadable"),
    "binary.parquet": (bytes(range(256)) * 4, "unreadable"),
    "binary.zip": (bytes(range(256)) * 4, "damaged"),
    "binary.txt.gz": (bytes(range(256)) * 4, "damaged"),
    "binary.txt.zst": (bytes(range(256)) * 4, "damaged"),
    "cut.txt.gz": (gzip.compress(TEXT.encode())[:-9], "truncated"),
    "cut.txt.zst": (zstandard.compress(TEXT.encode())[:-5], "truncated"),
    "columns.csv": ("编号,字数\n1,2\n".encode(), "no-text-column"),
    "columns.xlsx": (workbook([["编号", "字数"], [1, 2]]), "no-text-column"),
    "columns.parquet": (parquet([{"编号": 1}]), "no-text-column"),
    "columns.jsonl": (jsonl({"id": 1, "title": "x"}), "no-text-column"),
    "columns.json": (b'{"a": 1}', "no-text-column"),
    "number.jsonl": (b"12\n", "not-a-record"),
    "number.json": (b"12", "not-a-record"),
    "broken.jsonl": (b'{"text": "a"\n', "invalid-json"),
    "digits.jsonl": (b'{"text": ' + b"1" * 1900 + b"x}\n", "invalid-json"),
    "deep.jsonl": (b'{"text": ' + b"[" * 1900 + b"\n", "invalid-json"),
    "broken.json": (b'[{"text": oops}' + b" " * 100 + b"]", "invalid-json"),
    "cut.json": (b'[{"text": "a', "truncated"),
    "null.jsonl": (b'{"text": null}\n', "empty"),
    "object.jsonl": (b'{"text": {"a": 1}}\n', "empty"),
    "extra.csv": ("id,text\n1,查处9人,约谈3人\n".encode(), "extra-cells"),
    "quote.csv": (b'text\n"' + b"x\n" * 1500, "bad-row"),
    "header-cut.csv": (b"id,te\rxt\n1,2\n", "bad-row"),
    "long.csv": (b"text\n" + b"x" * 5000 + b"\n", "too-large"),
    "long.txt": (b"x" * 5000, "too-large"),
    "long.html": (b"x" * 5000, "too-large"),
    "long.jsonl": (jsonl({"text": "x" * 5000}), "too-large"),
    "long.json": (json.dumps([{"text": "x" * 5000}]).encode(), "too-large"),
    "held.parquet.gz": (gzip.compress(os.urandom(60_000)), "too-large"),
    "bomb.txt.gz": (gzip.compress(bytes(10_000_000)), "too-large"),
    "bomb.txt.zst": (zstandard.compress(bytes(10_000_000)), "bomb"),
    "bomb.jsonl.gz": (gzip.compress(b" " * 10_000_000), "bomb"),
    "bomb.csv.gz": (gzip.compress(b"text\n" + b"\n" * 2_000_000), "bomb"),
    "bomb.json.gz": (gzip.compress(b"[" + b" " * 10_000_000), "bomb"),
    "bomb.tar.gz": (gzip.compress(tarred({"a.jpg": bytes(10_000_000)})), "unknown-form"),
    "layers.txt.gz": (gzip.compress(gzip.compress(bytes(100_000))), "binary"),
    "layers.txt.gz.gz.gz": (gzip.compress(b"x"), "too-deep"),
    "photo.jpg": (b"\xff\xd8", "unknown-form"),
    "nosuffix": (b"x", "unknown-form"),
    "old.xls": (b"x", "unknown-form"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_named_with_its_reason(name: str, tmp_path: Path) -> None:
    data, reason = BAD[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "zzz.txt").write_text(TEXT, encoding="utf-8", newline="")
    items = run(tmp_path, SMALL)
    problems = [item for item in items if isinstance(item, Reject)]
    assert problems, items
    assert problems[0].reason == reason, problems[:3]
    assert problems[0].file.startswith(name)
    assert len(problems[0].detail) > 10
    # what comes after it is read all the same
    assert [a.raw_text for a in articles(items) if a.source_path == "zzz.txt"] == [TEXT]


def test_zip_bombs(tmp_path: Path) -> None:
    bomb = zipped({"a.txt": bytes(5_000_000), "b.jsonl": b"\n" * 5_000_000})
    (tmp_path / "one.zip").write_bytes(bomb)
    (tmp_path / "two.zip").write_bytes(zipped({"in.zip": bomb, "c.txt": b"c"}))
    items = run(tmp_path, SMALL)
    assert {reason for _, _, reason in rejects(items)} <= {"bomb", "too-large", "binary"}
    assert {file.partition("/")[0] for file, _, _ in rejects(items)} == {"one.zip", "two.zip"}


def test_archives_too_deep(tmp_path: Path) -> None:
    data = zipped({"a.txt": b"x"})
    for _ in range(4):
        data = zipped({"in.zip": data})
    (tmp_path / "z.zip").write_bytes(data)
    assert rejects(run(tmp_path, SMALL)) == [("z.zip/in.zip/in.zip", None, "too-deep")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "tar"])
def test_all_complete_records_before_a_break_are_read(pack: Any, form: str, tmp_path: Path) -> None:
    texts = [os.urandom(400).hex() for _ in range(900)]
    whole = {
        "jsonl": lambda: jsonl(*[{"text": text} for text in texts]),
        "csv": lambda: table([["text"], *[[text] for text in texts]]).encode(),
        "json": lambda: json.dumps([{"text": text} for text in texts]).encode(),
        "tar": lambda: tarred({f"{i}.txt": text.encode() for i, text in enumerate(texts)}),
    }[form]()
    packed = pack(whole)
    suffix = "gz" if pack is gzip.compress else "zst"
    (tmp_path / f"r.{form}.{suffix}").write_bytes(packed[: len(packed) * 2 // 3])
    items = run(tmp_path)
    got = [a.raw_text for a in articles(items)]
    assert got == texts[: len(got)]
    # a compressed block may end a little earlier than the cut
    assert len(got) > (900 * 2 // 3) - (400 if suffix == "zst" else 90)
    assert isinstance(items[-1], Reject)
    assert items[-1].reason in ("truncated", "damaged")
    if form != "tar":
        assert items[-1].row == len(got) + 1
        assert items[-1].detail.endswith(f": {len(got)}")


def test_every_bad_line_has_its_row(tmp_path: Path) -> None:
    lines = [
        b'{"text": "a"}',
        b"oops",
        b"",
        b'{"text": ""}',
        b"[1]",
        b'{"title": "x"}',
        b'{"text": "b"}',
        b'{"text": "c"',
    ]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join(lines))
    items = run(tmp_path)
    assert [a.source_row for a in articles(items)] == [1, 7]
    assert [(row, reason) for _, row, reason in rejects(items)] == [
        (2, "invalid-json"),
        (4, "empty"),
        (5, "not-a-record"),
        (6, "no-text-column"),
        (8, "invalid-json"),
    ]


def test_long_line_is_named_and_the_next_read(tmp_path: Path) -> None:
    for name, head in (("r.jsonl", b""), ("r.csv", b"text\n")):
        good = b'{"text": "a"}\n' if name == "r.jsonl" else b"a\n"
        (tmp_path / name).write_bytes(head + good + b"x" * 9000 + b"\n" + good)
    items = run(tmp_path, SMALL)
    assert [a.source_row for a in articles(items)] == [1, 3, 1, 3]
    assert rejects(items) == [("r.csv", 2, "too-large"), ("r.jsonl", 2, "too-large")]


def test_a_long_article_is_no_bad_input(tmp_path: Path) -> None:
    text = "查处9人。" * 350_000
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "b.jsonl").write_bytes(jsonl({"text": text}))
    assert [len(a.raw_text) for a in articles(run(tmp_path))] == [len(text)] * 2


def test_bad_bytes_in_a_line_are_visible(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes('{"text": "查处'.encode() + b"\xff" + '9人"}\n'.encode())
    (tmp_path / "r.csv").write_bytes("text\n查处".encode() + b"\xff" + "9人\n全市查处干部8人\n".encode())
    found = articles(run(tmp_path))
    assert [a.raw_text for a in found] == ["查处\ufffd9人", "全市查处干部8人", "查处\ufffd9人"]
    assert {a.encoding for a in found} == {"utf-8"}


def test_a_million_columns(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(200_000)) + ",text"
    (tmp_path / "r.csv").write_text(f"{names}\n{',' * 200_000}查处9人\n", encoding="utf-8")
    assert [a.raw_text for a in articles(run(tmp_path))] == ["查处9人"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([*sorted(FORMS), "r.xlsx", "z.zip", "t.tar", "t.tar.gz", "p.html", "r.txt"]),
    damage=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), min_size=1, max_size=4),
    cut=st.booleans(),
)
def test_damage_anywhere_never_raises_and_never_vanishes(
    name: str, damage: list[tuple[float, bytes]], cut: bool, tmp_path: Path
) -> None:
    whole = {
        "r.xlsx": lambda: workbook([["text"], [TEXT.replace("\r", "")]]),
        "z.zip": lambda: zipped({"a.txt": TEXT.encode(), "b.jsonl": jsonl(RECORD)}),
        "t.tar": lambda: tarred({"a.txt": TEXT.encode(), "b.jsonl": jsonl(RECORD)}),
        "t.tar.gz": lambda: tarred({"a.txt": TEXT.encode()}, "w:gz"),
        "p.html": PAGE.encode,
        "r.txt": TEXT.encode,
        **FORMS,
    }[name]()
    data = bytearray(whole)
    for share, junk in damage:
        place = int(share * len(data))
        data[place : place + len(junk)] = junk
    if cut:
        data = data[: int(damage[0][0] * len(data))]
    folder = tmp_path / "fuzz"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_bytes(data)
    items = run(folder)
    assert items
    for item in items:
        json.dumps(item.detail if isinstance(item, Reject) else item.raw_text, ensure_ascii=False).encode()


# ----------------------------------------------------------------------------------------------------- shards


def names(root: Path, **options: Any) -> list[list[str]]:
    return [[piece.path for piece in shard.pieces] for shard in plan(root, **options)]


def test_plan_is_in_order_of_paths_and_leaves_litter_out(tmp_path: Path) -> None:
    for path in ("b/x.txt", "b.txt", "a/z.txt", "a-1.txt", "README", "b/README.md", ".hidden/x.txt", ".gitkeep"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x")
    assert [path for shard in names(tmp_path) for path in shard] == ["a-1.txt", "a/z.txt", "b.txt", "b/x.txt"]


def test_a_single_file_is_a_dump_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    assert [a.article_id for a in articles(run(tmp_path / "a.txt"))] == ["a"]


def test_a_missing_dump(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        plan(tmp_path / "nowhere")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_pieces_of_a_large_file_are_the_file(encoding: str, tmp_path: Path) -> None:
    lines = [json.dumps({"text": "查" * (i % 700 + 1)}, ensure_ascii=False).encode(encoding) for i in range(4000)]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join(lines))
    target = 1 << 19
    shards = plan(tmp_path, target)
    assert len(shards) >= 4
    assert len({shard.name for shard in shards}) == len(shards)
    whole = [item for shard in plan(tmp_path, 1 << 30) for item in read(shard)]
    pieces = [item for shard in shards for item in read(pickle.loads(pickle.dumps(shard)))]
    assert pieces == whole
    assert len(whole) == 4000


def test_row_groups_and_members_are_pieces(tmp_path: Path) -> None:
    records = [{"text": os.urandom(600).hex()} for _ in range(1000)]
    (tmp_path / "r.parquet").write_bytes(parquet(records, row_group_size=100))
    (tmp_path / "z.zip").write_bytes(zipped({f"{i}.txt": r["text"].encode() for i, r in enumerate(records)}))
    whole = [item for shard in plan(tmp_path, 1 << 40) for item in read(shard)]
    shards = plan(tmp_path, 1 << 19)
    assert len(shards) >= 6
    assert [item for shard in shards for item in read(shard)] == whole
    assert [a.raw_text for a in articles(whole)] == [r["text"] for r in records] * 2
    assert [a.source_row for a in articles(whole)][:1000] == list(range(1, 1001))


def test_a_new_file_changes_few_shards(tmp_path: Path) -> None:
    for i in range(300):
        (tmp_path / f"{i:03}.txt").write_text("x" * 1000)
    before = {shard.name for shard in plan(tmp_path, 30_000)}
    (tmp_path / "100a.txt").write_text("x" * 1000)
    after = {shard.name for shard in plan(tmp_path, 30_000)}
    assert len(before) > 10
    assert len(after - before) <= 2


def test_digest_is_of_paths_and_contents(tmp_path: Path) -> None:
    from pipeline.stages.read import digest

    (tmp_path / "a.txt").write_text("x")
    first = [digest(shard) for shard in plan(tmp_path)]
    os.utime(tmp_path / "a.txt", (1, 1))
    assert [digest(shard) for shard in plan(tmp_path)] == first
    (tmp_path / "a.txt").write_text("y")
    assert [digest(shard) for shard in plan(tmp_path)] != first


def test_links_are_named_and_followed_only_when_asked(tmp_path: Path) -> None:
    dump, other = tmp_path / "dump", tmp_path / "other"
    dump.mkdir()
    other.mkdir()
    (other / "o.txt").write_text("outside")
    (dump / "a.txt").write_text("inside")
    (dump / "out.txt").symlink_to(other / "o.txt")
    (dump / "folder").symlink_to(other)
    (dump / "self").symlink_to(dump)
    (dump / "dead.txt").symlink_to(tmp_path / "nowhere")
    items = run(dump)
    assert [a.raw_text for a in articles(items)] == ["inside"]
    assert {(file, reason) for file, _, reason in rejects(items)} == {
        (name, "symlink") for name in ("out.txt", "folder", "self", "dead.txt")
    }
    followed = [item for shard in plan(dump, follow_links=True) for item in read(shard)]
    assert [a.article_id for a in articles(followed)] == ["a", "folder/o", "out"]
    assert rejects(followed) == [("dead.txt", None, "unreadable"), ("self", None, "symlink")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_does_not_hang_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.txt")
    assert rejects(run(tmp_path)) == [("p.txt", None, "not-a-file")]


def test_file_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    shards = plan(tmp_path)
    (tmp_path / "a.txt").unlink()
    assert rejects(item for shard in shards for item in read(shard)) == [("a.txt", None, "unreadable")]


def test_file_name_that_is_no_utf8(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "通报一".encode("gb18030") + b".txt")).write_text("x")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    [found] = articles(run(tmp_path))
    assert (found.article_id, found.source_path) == ("通报一", "通报一.txt")


def test_the_demonstration_dump(raw: Path) -> None:
    items = run(raw)
    assert len(articles(items)) >= 14
    assert not [a for a in articles(items) if "README" in a.source_path]
    assert all(item.detail for item in items if isinstance(item, Reject))


def test_the_shared_reports(shared: Path) -> None:
    items = run(shared / "articles")
    assert rejects(items) == []
    gold = [json.loads(line) for line in (shared / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    found = {a.article_id: a for a in articles(items)}
    for marked in gold:
        text = found[marked["article_id"]].raw_text
        assert all(text[f["start"] : f["end"]] == f["quote"] for f in marked["figures"])
