"""``python -m autograd_mini.launch N script.py …`` runs a script as N processes of this machine that train together.

Each process gets the address of the first and its own number in the environment; where the script first uses
engine="jax", they meet (``jax.distributed.initialize``). On several machines the same script runs under any
launcher that calls ``jax.distributed.initialize`` itself (Slurm, MPI, Kubernetes), without this file.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["ADDRESS", "COUNT", "NUMBER", "launch", "main"]

ADDRESS, COUNT, NUMBER = "AUTOGRAD_MINI_COORDINATOR", "AUTOGRAD_MINI_PROCESSES", "AUTOGRAD_MINI_PROCESS"
"""Environment variables of the processes: host:port of the first, their number, the number of this one."""

PATIENCE = 5.0  # seconds that a process has to end by itself
USAGE = "usage: python -m autograd_mini.launch N script.py [arguments of the script]"


def launch(count: int, command: Sequence[str]) -> int:
    """Run ``command`` (after the interpreter) as ``count`` processes; return the exit status of the first that failed.

    When one fails the others are stopped, because they would wait for it. 0 where all succeeded.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    processes = [
        subprocess.Popen(
            [sys.executable, *command], env=os.environ | {ADDRESS: address, COUNT: str(count), NUMBER: str(number)}
        )
        for number in range(count)
    ]
    try:
        return _watch(processes)
    except KeyboardInterrupt:  # the terminal has sent it to every process
        return 130
    finally:
        _stop(processes)


def _watch(processes: Sequence[subprocess.Popen[bytes]]) -> int:
    """Wait until all have succeeded, or one has failed."""
    while True:
        codes = [process.poll() for process in processes]
        for number, code in enumerate(codes):
            if code:
                status = 128 - code if code < 0 else code
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"failed with exit status {code}"
                print(
                    f"launch: process {number} of {len(codes)} {how}; the others are stopped. The last checkpoint is "
                    "whole: resume from it, on any number of processes",
                    file=sys.stderr,
                )
                return status
        if all(code == 0 for code in codes):
            return 0
        time.sleep(0.05)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main(arguments: Sequence[str]) -> int:
    """Read the command line and launch; exit status 2 and one line where it is wrong."""
    if len(arguments) < 2 or not arguments[0].isdigit() or not int(arguments[0]):
        print(USAGE, file=sys.stderr)
        return 2
    if not os.path.isfile(arguments[1]):
        print(f"launch: {arguments[1]}: no such file\n{USAGE}", file=sys.stderr)
        return 2
    return launch(int(arguments[0]), arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
