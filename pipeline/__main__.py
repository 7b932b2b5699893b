"""``python -m pipeline`` is the command ``zhanbao``."""

from pipeline.cli import main

if __name__ == "__main__":
    main(prog_name="zhanbao")
