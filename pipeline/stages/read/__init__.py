"""read: a dump as articles.

``plan`` cuts a dump into shards, ``read`` gives the articles of a shard and names what cannot be used, ``digest``
hashes a shard's input. A dump may lie in a store (``s3://…``); ``fetched`` brings a shard's bytes from there.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     _ = Path(folder, "通报.txt").write_bytes("全市查找问题41个".encode("gb18030"))
...     for shard in plan(folder):
...         for item in read(shard):
...             print(item.article_id, item.raw_text, item.encoding)
通报 全市查找问题41个 gb18030

What is read: text (.txt), web pages (.html .htm .shtml .xhtml), JSON lines (.jsonl .ndjson), JSON (.json), tables
(.csv .tsv .tab .xlsx .parquet), each also with .gz or .zst, and in .zip, .tar, .tar.gz, .tgz, .tar.zst, also one in
another. Skipped without a word are names that begin with a dot, README with any suffix, __MACOSX, Thumbs.db and
desktop.ini. Everything else becomes a reject.

The row of a record counts from 1: lines in JSON lines, elements in JSON, rows below the header in tables. A
record without an id is called after its file and row (``folder/file#7``), also where it is the only one of a table or
JSON lines file, so that its id stays when more are added; a text, a page and a JSON file of one object are
called after the file.

Invalid bytes in a text become U+FFFD in ``raw_text``; the stage *repair* counts them as damage.

Reasons of rejects:

============== =============================================================================
bad-row        a row of a table cannot be parsed, or holds a value that cannot be read
binary         no text in any of the encodings
bomb           unpacks to far more than a report would
damaged        an archive or compressed file with broken data
empty          nothing, or nothing but blanks, in the file or in the record's text
encrypted      a member of an archive that needs a password
extra-cells    a row with more cells than the header has columns
invalid-json   no JSON
no-main-text   a page without a main text
no-text-column a table or record without a column that is known to hold the text
not-a-file     a pipe, socket or device, or a link in an archive
not-a-record   JSON that is no object
symlink        a symbolic link, which is not followed unless asked
too-deep       archives within archives within archives
too-large      a record, page or file over the limit
truncated      the end is missing; what was complete before was read
unknown-field  a column mapping to a field that does not exist
unknown-form   a suffix that is not known
unreadable     the system or the library for the form refuses the file
============== =============================================================================
"""

from __future__ import annotations

from pipeline.stages.read.dump import SHARD_BYTES, Piece, Shard, digest, plan, shards
from pipeline.stages.read.fetch import fetched
from pipeline.stages.read.limits import LIMITS, Limits
from pipeline.stages.read.reader import read

__all__ = ["LIMITS", "SHARD_BYTES", "Limits", "Piece", "Shard", "digest", "fetched", "plan", "read", "shards"]
