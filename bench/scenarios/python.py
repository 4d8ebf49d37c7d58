"""
Runs a program in a process of its own, from its start to its end: wall time, processor time of Python and of what it
starts, and the memory of each at its highest. Prints them as JSON.
"""

import json
import os
import subprocess
import sys
import time

CHILD = """
import glob, runpy, sys

def highest(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

def below(pid):
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        for child in open(task).read().split():
            yield child
            yield from below(child)

sys.path.insert(0, sys.argv[1].rpartition("/")[0])
runpy.run_path(sys.argv[1], run_name="__main__")
with open(sys.argv[2], "w") as out:
    print(*[highest(pid) for pid in ["self", *below("self")]], file=out)
"""

program, memory = sys.argv[1:]
start = time.perf_counter()
process = subprocess.Popen([sys.executable, "-c", CHILD, program, memory], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - start
if status:
    sys.exit(f"{program} failed")
with open(memory) as out:
    sizes = [float(size) for size in out.read().split()]
print(
    json.dumps(
        {
            "ms": wall * 1000,
            "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
            "largestMiB": max(sizes),
            "togetherMiB": sum(sizes),
        }
    )
)
