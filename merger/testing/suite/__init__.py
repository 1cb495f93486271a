"""The consistency suite: the laws on somebody's own mapping and job, one test each.

`merger.testing.plugin` collects them for pytest. Every text is in the catalogue's part `testing`.
"""
