"""Pictures for notebooks: the map of tiles, and figures marked in their sentences."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from pipeline import lexicon
from pipeline.explore.lookup import ArticleView, FigureView, find

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

__all__ = ["FONTS", "Highlighted", "highlight", "tile_map"]

#: fonts with Chinese characters, of which nearly every system has one; for charts, which a browser draws
FONTS = (
    "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Hiragino Sans GB, Microsoft YaHei, "
    "WenQuanYi Micro Hei, sans-serif"
)

#: colours that are told apart on light and on dark ground
_STYLES = {
    "this": "background:#ffd54d;color:#000;font-weight:bold",
    "other": "background:#fff1bf;color:#000",
    "target": "background:#f6dcf2;color:#000",
    "actor": "background:#d9f2d4;color:#000",
    "context": "background:#e6e9ed;color:#000",
}


@dataclass(frozen=True, slots=True)
class Highlighted:
    """A text with marked places; a notebook shows it in colour, ``print`` with the marks 【】."""

    #: (text, kind of mark or '', what a pointer over it says)
    pieces: tuple[tuple[str, str, str], ...]
    caption: str = ""

    def __str__(self) -> str:
        """The text with its marked places in 【】."""
        return "".join(f"【{text}】" if kind else text for text, kind, _ in self.pieces)

    def _repr_html_(self) -> str:
        """The text for a notebook. Whatever the text holds stays text."""
        marked = "".join(
            f'<mark style="{_STYLES[kind]}" title="{escape(said)}">{escape(text)}</mark>' if kind else escape(text)
            for text, kind, said in self.pieces
        )
        caption = f'<div style="opacity:.7;font-size:90%">{escape(self.caption)}</div>' if self.caption else ""
        return f'<div style="white-space:pre-wrap;line-height:1.8">{marked}</div>{caption}'


def highlight(out: str | os.PathLike[str], identifier: str) -> Highlighted:
    """A figure in its sentence, or an article with all its figures, marked; for a notebook.

    Args:
        out: the output folder of a run.
        identifier: a figure's or an article's id.

    Raises:
        NotFoundError: there is neither; the message says what there is.
    """
    found = find(out, identifier)
    return _figure(found) if isinstance(found, FigureView) else _article(found)


def _figure(view: FigureView) -> Highlighted:
    pieces = [(view.context_before, "", ""), (view.before, "", ""), (view.quote, "this", _said(view.figure))]
    pieces += [(view.after, "", ""), (view.context_after, "", "")]
    return Highlighted(tuple(piece for piece in pieces if piece[0]), _source(view.article))


def _article(view: ArticleView) -> Highlighted:
    text = view.article["raw_text"]
    return Highlighted(tuple(_pieces(text, view.figures)), _source(view.article))


def _pieces(text: str, figures: Iterable[dict[str, Any]]) -> Iterable[tuple[str, str, str]]:
    """The text cut at the figures; of two figures in one place the first is marked."""
    at = 0
    for figure in figures:
        if figure["start"] < at:
            continue
        yield text[at : figure["start"]], "", ""
        kind = "other" if figure["role"] == "result" else figure["role"]
        yield text[figure["start"] : figure["end"]], kind, _said(figure)
        at = figure["end"]
    yield text[at:], "", ""


def _said(figure: dict[str, Any]) -> str:
    named = (figure["metric"] or figure["role"], figure["region_name"], figure["object"], figure["campaign"])
    return " · ".join([f"{figure['value']:.12g} {figure['unit']}", *(word for word in named if word)])


def _source(article: dict[str, Any]) -> str:
    published = article["published"]
    words = (article["title"], article["outlet"], published and published.isoformat(), article["article_id"])
    return " · ".join(word for word in words if word)


def tile_map(values: pd.DataFrame, value: str = "value", title: str = "", width: int = 440) -> alt.LayerChart:
    """The provinces as equal squares placed like the country, coloured by a value. Needs ``altair``.

    No boundaries are drawn, so none are needed. Tiles without a value stay empty.

    Args:
        values: a column ``region`` with codes of provinces (other codes are left out) and one row a province; where
            there are several the first counts.
        value: the column that decides the colour.
        title: of the chart.
        width: in pixels; the height follows.

    Raises:
        KeyError: ``values`` has no such column.
    """
    import altair as alt
    import pandas as pd

    tiles = pd.DataFrame([dict(row) for row in lexicon.table("province_tiles")]).astype({"column": int, "row": int})
    first = values[["region", value]].dropna().drop_duplicates("region").set_index("region")[value]
    tiles["value"] = tiles["code"].map(first)
    # a column that has values only here and there is made of objects
    tiles["value"] = tiles["value"].astype(float)
    side = width / (tiles["column"].max() + 1)
    base = alt.Chart(tiles, title=title, width=width, height=side * (tiles["row"].max() + 1)).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(padding=0.05)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(padding=0.05)),
        tooltip=[alt.Tooltip("label", title="省"), alt.Tooltip("value", title=value, format=",")],
    )
    squares = base.mark_rect(stroke="#8a929c", cornerRadius=3).encode(
        color=alt.condition(
            "isValid(datum.value)",
            alt.Color("value:Q", scale=alt.Scale(scheme="blues"), title=value),
            alt.value("transparent"),
        )
    )
    names = base.mark_text(font=FONTS, fontSize=side / 4.2).encode(
        text="label",
        color=alt.condition(
            f"isValid(datum.value) && datum.value > {_middle(tiles['value'])}",
            alt.value("white"),
            alt.value("#4a525c"),
        ),
    )
    chart: alt.LayerChart = alt.layer(squares, names).configure(font=FONTS).configure_view(strokeWidth=0)
    return chart


def _middle(values: pd.Series[float]) -> float:
    """The value above which the colour is dark: halfway between the smallest and the largest."""
    found = values.dropna()
    return float(found.min() + found.max()) / 2 if len(found) else 0.0
