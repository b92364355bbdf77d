# SPDX-License-Identifier: BSD-2-Clause
"""
pipefs.py DIR PORT:UID[:ENCTYPES]...: asks rpc.gssd, which watches DIR, for a context of each user with the NFS server at that
port, all at once, as the kernel does in rpc_pipefs. Where the kernel has a pipe, there is a terminal, which carries both
directions, too. Prints a line for each: the user's number, and the enctype and the length of the key, or "refused".
"""
import os
import select
import shutil
import struct
import sys
import time
import tty

LIMIT = 30
mounts = []


def mount(top, number, port):
    """makes the directory of an NFS server, and returns it, and the kernel's and the daemon's side of its pipe."""
    directory = f"{top}/nfs/clnt{os.getpid()}{number}"
    kernel, daemon = os.openpty()
    tty.setraw(daemon)
    os.mkdir(directory)
    with open(f"{directory}/info", "w") as info:
        info.write("RPC server: localhost\nservice: nfs (100003) version 4\naddress: 127.0.0.1\n"
                   f"protocol: tcp\nport: {port}\n")
    os.symlink(os.ttyname(daemon), f"{directory}/gssd")
    return directory, kernel, daemon


def complete(octets):
    """tells whether an answer has all of its parts: UID, lifetime, window; handle, context and acceptor, or an error."""
    if len(octets) < 16:
        return False
    if struct.unpack_from("=I", octets, 8)[0] == 0:
        return True
    offset = 12
    for _ in range(3):
        if len(octets) < offset + 4:
            return False
        offset += 4 + struct.unpack_from("=I", octets, offset)[0]
    return len(octets) >= offset


def answer(kernel):
    octets = b""
    end = time.monotonic() + LIMIT
    while not complete(octets) and time.monotonic() < end:
        if select.select([kernel], [], [], 0.1)[0]:
            octets += os.read(kernel, 65536)
    return octets


def said(octets):
    if not complete(octets):
        return "no answer"
    user, _, window = struct.unpack_from("=III", octets)
    if window == 0:
        return f"{user} refused"
    handle, = struct.unpack_from("=I", octets, 12)
    # A context is flags, end time, sequence number and enctype, then the key.
    length, _, _, _, enctype = struct.unpack_from("=IIIQI", octets, 16 + handle)
    return f"{user} enctype {enctype} key {length - 20}"


for i, request in enumerate(sys.argv[2:]):
    port, user, *enctypes = request.split(":")
    mounts.append(mount(sys.argv[1], i, port))
    os.write(mounts[i][1], f"mech=krb5 uid={user} enctypes={enctypes[0] if enctypes else '18,17'} \n".encode())
for directory, kernel, daemon in mounts:
    print(said(answer(kernel)))
    shutil.rmtree(directory) # while the daemon can read from it
