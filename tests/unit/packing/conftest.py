"""The programs behind `make image` are no part of a package: they are found as make finds them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "pod_image"))
