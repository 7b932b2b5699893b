"""What decides what comes out of an article: code, lexicons and libraries."""

from __future__ import annotations

import json
import platform
from hashlib import sha256
from pathlib import Path

from pipeline import __version__, lexicon

__all__ = ["differences", "rules", "versions"]


def rules() -> str:
    """Fingerprint of all that decides what comes out of an article, with the lexicons now in use."""
    package = Path(__file__).parent.parent
    code = sha256()
    for path in sorted((*package.glob("*.py"), *package.glob("engine/*.py"), *package.glob("stages/**/*"))):
        if path.is_file() and path.suffix != ".pyc":
            code.update(path.relative_to(package).as_posix().encode() + b"\x00" + path.read_bytes())
    return json.dumps([code.hexdigest(), lexicon.fingerprint(), versions()])


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the libraries that it stands on."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    try:
        needed = [
            re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in requires("zhanbao") or [] if "extra ==" not in need
        ]
    except PackageNotFoundError:  # run from a folder without having been installed
        needed = []
    return {"zhanbao": __version__, "python": platform.python_version()} | {
        name: version(name) for name in sorted(needed)
    }


def differences(here: str, there: str) -> str:
    """What two fingerprints do not have in common, in words.

    >>> differences('["a", {"units": "1"}, {"python": "3.12.1"}]', '["a", {"units": "2"}, {"python": "3.13.0"}]')
    'lexicon units; python 3.12.1, not 3.13.0'
    """
    (code, lexicons, found), (other_code, other_lexicons, wanted) = json.loads(here), json.loads(there)
    said = ["code of zhanbao"] if code != other_code else []
    said += [f"lexicon {name}" for name in _unlike(lexicons, other_lexicons)]
    said += [f"{name} {found.get(name, 'none')}, not {wanted.get(name, 'none')}" for name in _unlike(found, wanted)]
    return "; ".join(said)


def _unlike(one: dict[str, str], two: dict[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
