"""What holds for all tests."""

from __future__ import annotations

import os

# Tests replace checks by others; what they find is nobody else's business, and no test may live on another's.
os.environ["MWAALINT_NO_CACHE"] = "1"
