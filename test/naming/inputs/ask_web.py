"""Asks the server of files that web.conf describes, is the one behind it, and ends it."""

import base64
import http.client
import http.server
import os
import pathlib
import signal
import threading
import time


class Behind(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"behind")

    def log_message(self, *_):
        pass


def main():
    behind = http.server.ThreadingHTTPServer(("127.0.0.1", 8398), Behind)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    pid = pathlib.Path("web.pid")
    for _ in range(100):
        if pid.exists() and pid.read_text().strip():
            break
        time.sleep(0.1)
    ann = {"Authorization": "Basic " + base64.b64encode(b"ann:word").decode()}
    asked = [("GET", "/text.txt", None, {}), ("GET", "/tree/", None, {}), ("HEAD", "/note.xml", None, {}),
             ("GET", "/words/text.txt", None, {"Range": "bytes=0-3,6-9"}), ("GET", "/nothing?a=b", None, {}),
             ("GET", "/secret/text", None, {}), ("GET", "/secret/text", None, ann), ("GET", "/secret/a", None, ann),
             ("GET", "/behind/it", None, {"X-Forwarded-For": "10.0.0.9, 192.0.2.1"}), ("GET", "/part.inc", None, {}),
             ("POST", "/part.sh", "x=1&y=" + "long" * 5000, {"Content-Type": "text/plain"}), ("GET", "/part.sh?a", None, {}),
             ("GET", "/status", None, {}), ("GET", "/numbers", None, {}), ("GET", "/../%41/./x", None, {}),
             ("GET", "/text.txt", None, {"Accept-Encoding": "gzip", "X-Mode": "quiet"}), ("OPTIONS", "*", None, {}),
             ("GET", "/text.txt", None, {"Host": "other.test"}), ("GET", "/a", None, {"Host": "third.test", "Cookie": "c=d"})]
    for verb, path, body, heads in asked:
        for kept in range(2):
            try:
                server = http.client.HTTPConnection("127.0.0.1", 8399, timeout=5)
                server.request(verb, path, body, heads)
                server.getresponse().read()
                if kept:
                    server.close()
            except (OSError, http.client.HTTPException):
                pass
    number = int(pid.read_text())
    os.kill(number, signal.SIGHUP)
    time.sleep(1.5)
    os.kill(number, signal.SIGINT)


main()
