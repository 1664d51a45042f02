"""What a command costs: wall time, CPU time and peak memory of its whole process tree."""
import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
MB = 1_000_000


@dataclass
class Cost:
    wall: float  # seconds
    cpu: float  # seconds
    memory: int  # bytes at the peak, over all processes of the tree: their own memory, not the files that they map
    largest: int = 0  # the same of the largest process


def children(pid):
    """The process ids of what the threads of a process started."""
    found = []
    for threads in Path(f"/proc/{pid}/task").glob("[0-9]*/children"):
        try:
            found += [int(child) for child in threads.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def tree(root):
    """The process ids of a process and everything below it."""
    found = [root]
    # Only these are read, and not all of /proc: what is watched fifty times a second would lose a core's tenth to it.
    for pid in found:
        found += children(pid)
    return found


def process_seconds(pid):
    """CPU time of one process with the threads that it has had, in steps of the kernel's clock; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[11]) + int(fields[12])) / TICKS


def own_memory(pid):
    """Resident bytes that are not pages of mapped files: those are the page cache's."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[1]) - int(fields[2])) * PAGE


def resident(pid):
    """Resident bytes as administrators see them: its own, and the pages of mapped files that it shares with others."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Watch(threading.Thread):
    """Looks at a process tree's memory and CPU time fifty times a second.

    CPU time is counted here, and not by waiting for processes, because a daemon need not wait for its workers.
    """

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.largest, self.cpu, self.ended = pid, 0, 0, {}, threading.Event()
        self.start()

    def look(self):
        pids = tree(self.pid)
        sizes = [own_memory(pid) for pid in pids]
        self.peak, self.largest = max(self.peak, sum(sizes)), max(self.largest, *sizes)
        for pid in pids:
            self.cpu[pid] = max(self.cpu.get(pid, 0), process_seconds(pid))

    def run(self):
        while not self.ended.wait(0.02):
            self.look()

    def stop(self):
        """Ends the watch; returns the CPU seconds of all processes that it saw."""
        self.ended.set()
        self.join()
        self.look()
        return sum(self.cpu.values())


def run(command, **options):
    """Runs a command to its end; fails where it does."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=options.pop("stdin", subprocess.DEVNULL), **options)
    watch = Watch(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    # The kernel counts exactly, but only the processes that someone waited for.
    cpu = max(usage.ru_utime + usage.ru_stime, watch.stop())
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}")
    return Cost(wall, cpu, watch.peak, watch.largest)


def median(costs):
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "memory", "largest")))


def say(text):
    """Tells whoever waits what is going on."""
    print(text, file=sys.stderr, flush=True)


def warm(path):
    """Has a file in the page cache as reading it from the disk leaves it there, which is how recordings of a store come in.

    What was written just now lies there in smaller pieces, which cost more where a file is mapped.
    """
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while file.read(1 << 24):
            pass
