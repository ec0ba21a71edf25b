"""A wrong setting stops the start with one message that names them all; a weak secret is never accepted."""

import pytest

from config import WrongSettings, read_settings

GOOD = {"SECRET_KEY": "only-for-this-test-0123456789-abcdefghij"}


def test_settings_come_with_sensible_defaults(tmp_path):
    settings = read_settings({"INSTANCE_PATH": str(tmp_path), **GOOD})
    assert (settings.public_url, settings.secure, settings.trusted_proxies) == ("http://127.0.0.1:8000", False, 0)


def test_all_wrong_settings_are_named_at_once(tmp_path):
    wrong = {"PORT": "many", "PUBLIC_URL": "ftp://x", "TRUSTED_PROXIES": "-1"}
    wrong |= {
        "MANIFEST_CITY_DIGITS": "辛集=1301",
        "SCAN_MEGABYTES": "51",
        "SCANS_PER_PAPER": "0",
        "IMPORT_FILE_DAYS": "0",
    }
    wrong["CARRIER_CONTRACT_MISSING"] = "block"
    wrong |= {"LEDGER_INTERVAL": "0", "LEDGER_KEY_FILE": str(tmp_path / "missing.pem")}
    with pytest.raises(WrongSettings) as refusal:
        read_settings({"INSTANCE_PATH": str(tmp_path), **wrong, "DATABASE_URL": "mysql://x", "SECRET_KEY": "short"})
    for name in ("DATABASE_URL", "SECRET_KEY", *wrong):
        assert name in str(refusal.value)


def test_a_secret_is_made_once_and_kept_from_others(tmp_path):
    first = read_settings({"INSTANCE_PATH": str(tmp_path)}).secret_key
    assert read_settings({"INSTANCE_PATH": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_debug_is_refused_where_others_can_reach_it(tmp_path):
    with pytest.raises(WrongSettings, match="DEBUG"):
        read_settings({"INSTANCE_PATH": str(tmp_path), "DEBUG": "1", "HOST": "0.0.0.0", **GOOD})


def test_over_tls_the_cookie_is_bound_to_the_host(tmp_path):
    assert read_settings({"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": "https://waste.example", **GOOD}).secure


def test_the_digits_of_doubtful_cities_are_a_setting_with_a_default(tmp_path):
    given = {"INSTANCE_PATH": str(tmp_path), **GOOD}
    assert read_settings(given).manifest_city_digits["13XA00"] == "1306"
    assert read_settings({**given, "MANIFEST_CITY_DIGITS": "13XA00=1331"}).manifest_city_digits == {"13XA00": "1331"}
    assert read_settings({**given, "MANIFEST_CITY_DIGITS": ""}).manifest_city_digits == {}
