"""Pictures for pages: small, and still what the plotting library drew."""

import re
from functools import partial

import pytest

pytest.importorskip("matplotlib")

from certify.figures import Mark, curves, inline_svg
from certify.svg import slim


def test_pictures_are_small_and_complete() -> None:
    series = [
        (name, [Mark(m, m * scale, hollow=m == 3) for m in range(3, 200)]) for name, scale in (("a<", 1), ("b", 2))
    ]
    text = inline_svg(partial(curves, series=series, xlabel="x", ylabel="y", legend=True), 'a "title" & more')
    assert 'role="img" aria-label="a &quot;title&quot; &amp; more"' in text
    assert len(re.findall(r"h0(?=[M\"])", text)) == 2 * 196  # a dot each
    assert text.count("<use") > 2  # ticks, and a hollow mark each
    assert len(text) < 20_000
    assert "a&lt;" in text
    assert "currentColor" in text
    assert not re.search(r'style=|\n|\d\.\d{3}| id="(patch|line|axis)', text)


def test_what_refers_to_each_other_stays() -> None:
    mark = '<use xlink:href="#m" x="1.23456" style="fill: red"/>'
    text = slim(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
        '<metadata>no</metadata><!-- no --><g id="figure"><defs><path id="m" d="M 0 0 \nL 1 -0.001 \nz"/></defs>'
        f'<g>{mark}{mark}</g></g><g/><text style="font-family: A, B; fill: red">1.23456</text></svg>',
        "t",
    )
    body = text.partition("</style>")[2]
    assert re.sub(r"s[0-9a-f]+(?=\")", "S", body) == (
        '<defs><path id="m" d="M0 0L1 0z" /></defs><g class="S">'
        '<use href="#m" x="1.23" /><use href="#m" x="1.23" /></g>'
        '<text class="S">1.23456</text></svg>'
    )
