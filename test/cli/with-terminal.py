"""Runs a command at a terminal of its own and answers its questions, as a person would.

   with-terminal.py '[["question", "answer"], ...]' COMMAND [ARGUMENT ...]

Waits for each question before its answer is typed. Prints {"code": ..., "screen": ...}; the screen is all that the
terminal showed, what was typed only where it was echoed. Standard output of the command is the terminal too.
"""
import json
import os
import pty
import select
import sys
import time

LIMIT_SECONDS = 60


def main():
    dialogue, command = json.loads(sys.argv[1]), sys.argv[2:]
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    screen, read_to, deadline = b"", 0, time.monotonic() + LIMIT_SECONDS
    while True:
        if dialogue:
            found = screen.find(dialogue[0][0].encode(), read_to)
            if found >= 0:
                question, answer = dialogue.pop(0)
                read_to = found + len(question.encode())
                # Typed only once the command has switched the echo off or on, as a person is never faster than that.
                time.sleep(0.1)
                os.write(terminal, answer.encode())
                continue
        if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            os.kill(process, 9)
            break
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        screen += chunk
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(json.dumps({"code": code, "screen": screen.decode(errors="replace"), "unasked": [question for question, _ in dialogue]}))


main()
