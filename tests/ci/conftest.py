"""The command line's fixture, as in tests/cli."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # claims
