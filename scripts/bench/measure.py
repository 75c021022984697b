"""Runs commands one after the other, as it reads them from stdin, a JSON array of words a line, and prints for each what the kernel
counted: wall and CPU time in milliseconds, the largest resident set in MiB, and the exit code. Node does not tell this of a child.
"""

import json
import os
import sys
import time

null = os.open(os.devnull, os.O_RDWR)

for line in sys.stdin:
    words = json.loads(line)
    began = time.monotonic()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - began
    print(
        json.dumps(
            {
                "wallMs": wall * 1000,
                "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
                "rssMiB": usage.ru_maxrss / 1024,
                "code": os.waitstatus_to_exitcode(status),
            }
        ),
        flush=True,
    )
