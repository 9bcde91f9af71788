"""Runs a command on a terminal of its own. The arguments: COLUMNS, STEPS, then the command.

STEPS is a JSON list of [PATTERN, ACTION, SECONDS]: so long after the pattern has appeared since the step before, a text
is typed, or the terminal gets a number of columns. In place of a pattern, `file:NAME` waits for a file. Prints JSON: the exit code, the output, and whether the terminal is as it was.
"""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import sys
import termios
import time

columns, steps, *command = sys.argv[1:]
steps = json.loads(steps)
# The end that the command has stays open here, because its settings are lost when the last one closes it.
controller, terminal = pty.openpty()


def resize(width):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))


resize(int(columns))
before = termios.tcgetattr(terminal)
child = os.fork()
if child == 0:
    os.close(controller)
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(terminal, stream)
    os.close(terminal)
    os.execv(command[0], command)



def reached(pattern):
    """The end of the pattern in the output since the step before, or None."""
    if pattern.startswith("file:"):
        return 0 if os.path.exists(pattern[len("file:") :]) else None
    match = re.search(pattern.encode(), seen[done:])
    return match and match.end()


seen = b""
done = 0
status = None
os.set_blocking(controller, False)
while True:
    try:
        seen += os.read(controller, 65536)
        continue
    except BlockingIOError:
        pass
    if status is not None:
        break
    end = reached(steps[0][0]) if steps else None
    if end is not None:
        done += end
        _, action, seconds = steps.pop(0)
        time.sleep(seconds)
        if isinstance(action, int):
            resize(action)
            os.kill(child, signal.SIGWINCH)
        else:
            os.write(controller, action.encode())
        continue
    ended, code = os.waitpid(child, os.WNOHANG)
    if ended:
        # All that it wrote is read once more.
        status = code
    else:
        time.sleep(0.01)
print(
    json.dumps(
        {
            "code": os.waitstatus_to_exitcode(status),
            "output": seen.decode(),
            "isAsBefore": termios.tcgetattr(terminal) == before,
        }
    )
)
