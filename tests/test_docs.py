"""What the build of the site does not see: links of the pages outside docs/, and the directives of docs/lookup.py."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    inside = [target.partition("#")[0] for target in targets if "://" not in target]
    assert len(inside) > 10
    assert [target for target in inside if not (ROOT / target).is_file()] == []


def test_every_lexicon_says_what_it_is_for() -> None:
    from lookup import _comments

    from pipeline import lexicon

    assert set(lexicon.names()) <= set(_comments())


def test_text_of_a_lexicon_is_no_markup() -> None:
    from lookup import _code, _plain

    assert _plain("[a] *b* `c` ``d|e``") == r"\[a\] \*b\* \`c\` `d\|e`"
    assert _code("(a|b)`") == r"``(a\|b)```"
