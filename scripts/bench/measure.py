"""Runs commands one after the other, as it reads them from stdin, a JSON array of words a line, and prints for each what the kernel
counted: wall and CPU time in milliseconds, the largest resident set in MiB, the exit code, and the beginning of stderr. Node does not tell this of a child.
"""

import json
import os
import sys
import tempfile
import time

null = os.open(os.devnull, os.O_RDWR)
said = tempfile.TemporaryFile()

for line in sys.stdin:
    words = json.loads(line)
    began = time.monotonic()
    said.truncate(0)
    said.seek(0)
    streams = ((0, null), (1, null), (2, said.fileno()))
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, of, fd) for fd, of in streams])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - began
    said.seek(0)
    print(
        json.dumps(
            {
                "wallMs": wall * 1000,
                "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
                "rssMiB": usage.ru_maxrss / 1024,
                "code": os.waitstatus_to_exitcode(status),
                "said": said.read(2000).decode(errors="replace"),
            }
        ),
        flush=True,
    )
