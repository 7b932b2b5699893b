"""From the figures of all reports to tables: reprints, facts, checks, and the tables by region.

:func:`pipeline.tables.build.build` does it all; each step is also a function of its own over the files of a run.
"""
