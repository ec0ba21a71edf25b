"""Settings, read once from the environment and frozen. All that is wrong or missing is said in one message."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from wastetrack.domain.scans import MOST_MEGABYTES, MOST_OF_ONE

HERE = Path(__file__).resolve().parent
LEAST_SECRET = 32
CITY_DIGITS = "130181=1301,130682=1306,13XA00=1306"
"""Which digits stand for 辛集, 定州 and 雄安 in a manifest number, unless MANIFEST_CITY_DIGITS says otherwise.

What the state system gives them is not known for sure: until somebody does, those of the city that contains them.
"""


class WrongSettings(Exception):
    """The environment cannot be used; the message lists every reason."""


@dataclass(frozen=True)
class Settings:
    """Everything the installation decides. `public_url` is what QR codes point to, without a trailing slash."""

    database_url: str
    secret_key: str
    public_url: str
    instance: Path
    secret_key_fallbacks: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    debug: bool = False
    testing: bool = False
    trusted_proxies: int = 0
    """How many proxies stand before the site, each adding the address it was called from."""
    sign_ins_per_minute: int = field(default=20)
    manifest_city_digits: Mapping[str, str] = field(default_factory=lambda: _digits(CITY_DIGITS) or {})
    """Divisions that have digits of their own in manifest numbers, four each."""
    contract_missing_blocks: bool = False
    """Whether a manifest cannot be signed without a written contract in force; otherwise its absence is only said."""
    plan_missing_blocks: bool = False
    """The same for a management plan that is not filed. Beyond a plan that is filed nothing is signed, ever."""
    carrier_contract_warns: bool = True
    """Whether it is said before signing that neither consignor nor receiver has a contract with the carrier."""
    scan_megabytes: int = MOST_MEGABYTES
    """How large one scan of a paper may be."""
    scans_per_paper: int = MOST_OF_ONE
    """How many scans one paper may have, withdrawn ones too."""
    import_file_days: int = 30
    """After how many days a file that was sent for import is deleted."""
    ledger_interval: int = 60
    """Seconds within which a new event is under a signed head of the custody ledger."""
    ledger_key_file: Path | None = None
    """Where the keys that sign heads are, unless they are to be made and kept in the data folder."""
    mandate_days: int = 365
    """For how many days somebody is authorised to act for another organisation at most."""
    admission_days: int = 5
    """After how many working days a request to be admitted that nobody decided is shown as overdue."""
    small_institutions_plan: bool = False
    """Whether a missing management plan is an alarm for medical institutions of at most 19 beds too."""

    @property
    def secure(self) -> bool:
        """Tell whether people reach the site over TLS, so that cookies may be bound to it."""
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raise WrongSettings naming every wrong value at once."""
    wrong: list[str] = []
    instance = Path(environment.get("INSTANCE_PATH", str(HERE / "instance"))).absolute()
    host = environment.get("HOST", "127.0.0.1")
    port = environment.get("PORT", "8000")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        wrong.append(f"PORT must be a number from 1 to 65535, not {port!r}")
    public_url = environment.get("PUBLIC_URL", f"http://{host}:{port}").rstrip("/")
    address = urlsplit(public_url)
    if address.scheme not in {"http", "https"} or not address.hostname or address.path:
        wrong.append(f"PUBLIC_URL must be like https://waste.example, not {public_url!r}")
    database_url = environment.get("DATABASE_URL", f"sqlite:///{instance / 'wastetrack.db'}")
    if not database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        wrong.append("DATABASE_URL must begin with sqlite:/// or postgresql://")
    secret_key = environment.get("SECRET_KEY") or _kept_secret(instance)
    fallbacks = tuple(filter(None, environment.get("SECRET_KEY_FALLBACKS", "").split(",")))
    if any(len(set(key)) < LEAST_SECRET // 4 or len(key) < LEAST_SECRET for key in (secret_key, *fallbacks)):
        wrong.append(f"SECRET_KEY needs at least {LEAST_SECRET} random characters")
    debug = environment.get("DEBUG", "") in {"1", "true", "yes"}
    if debug and host not in {"127.0.0.1", "::1", "localhost"}:
        wrong.append("DEBUG is only for loopback: unset DEBUG or set HOST=127.0.0.1")
    proxies = environment.get("TRUSTED_PROXIES", "0")
    if not (proxies.isdecimal() and int(proxies) < 10):
        wrong.append(f"TRUSTED_PROXIES must be how many proxies stand before the site, not {proxies!r}")
    hosts = tuple(filter(None, environment.get("TRUSTED_HOSTS", "").split(",")))
    digits = _digits(environment.get("MANIFEST_CITY_DIGITS", CITY_DIGITS))
    if digits is None:
        wrong.append("MANIFEST_CITY_DIGITS must be like 130181=1301,130682=1306: a division and its four digits each")
    days = {name: environment.get(name, usual) for name, usual in _DAYS.items()}
    wrong += [f"{name} must be a number of days from 1 to 366, not {text!r}" for name, text in days.items()
              if not (text.isdecimal() and 0 < int(text) <= 366)]  # fmt: skip
    said = {name: environment.get(name, words[0]) for name, words in _EITHER.items()}
    wrong += _not_one_of_two(said)
    scans = {}
    numbers = (
        ("SCAN_MEGABYTES", MOST_MEGABYTES, 50), ("SCANS_PER_PAPER", MOST_OF_ONE, 1000), ("IMPORT_FILE_DAYS", 30, 3650),
    )  # fmt: skip
    for name, usual, most in numbers:
        text = environment.get(name, str(usual))
        if text.isascii() and text.isdecimal() and 0 < int(text) <= most:
            scans[name] = int(text)
        else:
            wrong.append(f"{name} must be a number from 1 to {most}, not {text!r}")
    interval, key_file = _ledger(environment, wrong)
    if wrong:
        raise WrongSettings("WasteTrack cannot start:\n- " + "\n- ".join(wrong))
    return Settings(
        database_url=database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        secret_key=secret_key,
        public_url=public_url,
        instance=instance,
        secret_key_fallbacks=fallbacks,
        trusted_hosts=hosts,
        trusted_proxies=int(proxies),
        debug=debug,
        testing=environment.get("TESTING", "") == "1",
        manifest_city_digits=digits or {},
        contract_missing_blocks=said["CONTRACT_MISSING"] == "block",
        plan_missing_blocks=said["PLAN_MISSING"] == "block",
        carrier_contract_warns=said["CARRIER_CONTRACT_MISSING"] == "warn",
        scan_megabytes=scans["SCAN_MEGABYTES"],
        scans_per_paper=scans["SCANS_PER_PAPER"],
        import_file_days=scans["IMPORT_FILE_DAYS"],
        ledger_interval=interval,
        ledger_key_file=key_file,
        mandate_days=int(days["MANDATE_DAYS"]),
        admission_days=int(days["ADMISSION_DAYS"]),
        small_institutions_plan=said["SMALL_INSTITUTIONS_PLAN"] == "yes",
    )


_DAYS = {"MANDATE_DAYS": "365", "ADMISSION_DAYS": "5"}
_EITHER = {
    "CONTRACT_MISSING": ("warn", "block"),
    "PLAN_MISSING": ("warn", "block"),
    "CARRIER_CONTRACT_MISSING": ("warn", "ignore"),
    "SMALL_INSTITUTIONS_PLAN": ("no", "yes"),
}
"""Settings with one of two words, the usual one first."""


def _not_one_of_two(said: Mapping[str, str]) -> list[str]:
    """Say which settings have neither of their two words."""
    return [
        f"{name} must be {usual} or {other}, not {said[name]!r}"
        for name, (usual, other) in _EITHER.items()
        if said[name] not in {usual, other}
    ]


def _ledger(environment: Mapping[str, str], wrong: list[str]) -> tuple[int, Path | None]:
    """Read how often the ledger's heads are signed and where the keys are provided; note what is wrong."""
    interval, path = environment.get("LEDGER_INTERVAL", "60"), environment.get("LEDGER_KEY_FILE", "")
    right = interval.isascii() and interval.isdecimal() and 0 < int(interval) <= 3600
    if not right:
        wrong.append(f"LEDGER_INTERVAL must be a number of seconds from 1 to 3600, not {interval!r}")
    if path and not os.access(path, os.R_OK):
        wrong.append(f"LEDGER_KEY_FILE must be a file that can be read, not {path!r}")
    return int(interval) if right else 60, Path(path) if path else None


def _digits(text: str) -> dict[str, str] | None:
    """Read pairs of a division's code and its four digits in a manifest number; None where one cannot be read."""
    pairs = [pair.strip().split("=") for pair in text.split(",") if pair.strip()]
    if not all(len(pair) == 2 and re.fullmatch("[0-9A-Z]{6,12}", pair[0]) and re.fullmatch("[0-9]{4}", pair[1])
               for pair in pairs):  # fmt: skip
        return None
    return {pair[0]: pair[1] for pair in pairs}


def _kept_secret(instance: Path) -> str:
    """Return the secret kept in the instance folder, made on the first start and readable by its owner only."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
