"""Web pages that are never closed, deep, huge, in another encoding than they say, or bombs."""

from __future__ import annotations

from hostile import ANY, Case, bad, good

T = "今年以来，全县共查找问题417个，已经整改306个，群众满意率达到95%以上。"
U = "全县立案5件，处分7人，移送司法机关2人，通报典型案例3起。"
BODY = f"<p>{T}</p><p>{U}</p>"
READ = f"{T}\n{U}"
DEEP = 100_000


def _page(body: str, head: str = '<meta charset="utf-8">') -> bytes:
    return f"<!DOCTYPE html><html><head>{head}<title>x</title></head><body>{body}</body></html>".encode()


CASES: dict[str, Case] = {
    # --- structure
    "never-closed.html": good(f"<html><body><div><p>{T}<p>{U}".encode(), READ),
    "no-tags.html": bad(f"{T}{U}".encode(), "no-main-text"),
    "closed-only.html": good(f"</div></p></body></html>{BODY}".encode(), READ),
    "two-bodies.html": good(_page(f"{BODY}</body></html><html><body><p>{T * 2}</p>"), ANY),
    "cut-tag.html": good(_page(BODY)[:-16], READ),
    "cut-character.html": good(f"<html><body>{BODY}<p>完".encode()[:-1], ANY),
    "deep-divs.html": bad(lambda: ("<div>" * DEEP + BODY).encode(), "no-main-text"),
    "deep-divs-closed.html": bad(lambda: ("<div>" * 5000 + BODY + "</div>" * 5000).encode(), "no-main-text"),
    "deep-spans.html": bad(lambda: _page(f"<p>{'<span>' * 20_000}{T}</p><p>{U}</p>"), "no-main-text"),
    "deep-tables.html": bad(lambda: _page("<table><tr><td>" * 2000 + BODY), "no-main-text"),
    "deep-lists.html": bad(lambda: _page("<ul><li>" * 2000 + BODY), "no-main-text"),
    "many-tables.html": good(lambda: _page(f"<table><tr><td>{U}</td></tr></table>" * 3000 + BODY), ANY),
    "many-paragraphs.html": good(lambda: _page(BODY * 2000), ANY),
    "many-lines.html": good(lambda: _page("<br>" * 50_000 + BODY), ANY),
    "many-links.html": good(lambda: _page('<a href="x">某某网</a> ' * 10_000 + BODY), ANY),
    "many-classes.html": good(lambda: _page(f'<div class="{"c " * 50_000}">{BODY}</div>'), ANY),
    # --- attributes, scripts, comments
    "huge-attribute.html": good(lambda: _page(f'<div title="{"x" * 1_000_000}">{BODY}</div>'), READ),
    "open-attribute.html": bad(lambda: _page(f'<div title="{"x" * 100_000}>{BODY}') + BODY.encode(), "no-main-text"),
    "million-attributes.html": good(
        lambda: _page("<div " + "".join(f"a{n} " for n in range(50_000)) + f">{BODY}</div>"), READ
    ),
    "script.html": good(_page(f"<script>alert('{T * 9}')</script>{BODY}"), READ),
    "script-open.html": bad(
        _page(f"<script>alert('{T}')").removesuffix(b"</body></html>") + BODY.encode(), "no-main-text"
    ),
    "style.html": good(_page(f"<style>p {{ content: '{T * 9}' }}</style>{BODY}"), READ),
    "cdata.html": good(_page(f"{BODY}<![CDATA[<p>{T}</p>]]>"), ANY),
    "comment-open.html": bad(_page("<!--" + BODY), "no-main-text"),
    "comment-dashes.html": good(_page("<!--" + "-" * 50_000 + ">-->" + BODY), ANY),
    "conditional.html": good(_page(f"<!--[if IE]><p>{T}</p><![endif]-->{BODY}"), READ),
    "template.html": good(_page(f"<template>{BODY}</template>{BODY}"), ANY),
    "noscript.html": good(_page(f"<noscript>{BODY}</noscript>{BODY}"), ANY),
    "frames.html": bad(b'<html><frameset><frame src="file:///etc/passwd"></frameset></html>', "no-main-text"),
    "frame-inside.html": good(_page(f'<iframe src="file:///etc/passwd"></iframe>{BODY}'), READ),
    "base-and-refresh.html": good(
        _page(
            BODY, '<meta charset="utf-8"><base href="http://x/"><meta http-equiv="refresh" content="0;url=http://x/">'
        ),
        READ,
    ),
    "php.html": good(b"<?php system($_GET[0]); ?>" + _page(BODY), READ),
    "xml.xhtml": good(b'<?xml version="1.0" encoding="utf-8"?>' + _page(BODY), READ),
    # --- entities
    "entities.html": good(
        _page("".join(f"<p>&#{ord(c)};{T}</p>" for c in "全县") + f"<p>{U}</p>"), f"全{T}\n县{T}\n{U}"
    ),
    "entity-bomb.html": good(
        (
            '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
            + f"]><html><body><p>&j;</p>{BODY}</body></html>"
        ).encode(),
        ANY,
    ),
    "external-entity.html": good(
        f'<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]><html><body><p>&f;{T}</p><p>{U}</p></body></html>'.encode(),
        ANY,
    ),
    "entities-out-of-range.html": good(_page(f"<p>&#0;&#xd800;&#x110000;&#99999999999;{T}</p><p>{U}</p>"), ANY),
    "entity-million.html": good(lambda: _page(BODY + "<p>" + "&amp;" * 200_000 + "</p>"), ANY),
    # --- encodings
    "says-gb2312-is-utf8.html": good(_page(BODY, '<meta charset="gb2312">'), READ),
    "says-utf8-is-gbk.html": good(_page(BODY).decode().encode("gb18030"), READ),
    "says-nonsense.html": good(_page(BODY, '<meta charset="x-klingon">'), READ),
    "says-utf16-is-utf8.html": good(_page(BODY, '<meta charset="utf-16">'), READ),
    "says-twice.html": good(_page(BODY, '<meta charset="big5"><meta charset="utf-8">'), READ),
    "utf16.html": good(_page(BODY).decode().encode("utf-16"), READ),
    "nul.html": good(_page(BODY).replace(b"<p>", b"<p>\0"), READ),
    # --- nothing to read
    "menu-only.html": good(_page('<ul><li><a href="/">首页</a></li><li><a href="/n">新闻</a></li></ul>'), "首页\n新闻"),
    "empty-body.html": bad(_page(""), "no-main-text"),
    "blank.html": bad(b" \n\t ", "empty"),
    "image-only.html": bad(_page('<img src="data:image/png;base64,' + "A" * 100_000 + '">'), "no-main-text"),
    "photo-as.html": bad(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, "binary"),
    "five-mb.html": bad(lambda: _page(BODY * 30_000), "too-large"),
    "bare-bracket.html": bad(b"<", "no-main-text"),
    "brackets.html": bad(lambda: b"<" * 100_000, "no-main-text"),
    "open-tags.html": bad(lambda: b"<a " * 100_000, "no-main-text"),
}
