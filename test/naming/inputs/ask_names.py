"""Asks the server of names that names.conf describes, answers what it asks of others, and ends it."""

import os
import pathlib
import signal
import socket
import struct
import threading
import time

PORT = 5397


def question(number, name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)


def answer(asked):
    record = struct.pack(">3HIH4B", 0xC00C, 1, 1, 60, 4, 203, 0, 113, asked[1])
    return asked[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0) + asked[12:] + record


def upstream(server):
    while True:
        asked, where = server.recvfrom(2048)
        server.sendto(answer(asked), where)


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 5399))
    threading.Thread(target=upstream, args=(server,), daemon=True).start()
    pid = pathlib.Path("names.pid")
    for _ in range(100):
        if pid.exists() and pid.read_text().strip():
            break
        time.sleep(0.1)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(2)
    names = ["ann.home.test", "alias.home.test", "text.home.test", "home.test", "double.test", "bad.test", "router",
             "_ldap._tcp.home.test", "61.0.1.10.in-addr.arpa", "zone.test", "ann.zone.test", "made-10-3-0-7.made.test",
             "raw.home.test", "here.home.test"] + [f"w{n}.{'long' * 12}.far.test" for n in range(9)]
    for number, name in enumerate(names):
        for kind in (1, 28, 16, 15, 33, 12, 255, 35):
            client.sendto(question(number, name, kind), ("127.0.0.1", PORT))
            try:
                client.recv(4096)
            except socket.timeout:
                break
    try:
        with socket.create_connection(("127.0.0.1", PORT), 2) as stream:
            asked = question(77, "ann.home.test", 255)
            stream.sendall(struct.pack(">H", len(asked)) + asked)
            stream.recv(4096)
    except OSError:
        pass
    os.kill(int(pid.read_text()), signal.SIGHUP)
    time.sleep(0.5)
    os.kill(int(pid.read_text()), signal.SIGTERM)


main()
