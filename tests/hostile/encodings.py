"""Bytes that are not quite in the encoding that they seem to be in."""

from __future__ import annotations

import json

from made_files import jsonl

from hostile import ANY, Case, bad, good, mixed

T = "今年以来，全县共查找问题417个，已经整改306个。"
TRADITIONAL = "今年以來，全縣共查找問題417個，已經整改306個。"
BAD = "\ufffd"

_UTF8, _GBK, _BIG5 = T.encode(), T.encode("gb18030"), TRADITIONAL.encode("big5")


def _line(text: bytes) -> bytes:
    """A line of JSON around the text as it is."""
    return b'{"text": "' + text + b'"}\n'


CASES: dict[str, Case] = {
    # --- cut and damaged
    "cut-utf8-1.txt": good(_UTF8[:-1], T[:-1] + BAD),
    "cut-utf8-2.txt": good(_UTF8[:-2], T[:-1] + BAD),
    "headless-utf8-1.txt": good(_UTF8[1:], BAD * 2 + T[1:]),
    "headless-utf8-2.txt": good(_UTF8[2:], BAD + T[1:]),
    "cut-gbk.txt": good(_GBK[:-1], T[:-1] + BAD),
    "cut-big5.txt": good(_BIG5[:-1], TRADITIONAL[:-1] + BAD),
    "cut-utf16-le.txt": good(T.encode("utf-16")[:-1], T[:-1] + BAD),
    "cut-utf16-be.txt": good(b"\xfe\xff" + T.encode("utf-16-be")[:-1], T[:-1] + BAD),
    "cut-line-utf8.jsonl": mixed(_line(_UTF8) + _line(_UTF8)[:20], [T], ("", 2, "invalid-json")),
    "ff-in-utf8.txt": good(_UTF8[:15] + b"\xff" + _UTF8[15:], T[:5] + BAD + T[5:]),
    "ff-in-gbk.txt": good(_GBK[:10] + b"\xff" + _GBK[10:], T[:5] + BAD + T[5:]),
    "c0-80-in-utf8.txt": good(_UTF8[:15] + b"\xc0\x80" + _UTF8[15:], T[:5] + BAD * 2 + T[5:]),
    "overlong-in-utf8.txt": good(_UTF8 * 3 + b"\xe0\x80\xaf", T * 3 + BAD * 3),
    "surrogate-in-utf8.txt": good(_UTF8 * 3 + b"\xed\xa0\x80", T * 3 + BAD * 3),
    "cesu-8.txt": good(_UTF8 * 3 + b"\xed\xa1\x80\xed\xb0\x80", T * 3 + BAD * 6),
    "beyond-unicode.txt": good(_UTF8 * 3 + b"\xf4\x90\x80\x80", T * 3 + BAD * 4),
    "utf16-lone-surrogate.txt": good(
        b"\xff\xfe" + T.encode("utf-16-le") + b"\x00\xd8" + "完".encode("utf-16-le"), T + BAD + "完"
    ),
    "utf16-swapped-surrogates.txt": good(b"\xff\xfe" + T.encode("utf-16-le") + b"\x00\xdc\x00\xd8", T + BAD * 2),
    # --- byte order marks
    "bom-utf8.txt": good(b"\xef\xbb\xbf" + _UTF8, T),
    "bom-twice.txt": good(b"\xef\xbb\xbf" * 2 + _UTF8, "\ufeff" + T),
    "bom-amid.txt": good(_UTF8[:15] + b"\xef\xbb\xbf" + _UTF8[15:], T[:5] + "\ufeff" + T[5:]),
    "bom-utf16-le.txt": good(b"\xff\xfe" + T.encode("utf-16-le"), T),
    "bom-utf16-be.txt": good(b"\xfe\xff" + T.encode("utf-16-be"), T),
    "bom-gb18030.txt": good(b"\x84\x31\x95\x33" + _GBK, T),
    "bom-that-lies.txt": bad(b"\xef\xbb\xbf" + _GBK, "binary"),
    "bom-alone-utf16.txt": bad(b"\xff\xfe", "empty"),
    "bom-half.txt": good(b"\xef\xbb", ANY),
    "bom-lines.jsonl": good(b"\xef\xbb\xbf" + _line(_UTF8), T),
    "bom-each-line.jsonl": good((b"\xef\xbb\xbf" + _line(_UTF8)) * 2, T, T),
    "bom-list.json": good(b"\xef\xbb\xbf[" + _line(_UTF8) + b"]", T),
    "bom-utf16.csv": good("text\r\n".encode("utf-16") + f"{T}\r\n".encode("utf-16-le"), T),
    # --- no mark
    "utf16-le.txt": good(T.encode("utf-16-le"), T),
    "utf16-be.txt": good(T.encode("utf-16-be"), T),
    "utf16-le.jsonl": good(_line(_UTF8).decode().encode("utf-16-le"), T),
    "utf16-be.csv": good(f"text\r\n{T}\r\n".encode("utf-16-be"), T),
    "utf32-le.txt": bad(T.encode("utf-32"), "binary"),
    "utf32-be.txt": bad(T.encode("utf-32-be"), "binary"),
    "utf7.txt": good(T.encode("utf-7"), T.encode("utf-7").decode("ascii")),
    "hz.txt": good(T.encode("hz"), T.encode("hz").decode("ascii")),
    "iso2022.txt": good("会議で問題417件".encode("iso2022_jp"), ANY),
    "shift-jis.txt": good("今年、全県で問題417件を調査した。".encode("shift_jis"), ANY),
    "euc-kr.txt": good("올해 문제 417건을 조사했다.".encode("euc-kr"), ANY),
    "latin-1.txt": good("Réunion à Genève: 417 problèmes étudiés.".encode("latin-1"), ANY),
    "ebcdic.txt": good("SHOUYE 417".encode("cp500"), ANY),
    # --- several encodings, rare characters
    "utf8-then-gbk.txt": bad(_UTF8 * 3 + _GBK, "binary"),
    "utf8-then-little-gbk.txt": good(_UTF8 * 9 + _GBK[:10], T * 9 + BAD * 10),
    "gbk-then-utf8.txt": good(_GBK * 3 + _UTF8, ANY),
    "three-encodings.jsonl": good(_line(_UTF8) + _line(_GBK) + _line(_BIG5), T, T, TRADITIONAL),
    "two-encodings.csv": good(b"text\n" + _UTF8 + b"\n" + _GBK + b"\n", T, T),
    "gb18030-four-bytes.txt": good((T + "𠀀㐂䶮").encode("gb18030"), T + "𠀀㐂䶮"),
    "gb18030-cut-four-bytes.txt": good((T + "𠀀").encode("gb18030")[:-2], ANY),
    "gbk-user-defined.txt": good(_GBK + b"\xaa\xa1\xfe\x50", ANY),
    "gbk-lone-80.txt": good(_GBK[:20] + b"\x80" + _GBK[20:], T[:10] + BAD + T[10:]),
    "big5-hole.txt": good(_BIG5 + b"\x80\xff", ANY),
    "big5-user-defined.txt": good(_BIG5 + b"\xc6\xa1\xfa\x40", ANY),
    "big5-hkscs.txt": good((TRADITIONAL + "啲嘢喺度").encode("big5hkscs"), TRADITIONAL + "啲嘢喺度"),
    "big5-backslash.txt": good(f"{TRADITIONAL}許功蓋".encode("big5"), f"{TRADITIONAL}許功蓋"),
    "big5-backslash.jsonl": good(_line(f"{TRADITIONAL}育蓋".encode("big5")), f"{TRADITIONAL}育蓋"),
    "gbk-backslash.csv": good(
        "text\n全县俓俓查找问题417个，已整改\n".encode("gb18030"), "全县俓俓查找问题417个，已整改"
    ),
    # --- NUL, controls, line ends
    "nul-some.txt": good((T + "\0\0").encode(), T + "\0\0"),
    "nul-first.txt": good(("\0" + T).encode(), "\0" + T),
    "nul-all.txt": bad(bytes(5000), "binary"),
    "nul-every-second.txt": bad(b"\0".join(bytes((b,)) for b in _UTF8 * 3), "binary"),
    "nul-in-line.jsonl": good(_line(b"\0" + _UTF8), "\0" + T),
    "controls.txt": bad(bytes(range(1, 32)).replace(b"\n", b"") * 9, "binary"),
    "one-byte.txt": good(b"x", "x"),
    "one-high-byte.txt": good(b"\xe4", ANY),
    "cr-only.txt": good(f"{T}\r{T}\r".encode(), f"{T}\r{T}\r"),
    "line-separators.txt": good(f"{T}\u2028{T}\x85\x0b\x0c".encode(), f"{T}\u2028{T}\x85\x0b\x0c"),
    "line-separators.jsonl": good(jsonl({"text": f"{T}\u2028{T}\x85"}), f"{T}\u2028{T}\x85"),
    # --- escapes of JSON
    "escaped-lone.jsonl": good(b'{"text": "\\ud800' + _UTF8 + b'"}', BAD + T),
    "escaped-swapped.jsonl": good(b'{"text": "\\udc00\\ud840' + _UTF8 + b'"}', BAD * 2 + T),
    "escaped-pair.jsonl": good(b'{"text": "\\ud840\\udc00' + _UTF8 + b'"}', "𠀀" + T),
    "escaped-halves.jsonl": good(b'{"text": "\\ud840' + b"\xf0\xa0\x80\x80" + _UTF8 + b'"}', BAD + "𠀀" + T),
    "escaped-nul.jsonl": good(b'{"text": "\\u0000' + _UTF8 + b'"}', "\0" + T),
    "escaped-lone-elsewhere.jsonl": good(
        b'{"id": "\\udfff", "title": "\\ud83d", "url": "\\udc00", "text": "' + _UTF8 + b'"}', T
    ),
    "escaped-lone-key.jsonl": mixed(b'{"\\ud800": 1, "text": "' + _UTF8 + b'"}', [T]),
    "escaped-lone-list.json": good(b'[{"text": "\\ud800' + _UTF8 + b'"}]', BAD + T),
    "escape-unknown.jsonl": bad(b'{"text": "\\x41"}', "invalid-json", 1),
    "escape-cut.jsonl": bad(b'{"text": "\\u12"}', "invalid-json", 1),
    "all-escaped.jsonl": good(json.dumps({"text": T}).encode(), T),
}
