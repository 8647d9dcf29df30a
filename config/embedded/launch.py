"""Become the right user, tie one's life to the parent's, and turn into another program.

Run as a script: `python -I -S launch.py ACCOUNT SIGNAL PARENT PROGRAM [ARGUMENT ...]`.
ACCOUNT is `same`, `namespace` (root becomes uid 65534 in a user namespace of its own, and files it makes
still belong to root) or `UID:GID`. SIGNAL is sent to the program when the process PARENT dies (0: none; only
Linux can do this).
A script and not a function run between fork and exec: that isn't safe in a process with threads.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
UNPRIVILEGED = 65534


def enter_namespace() -> None:
    """Enter a new user namespace in which the caller is an unprivileged user.

    Raises:
        OSError: user namespaces are denied here, as in most containers.
    """
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED} {gid} 1")


def become(account: str) -> None:
    """Change to the account named on the command line.

    Raises:
        OSError: the machine doesn't allow it.
    """
    if account == "same":
        return
    if account == "namespace":
        enter_namespace()
        return
    uid, gid = map(int, account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, signal: int) -> None:
    """Ask the kernel for `signal` when `parent` dies. After `become`: a change of user undoes it."""
    if signal == 0 or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def main(account: str, signal: str, parent: str, *command: str) -> None:
    """Do what the module says; return only by an exception or an exit."""
    try:
        become(account)
        die_with(int(parent), int(signal))
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror or error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
