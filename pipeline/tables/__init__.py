"""From the figures of all reports to tables: reprints, facts, checks, and the tables by region.

:func:`pipeline.tables.build.build` makes all of them from the files of a run; :func:`pipeline.tables.cells.cell` says
what stands behind a value, :func:`pipeline.tables.cells.long_table` reads the facts. Each step is also a function of
its own.
"""
