#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""terminal.py COLUMNS PROGRAM ARG... <INPUT - what does a program show on a terminal?

Runs it with standard error on a pseudo-terminal of that width and its standard input a
pipe that is fed in two halves, a second apart, so that there is time for news. Says
whether a live line was shown, whether it ever was wider than the terminal, and prints
what is on the screen in the end.
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time

columns = int(sys.argv[1])
mail = sys.stdin.buffer.read()
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=slave)
os.close(slave)


def feed():
    for _ in range(3):
        child.stdin.write(mail)
        child.stdin.flush()
        time.sleep(0.6)
    child.stdin.close()


feeder = threading.Thread(target=feed)
feeder.start()
seen = b""
while True:
    try:
        piece = os.read(master, 4096)
    except OSError:  # the last holder of the terminal is gone
        break
    if not piece:
        break
    seen += piece
feeder.join()
status = child.wait()
lives = re.findall(rb"\r\x1b\[K([^\r\n]+)", seen)
live = [text for text in lives if b"messages" in text and b"/s" in text]
print("live lines:", "some" if live else "none")
print("wider than the terminal:", sum(len(text) >= columns for text in live))
screen = re.sub(rb"[^\n]*\r\x1b\[K", b"", seen.replace(b"\r\n", b"\n"))
print(screen.decode(), end="")
sys.exit(status)
