"""The main text of a web page, with its title, date, outlet and author.

The text is found by trafilatura. On pages of Chinese newspapers and authorities it keeps paragraphs, lists
and tables and drops navigation, related links and footers; resiliparse is about ten times faster (14 against 1 MB/s of
HTML) but drops the lists in which reports enumerate results (一是…, 二是…), which loses figures.

Title, date and so on come from meta tags first: Chinese authorities must give ArticleTitle, PubDate and
ContentSource (国办发〔2017〕47号), whose names are in ``lexicon/columns.csv``; then from the line 来源：… of the
page; then from trafilatura's own search.
"""

from __future__ import annotations

from configparser import ConfigParser
from functools import cache
from typing import TYPE_CHECKING, Any

import regex

from pipeline.model import Article
from pipeline.stages.read.dates import parse_date
from pipeline.stages.read.encoding import Decoded, decode, is_binary
from pipeline.stages.read.fields import Place, columns_of, field_of
from pipeline.stages.read.limits import UnusableError

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

    from pipeline.model import Options

__all__ = ["decode_page", "read_page"]

_CHARSET = regex.compile(
    rb"""<meta [^>]{0,200}? charset \s* = \s* ["']? \s* ([\w-]+)""", regex.VERBOSE | regex.IGNORECASE
)

#: what pages declare -> how it is read; browsers read gb2312 and gbk as GB18030 too (WHATWG Encoding Standard)
_DECLARED = {
    b"big5": "big5",
    b"big5-hkscs": "big5",
    b"gb18030": "gb18030",
    b"gb2312": "gb18030",
    b"gbk": "gb18030",
    b"utf-8": "utf-8",
    b"utf8": "utf-8",
}

#: the line under the headline: 2014-11-03 08:20　来源：某市日报　作者：…
_OUTLET_LINE = regex.compile(r"(?:来源|來源|稿源)\s*[:：]\s*(?P<outlet>[^\s:：|<>()（）【】]{2,24})")
_DATED_LINE = regex.compile(
    r"(?:发布|發布|发表|發表|更新|刊登|日期|时间|時間|来源|來源)[^\n]{0,30}?(?P<date>(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2})"
    r"|(?P<date>(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2})[^\n]{0,30}(?:来源|來源|稿源|作者|编辑|編輯)"
)

#: images and fonts that are written into the page itself
_INLINE_DATA = regex.compile(rb"data:[\w/+.;=-]{1,80}base64,[A-Za-z0-9+/=\s]{200,}+")

#: a tag with a thousand attributes and more: parsers take time with the square of their number
_CROWDED = regex.compile(r"(?P<tag><[a-zA-Z][^<>\s/]*+)(?:[\s/]++[^<>\s/]++){1000,}+[^<>]*+>")

#: the extensive search of htmldate guesses from any date of the page, and takes seconds to load
_DATE_SEARCH = {"original_date": True, "extensive_search": False}

_CONTROLS = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def decode_page(data: bytes) -> Decoded:
    """Decode a page; what it declares about itself is believed unless its characters speak against it.

    >>> decode_page('<meta charset="gb2312"><p>查摆问题'.encode("gb18030")).encoding
    'gb18030'
    """
    declared = _CHARSET.search(data[:4096])
    return decode(data, _DECLARED.get(declared[1].lower()) if declared else None)


def read_page(data: bytes, place: Place, options: Options, limit: int) -> Article:
    """Make an article of a page; ``raw_text`` is its main text.

    Raises:
        UnusableError: it is no page, is larger than ``limit`` bytes, or has no main text.
    """
    import trafilatura

    data = _INLINE_DATA.sub(b"", data)
    if len(data) > limit:
        raise UnusableError(
            "too-large", f"the page is larger than {limit:,} bytes; save the text of the report as .txt"
        )
    page, encoding = decode_page(data)
    if is_binary(page):
        raise UnusableError("binary", "the file is no text; is its suffix right?")
    if not page.strip():
        raise UnusableError("empty", "the page is empty")
    tree = trafilatura.load_html(_CROWDED.sub(r"\g<tag>>", _CONTROLS.sub("", page)))
    if tree is None:
        raise _no_main_text("nothing in the page can be parsed")
    declared = _meta(tree, options)
    visible = _visible_text(tree)
    _dissolve_layout_tables(tree)
    found = trafilatura.bare_extraction(
        tree, with_metadata=True, include_comments=False, date_extraction_params=dict(_DATE_SEARCH), config=_config()
    )
    text = str(getattr(found, "text", None) or "")
    if not text.strip():
        raise _no_main_text("no main text was found in the page")
    return Article(
        article_id=place.stem,
        raw_text=text,
        source_path=place.file,
        url=declared.get("url") or getattr(found, "url", None),
        title=declared.get("title") or getattr(found, "title", None),
        author=declared.get("author") or getattr(found, "author", None),
        outlet=declared.get("outlet") or _group(_OUTLET_LINE, visible, "outlet") or getattr(found, "sitename", None),
        published=parse_date(declared.get("published"))
        or parse_date(_group(_DATED_LINE, visible, "date"))
        or parse_date(getattr(found, "date", None)),
        encoding=encoding,
    )


def _no_main_text(problem: str) -> UnusableError:
    return UnusableError("no-main-text", f"{problem}; save the text of the report as .txt")


@cache
def _config() -> ConfigParser:
    """The settings of trafilatura, with a length of text that suffices fit for Chinese, not for English."""
    from trafilatura.settings import use_config

    config: ConfigParser = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "20")
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    return config


#: characters in a cell from which on it holds an article, not a datum
_LONG_CELL = 200


def _dissolve_layout_tables(tree: HtmlElement) -> None:
    """Turn tables that older sites lay their pages out with into plain blocks; tables of data stay.

    The cell of such a table would otherwise become one line, paragraphs and all.
    """
    # from the inside out, so that a table within another is judged by its own cells
    for table in reversed(tree.xpath("//table")):
        if table.find(".//div") is None and all(len(cell.text_content()) < _LONG_CELL for cell in table.iter("td")):
            continue
        own = [
            part
            for part in table.iter("tbody", "thead", "tr", "td", "th")
            if next(part.iterancestors("table")) is table
        ]
        for part in (*own, table):
            part.tag = "div"


def _meta(tree: HtmlElement, options: Options) -> dict[str, str]:
    """Field -> content of the meta tag that is preferred for it."""
    tags: dict[str, str] = {}
    for tag in tree.iterfind(".//meta"):
        name = tag.get("name") or tag.get("property") or tag.get("itemprop")
        content = (tag.get("content") or "").strip()
        if name and content and field_of(name):
            tags.setdefault(name, content)
    return {field: tags[names[0]] for field, names in columns_of(tags, options).fields.items()}


def _visible_text(tree: HtmlElement) -> str:
    """The page's text without scripts, one line a text node."""
    nodes: list[Any] = tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    return "\n".join(line for node in nodes if (line := " ".join(node.split())))


def _group(pattern: regex.Pattern[str], text: str, name: str) -> str | None:
    found = pattern.search(text)
    return found[name] if found else None
