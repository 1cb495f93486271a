"""How many examples a law is tried on: few by default, `MERGER_EXAMPLES=500` for long."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "merger",
    max_examples=int(os.environ.get("MERGER_EXAMPLES", "4")),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # a job takes too long to be made smaller; its seed is told
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("merger")
