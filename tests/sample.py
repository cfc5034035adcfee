# SPDX-License-Identifier: BSD-3-Clause
"""sample.py - which of a long series are looked at today?"""
import datetime
import os


def sample(series, every):
    """Each `every`th of them, another part each day; NDR_SAMPLE=N takes that of day N again. Says which."""
    day = int(os.environ.get("NDR_SAMPLE") or datetime.date.today().toordinal())
    if every > 1:
        print(f"# each {every}th, NDR_SAMPLE={day}", flush=True)
    return series[day % every::every] or series[:1]
