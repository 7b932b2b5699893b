"""JSON and JSON lines that are broken, deep, long or of another shape."""

from __future__ import annotations

import json

from made_files import jsonl

from hostile import Case, bad, good, mixed

T = "全市查找问题41个，整改30个。"
R = json.dumps({"text": T}, ensure_ascii=False)
DEEP = 100_000


CASES: dict[str, Case] = {
    # --- depth
    "deep-list.json": bad(lambda: b"[" * DEEP, "invalid-json"),
    "deep-list-closed.json": bad(lambda: b"[" * DEEP + b"]" * DEEP, "invalid-json"),
    "deep-object.json": bad(lambda: b'{"a":' * DEEP, "invalid-json"),
    "deep-object-closed.json": bad(lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP, "invalid-json"),
    "deep-list.jsonl": mixed(lambda: b"[" * DEEP + b"]" * DEEP, [], ("", None, "invalid-json")),
    "deep-line.jsonl": mixed(
        lambda: f"{R}\n".encode() + b'{"a":' * DEEP + b"1" + b"}" * DEEP + f"\n{R}".encode(),
        [T, T],
        ("", 2, "invalid-json"),
    ),
    "deep-value.jsonl": mixed(
        lambda: b'{"text": ' + b"[" * DEEP + b"]" * DEEP + f"}}\n{R}".encode(), [T], ("", 1, "invalid-json")
    ),
    "deep-900.jsonl": bad(b'{"text": ' + b"[" * 900 + b"]" * 900 + b"}", "empty", 1),
    "deep-dollar.jsonl": good(b'{"id": ' + b'{"$a": ' * 500 + b"1" + b"}" * 500 + f', "text": "{T}"}}'.encode(), T),
    # --- broken and odd lines
    "one-broken.jsonl": mixed(f'{R}\n{{"text": "x\n{R}'.encode(), [T, T], ("", 2, "invalid-json")),
    "two-on-a-line.jsonl": mixed(f"{R}{R}\n{R}".encode(), [T], ("", 1, "invalid-json")),
    "comma-after.jsonl": mixed(f"{R},\n{R}".encode(), [T], ("", 1, "invalid-json")),
    "single-quotes.jsonl": bad(f"{{'text': '{T}'}}".encode(), "invalid-json", 1),
    "no-quotes.jsonl": bad(f"{{text: {T}}}".encode(), "invalid-json", 1),
    "python.jsonl": bad(f"{{'text': None, 'a': '{T}'}}".encode(), "invalid-json", 1),
    "pretty.jsonl": mixed(
        json.dumps({"text": T}, ensure_ascii=False, indent=1).encode(),
        [],
        *[("", n, "invalid-json") for n in (1, 2, 3)],
    ),
    "tab-inside.jsonl": good(f'{{"text": "{T}\t{T}"}}'.encode(), f"{T}\t{T}"),
    "nan.jsonl": good(f'{{"n": NaN, "m": -Infinity, "text": "{T}"}}'.encode(), T),
    "long-number.jsonl": good(f'{{"n": {"9" * 4000}, "text": "{T}"}}'.encode(), T),
    "longer-number.jsonl": bad(f'{{"n": {"9" * 5000}, "text": "{T}"}}'.encode(), "invalid-json", 1),
    "big-exponent.jsonl": good(f'{{"n": 1e999999, "text": "{T}"}}'.encode(), T),
    "scalars.jsonl": mixed(
        f'1\n"x"\nnull\ntrue\n[]\n{R}'.encode(), [T], *[("", n, "not-a-record") for n in range(1, 6)]
    ),
    "empty-object.jsonl": bad(b"{}", "no-text-column", 1),
    "same-key-twice.jsonl": good(f'{{"text": "x", "text": "{T}"}}'.encode(), T),
    "text-number.jsonl": good(b'{"text": 417}', "417"),
    "text-bool.jsonl": bad(b'{"text": true}', "empty", 1),
    "text-list.jsonl": good(jsonl({"text": [T, T]}), f"{T}\n{T}"),
    "text-odd-list.jsonl": good(jsonl({"text": [T, 1, None]}), T),
    "text-blank.jsonl": bad(jsonl({"text": "\u3000\n\t "}), "empty", 1),
    "id-list.jsonl": good(jsonl({"id": ["a", {"b": 1}], "text": T}), T),
    "id-object.jsonl": good(jsonl({"id": {"$oid": {"$x": 5}}, "text": T}), T),
    "id-float.jsonl": good(jsonl({"id": 1e300, "text": T}), T),
    "id-slashes.jsonl": good(jsonl({"id": "../../etc/passwd\0\n#:", "text": T}), T),
    "id-long.jsonl": good(jsonl({"id": "x" * 100_000, "text": T}), T),
    "date-odd.jsonl": good(jsonl({"date": {"$date": {"$numberLong": "9" * 30}}, "text": T}), T),
    "date-infinite.jsonl": good(f'{{"date": Infinity, "text": "{T}"}}'.encode(), T),
    "date-zero.jsonl": good(jsonl({"date": "0000-00-00", "text": T}), T),
    "date-far.jsonl": good(jsonl({"date": "99999年99月99日", "text": T}), T),
    "million-keys.jsonl": good(lambda: jsonl({**{f"k{n}": n for n in range(300_000)}, "text": T}), T),
    "markup-key.jsonl": good(jsonl({"<script>alert(1)</script>": 1, "text": T}), T),
    "proto-key.jsonl": good(jsonl({"__proto__": {"x": 1}, "__class__": "x", "text": T}), T),
    # --- whole files
    "cut-in-element.json": mixed(f"[{R}, {R[:-4]}".encode(), [T], ("", 2, "truncated")),
    "cut-between.json": mixed(f"[{R},".encode(), [T], ("", 2, "truncated")),
    "broken-element.json": mixed(f'[{R}, {{"text": oops}}, {R}{" " * 99}]'.encode(), [T], ("", 2, "invalid-json")),
    "junk-behind.json": mixed(f"[{R}] oops{' ' * 99}".encode(), [T], ("", 2, "invalid-json")),
    "junk-before.json": bad(f"callback([{R}]);{' ' * 99}".encode(), "invalid-json"),
    "two-lists.json": good(f"[{R}] [{R}]".encode(), T, T),
    "objects.json": good(f"{R} {R}\n{R}".encode(), T, T, T),
    "no-commas.json": good(f"[{R} {R}]".encode(), T, T),
    "too-many-commas.json": good(f"[,,{R},,]".encode(), T),
    "mixed-elements.json": mixed(
        f'[1, "x", null, [{R}], {R}]'.encode(), [T], *[("", n, "not-a-record") for n in (1, 2, 3, 4)]
    ),
    "list-of-lists.json": bad(f"[[{R}]]".encode(), "not-a-record", 1),
    "string.json": bad(b'"' + T.encode() + b'"', "not-a-record"),
    "no-list.json": bad(b'{"a": {"b": {"c": 1}}}', "no-text-column"),
    "two-inner-lists.json": bad(json.dumps({"a": [{"x": 1}], "b": [{"x": 1}]}).encode(), "no-text-column"),
    "list-of-nothing.json": bad(b'{"data": {"list": []}}', "no-text-column"),
    "blank.json": bad(b" \n\t ", "empty"),
    "backslashes.json": bad(lambda: b'["' + b"\\" * 100_001, "truncated"),
    "quotes.json": bad(lambda: b"[" + b'"",' * 20_000, "truncated", 20_001)._replace(
        rejects=(*(("", n, "not-a-record") for n in range(1, 20_001)), ("", 20_001, "truncated"))
    ),
    "record-of-17-mb.jsonl": mixed(
        lambda: f'{{"text": "{"x" * (17 << 20)}"}}\n{R}'.encode(), [T], ("", 1, "too-large")
    ),
    "record-of-17-mb.json": mixed(
        lambda: f'[{R}, {{"text": "{"x" * (17 << 20)}"}}, {R}]'.encode(), [T], ("", 2, "too-large")
    ),
}
