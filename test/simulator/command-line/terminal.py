"""Runs a command on a terminal of its own and 100 columns; the arguments: SIGNAL or KEYS, then the command.

When the command's last line shows a machine action, types KEYS, or sends SIGNAL. Then prints the exit code, and whether
the terminal is as it was: `0 as it was`. The output of the command goes to stderr.
"""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios

what, *command = sys.argv[1:]
# The end that the command has stays open here, because its settings are lost when the last one closes it.
controller, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
before = termios.tcgetattr(terminal)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(terminal, stream)
    os.execv(command[0], command)
seen = b""
while b"\r\x1b[K> " not in seen:
    seen += os.read(controller, 65536)
during = termios.tcgetattr(terminal)
if what.startswith("SIG"):
    os.kill(child, getattr(signal, what))
else:
    os.write(controller, what.encode())
_, status = os.waitpid(child, 0)
sys.stderr.buffer.write(seen)
unchanged = termios.tcgetattr(terminal) == before and during != before
print(os.waitstatus_to_exitcode(status), "as it was" if unchanged else "changed")
