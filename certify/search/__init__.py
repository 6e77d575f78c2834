"""Random search for critical points: fast, in float64, and trusted by nobody.

`search` descends from many random starts, polishes with Newton's method and groups the end points up to permutations
of students and of interchangeable teachers.
"""

from certify.search.descent import Run
from certify.search.grouping import Group
from certify.search.run import SearchResult, search
from certify.search.setting import Setting
from certify.search.wilson import wilson_interval

__all__ = ["Group", "Run", "SearchResult", "Setting", "search", "wilson_interval"]
