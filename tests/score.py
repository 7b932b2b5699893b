"""Hold the product against marked reports: python tests/score.py SHARED

SHARED is a folder with articles/, gold/*.jsonl and eval/score.py. Fails where a level falls below the floor
recorded in score_floor.toml; a level that has risen well above it is pointed out, so that the floor can follow.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

FLOORS = Path(__file__).with_name("score_floor.toml")

#: how far above its floor a level may be before the floor is called out of date
SLACK = 0.01


def main(shared: Path) -> int:
    if not (shared / "eval" / "score.py").is_file():
        print(f"{shared} has no marked reports: nothing to score")
        return 0
    floors = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    failures, slack = [], []
    with tempfile.TemporaryDirectory() as out:
        produce(shared / "articles", Path(out))
        for gold in sorted((shared / "gold").glob("*.jsonl")):
            reached = measure(shared / "eval" / "score.py", gold, Path(out))
            print(gold.stem.ljust(6), "  ".join(f"{level} {value:.3f}" for level, value in reached.items()))
            for level, value in reached.items():
                floor = floors.get(gold.stem, {}).get(level, 0.0)
                if value < floor:
                    failures.append(f"{gold.stem}: {level} is {value:.4f}, below its floor of {floor}")
                elif value > floor + SLACK:
                    slack.append(f"{gold.stem}.{level}")
    if slack:
        print("above the floor, which can be raised in tests/score_floor.toml:", ", ".join(slack))
    print("\n".join(failures) or "every level is at its floor or above")
    return 1 if failures else 0


def produce(articles: Path, out: Path) -> None:
    command = [Path(sys.executable).with_name("zhanbao"), "run", articles, "-o", out, "--quiet"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def measure(script: Path, gold: Path, out: Path) -> dict[str, float]:
    run = subprocess.run([sys.executable, script, gold, out, "--json"], check=True, capture_output=True, text=True)
    result = json.loads(run.stdout)
    return {level: r.get("F1", r.get("share")) for level, r in result.items() if level != "articles"}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
