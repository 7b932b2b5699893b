"""The fuzzer's own process: ``python -m fuzz.inside TARGET [OPTION OF LIBFUZZER ...]``."""

from __future__ import annotations

import sys


def main(target: str, told: list[str]) -> None:
    """Fuzz with the package's code instrumented, so that the fuzzer sees what it reaches; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["pipeline"]):
        from .targets import TARGETS

        # stages are imported when first used
        TARGETS["pipeline"]("全县查处问题5件，其中移送2件(jīng)。".encode())
        TARGETS["read"](b"\x00a")
    run = TARGETS[target]

    def once(data: bytes) -> None:
        run(data)

    atheris.Setup([sys.argv[0], *told], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
