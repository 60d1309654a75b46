"""The seed of everything random in these tests; `TRILLET_TEST_SEED` repeats a run."""

from __future__ import annotations

import os
import random

SEED = int(os.environ.get("TRILLET_TEST_SEED", "0")) or random.SystemRandom().randrange(1 << 31)
