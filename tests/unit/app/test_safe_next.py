"""After signing in one goes to a page of this site, whatever the address says."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.accounts import safe_next

SITE = "https://copydesk.example.org/login"


@pytest.mark.parametrize("path", ["/", "/batches", "/articles?outlet=Gull&after=3", "/a//b", "/é"])
def test_a_path_of_this_site_is_followed(path):
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "other",
    [
        "",
        "//evil.example.org",
        "///evil.example.org",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "/\t/evil.example.org",
        "\t//evil.example.org",
        "/\r\nLocation: //evil.example.org",
        "https://evil.example.org",
        "https:evil.example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example.org",
        "evil.example.org",
        "@evil.example.org",
        "/\u2028/evil.example.org",
    ],
)
def test_another_site_is_not_followed(other):
    assert safe_next(other) == "/"


@given(st.text(alphabet=st.sampled_from("/\\:@%.\t\r\n evil#?&=2f5c\u2028"), max_size=30))
def test_no_text_leads_away(wanted):
    browser_reads = safe_next(wanted).replace("\\", "/").translate({9: None, 10: None, 13: None})
    assert urlsplit(urljoin(SITE, browser_reads)).netloc == "copydesk.example.org"
