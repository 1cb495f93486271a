"""The process between an owner and a server: it ends the server when the owner is gone, however it went.

    python guard.py OWNER PID REMOVE SIGNAL USER COMMAND…

The owner holds a lock on the file OWNER; the system lets go of it when the owner ends or is killed. The
server's process id stands in the file PID as long as it runs. REMOVE is a folder that is removed once the
owner is gone, or empty. USER runs the command, or whoever runs this when it is empty. The standard library
is all that is needed here, so that it starts at once.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

PATIENCE = 15.0
"""Seconds that a server has for ending by itself."""


def main(owner: str, pid_file: str, remove: str, stop: str, user: str, *command: str) -> int:
    account = pwd.getpwnam(user) if user else None
    with Path(owner).open("rb") as lock:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )
        unfinished = Path(f"{pid_file}.new")
        unfinished.write_text(str(server.pid))
        unfinished.rename(pid_file)
        alone = threading.Event()
        ended = threading.Event()

        def follow_the_owner() -> None:
            fcntl.flock(lock, fcntl.LOCK_EX)
            alone.set()
            server.send_signal(int(stop))
            if not ended.wait(PATIENCE):
                os.killpg(server.pid, signal.SIGKILL)

        threading.Thread(target=follow_the_owner, daemon=True).start()
        code = server.wait()
        ended.set()
        Path(pid_file).unlink(missing_ok=True)
        if remove and alone.is_set():
            shutil.rmtree(remove, ignore_errors=True)
    return abs(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
