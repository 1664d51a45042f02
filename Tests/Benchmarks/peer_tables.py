#!/usr/bin/env python3
"""Read a CSV file with pandas, write it with pandas, and print what the writing alone cost."""
import json
import resource
import sys
import time

import pandas

frame = pandas.read_csv(sys.argv[1])
cpu, wall = time.process_time(), time.monotonic()
frame.to_csv(sys.argv[2], index=False)
cost = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
print(json.dumps(cost | {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
