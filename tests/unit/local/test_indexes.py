"""uv is told what pip was told."""

from local.indexes import as_uv_environment, parse_pip_config

LISTING = """\
:env:.find-links='/wheels /more-wheels'
:env:.disable-pip-version-check='1'
global.cert='/etc/ca.pem'
global.index-url='https://mirror.example.org/simple'
global.find-links='/other'
global.extra-index-url='file:///a/simple\\nfile:///b/simple'
install.trusted-host='mirror.example.org'
"""


def test_the_environment_wins_over_a_file() -> None:
    assert parse_pip_config(LISTING)["find-links"] == ["/wheels", "/more-wheels"]


def test_mirror_links_certificate_and_trusted_host_are_passed_on() -> None:
    assert as_uv_environment(parse_pip_config(LISTING), {}) == {
        "UV_DEFAULT_INDEX": "https://mirror.example.org/simple",
        "UV_INDEX": "file:///a/simple file:///b/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more-wheels",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_INSECURE_HOST": "mirror.example.org",
    }


def test_an_index_given_to_uv_itself_is_left_alone() -> None:
    given = {"UV_INDEX_URL": "https://own.example.org/simple", "SSL_CERT_FILE": "/own.pem"}
    assert as_uv_environment(parse_pip_config(LISTING), given) == {
        "UV_INSECURE_HOST": "mirror.example.org"
    }


def test_a_machine_without_any_setting_adds_nothing() -> None:
    assert as_uv_environment(parse_pip_config(""), {}) == {}


def test_lines_that_are_no_settings_are_passed_over() -> None:
    assert parse_pip_config("WARNING: something\nglobal.proxy=unquoted") == {"proxy": ["unquoted"]}
