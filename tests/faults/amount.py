"""How much is played. What comes by chance is played a few times in an ordinary run, and more in ``make faults``.

What does not come by chance (each named point, each fate of a broker) is played once, always.
"""

from __future__ import annotations

import os

TIMES = int(os.environ.get("GUIYANG_FAULTS_TIMES", "1"))
