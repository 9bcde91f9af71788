"""Runs a command on a terminal of its own; the arguments: COLUMNS, QUESTION, KEYS, then the command.

When the command has asked QUESTION, types KEYS, and then what comes on stdin. Writes all that the command sends to the
terminal to stdout, and ends with its exit code.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns, question, keys, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    # The size must be there before the command asks for it.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(columns), 0, 0))
    os.execvp(command[0], command)
sent = b""
answered = places = 0
sources = [terminal, sys.stdin.fileno()]
while True:
    ready = select.select(sources, [], [])[0]
    if sys.stdin.fileno() in ready:
        typed = os.read(sys.stdin.fileno(), 1024)
        if typed:
            os.write(terminal, typed)
        else:
            sources = [terminal]
    if terminal not in ready:
        continue
    try:
        received = os.read(terminal, 65536)
    except OSError:
        # Linux: the command has closed its terminal.
        break
    if not received:
        break
    sent += received
    # As a real terminal does, it answers where its cursor is.
    while sent.count(b"\x1b[6n") > places:
        places += 1
        os.write(terminal, b"\x1b[1;1R")
    if answered == 0 and question.encode() in sent:
        answered = 1
        os.write(terminal, keys.encode())
sys.stdout.buffer.write(sent)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
