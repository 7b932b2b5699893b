"""All measurements: ``python -m bench [SOURCE]``, where SOURCE is a folder with ``xwlb-*.jsonl.gz`` or a JSONL file."""

from __future__ import annotations

import sys

from bench import end_to_end, parts, peers, startup

if __name__ == "__main__":
    parts.main(sys.argv[1:])
    end_to_end.main(sys.argv[1:])
    end_to_end.main([*sys.argv[1:], "--sizes", "5,20", "--workers", "1,2"])
    peers.main(sys.argv[1:])
    startup.main([])
