"""The damage, done on purpose: what converters did to a text, by the model of `pipeline.stages.repair.byteshift`."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from pypinyin import Style, pinyin

#: Characters that carry readings on real pages, a sample.
LISTED = (
    "經開區導關鎮衛機單實業項領習動觀點驗學強風創務際認調設計話該說請議論證評訴試詳語誠課"
    "數幾產來會個對時過進還邊運達適選遠違連這們處復縣級給組結統繼續紀線約納練終經綜維緊"
    "發現當應張參見親覺視監規則決準減測滿漢濟灣無為熱爭狀獨獻環瑪電畫異療盜盡監確礎禮種"
    "積穩競筆節範築籌糧紅絕絡網羅義聯職聲聽腦與舉舊藝華萬葉著藥蘭處號補裝製複觸計訂記訓"
    "訪許訴診詞詢試詩話該詳誤說誰課調談請諸諾謀謝識譜警譯議護讀變讓負財責貢貧貨販貪貫購"
    "貴買費貼貿賀資賊賓賞賠賢賣賴贊贏赴趨跡踐車軌軍軟較載輔輕輛輪輯輸轉辦農遲遷選遺郵鄉"
    "針釘鈔鈴鉛銀銅銘銷鋒鋪錄錢錯鍊鎖鎮鏡鐘鐵鑑長門閃閉問闊間閣閱關陣陰陳陸陽隊階際隨險"
    "隱雜雙難雲電靈靜響頁頂項順須預頓領頭頻題額願類顧顯風飛飯飲餐館馬駐駛騎騙驗驚體鬥魚"
    "鮮鳥鳴鹽麗麥黃點齊齡龍負冊術擔"
)


@dataclass(frozen=True)
class Decoder:
    """How a page's decoder showed what it could not read."""

    #: what it showed for a byte that begins no character
    mark: str = "?"
    #: the ASCII characters that went with such a byte
    swallowed: str = "("
    #: what it showed for a pair without a character
    gap: str = ""


def damaged(text: str, rng: random.Random, listed: Iterable[str] = LISTED, decoder: Decoder | None = None) -> str:
    """Put readings behind the listed characters, byte by byte, and fold ！？， on the way.

    Raises:
        UnicodeEncodeError: a character of the text is not in GBK.
    """
    order = sorted(set(listed))
    rng.shuffle(order)
    raw = text.encode("gbk")
    for char in order:
        reading = pinyin(char, style=Style.TONE)[0][0]
        listed_bytes = char.encode("gbk")
        raw = raw.replace(listed_bytes, listed_bytes + f"({reading})".encode("gbk"))
    for sign in "！？，":
        raw = raw.replace(sign.encode("gbk"), chr(ord(sign) - 0xFEE0).encode())
    return decode(raw, decoder or Decoder())


def decode(raw: bytes, decoder: Decoder) -> str:
    """Read GBK as the decoder does."""
    shown: list[str] = []
    at = 0
    while at < len(raw):
        byte = raw[at]
        if byte < 0x80:
            shown.append(chr(byte))
            at += 1
        elif byte == 0x80:
            shown.append("€")
            at += 1
        elif at + 1 == len(raw) or raw[at + 1] < 0x40:
            shown.append(decoder.mark)
            at += 2 if raw[at + 1 : at + 2] and chr(raw[at + 1]) in decoder.swallowed else 1
        else:
            try:
                shown.append(raw[at : at + 2].decode("gbk"))
            except UnicodeDecodeError:
                shown.append(decoder.gap)
            at += 2
    return "".join(shown)
