"""The loop that a user would write instead, and that zhanbao is measured against.

Everything in it comes from well-known packages, used as their pages show: OpenCC turns the text into
simplified characters, jieba cuts it into words, one regular expression finds numbers with the word behind,
cpca looks for province, city and county in each sentence that has a number.
"""

from __future__ import annotations

import csv
import json
import logging
import re
from pathlib import Path

NUMBER = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千]+)(?P<times>[万亿]?)[余多]?"
    r"(?P<unit>人次|件次|场次|平方米|公里|[%％个件条人名户家起宗项份场期次处亩吨元])"
)
SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")


class Loop:
    """The packages, loaded."""

    def __init__(self) -> None:
        import cpca
        import jieba
        import opencc

        jieba.setLogLevel(logging.WARNING)
        jieba.initialize()
        self._converter = opencc.OpenCC("t2s")
        self._cut = jieba.lcut
        self._locate = cpca.transform
        self._converter.convert("紀委")
        self._locate(["重庆市万州区"])

    def run(self, dump: Path, out: Path) -> int:
        """Write the figures of a JSONL dump as CSV and return their number."""
        figures = 0
        with dump.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["id", "number", "unit", "words", "province", "city", "county", "code", "sentence"])
            for line in lines:
                record = json.loads(line)
                rows = self.figures(record["text"])
                table.writerows([record["id"], *row] for row in rows)
                figures += len(rows)
        return figures

    def figures(self, text: str) -> list[list[object]]:
        """The rows of one text."""
        rows: list[list[object]] = []
        for sentence in SENTENCE.findall(self._converter.convert(text)):
            words = self._cut(sentence)
            numbers = list(NUMBER.finditer(sentence))
            if not numbers:
                continue
            place = self._locate([sentence]).iloc[0]
            where = [place["省"], place["市"], place["区"], place["adcode"]]
            rows += [[n["number"] + n["times"], n["unit"], len(words), *where, sentence] for n in numbers]
        return rows

    def cut_only(self, dump: Path) -> int:
        """Cut all texts with jieba and do nothing else; returns the number of words."""
        with dump.open(encoding="utf-8") as lines:
            return sum(len(self._cut(json.loads(line)["text"])) for line in lines)
