"""The report page: a run to look at in a browser, without a server and without a network.

:func:`build` reads the output of a run and writes ``report/index.html`` with one script, one style sheet, two
libraries and the data, cut into scripts that the page loads when it needs them: a page opened from disk may load
scripts that lie beside it, but may not read other files.
"""

from pipeline.report.page import build

__all__ = ["build"]
