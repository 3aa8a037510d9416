"""A web server that misbehaves on request, for test_pull: server.py FOLDER LOG [CERTIFICATE]

Serves the files of FOLDER under /BEHAVIOUR/NAME on a free port of 127.0.0.1, prints the port, and appends one line
"BEHAVIOUR NAME RANGE" to LOG for every request. With CERTIFICATE, the name of a file, it makes a certificate that it has
signed itself, writes it there, serves the same by HTTPS on a second port, which it prints behind the first, and logs those
requests as "tls:BEHAVIOUR". Stops when standard input is closed.
"""

import http.server
import os
import re
import ssl
import subprocess
import sys
import threading

folder, log = sys.argv[1:3]
certificate = sys.argv[3] if len(sys.argv) > 3 else None
stopped = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def head(self, code, **fields):
        self.send_response(code)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def asked_from(self):
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(match[1]) if match else 0

    def whole(self, body):
        self.head(200, Content_Length=len(body))
        self.wfile.write(body)

    def rest(self, body, claimed=None):
        start = self.asked_from()
        if start >= len(body):
            self.head(416, Content_Length=0, Content_Range=f"bytes */{len(body)}")
            return
        shown = start if claimed is None else claimed
        self.head(206, Content_Length=len(body) - start, Content_Range=f"bytes {shown}-{len(body) - 1}/{len(body)}")
        self.wfile.write(body[start:])

    # One method a behaviour.

    def good(self, body):
        (self.rest if self.headers.get("Range") else self.whole)(body)

    def breaks(self, body):
        """Closes in the middle of what was asked for; the first half of the rest comes each time."""
        start = self.asked_from()
        fields = {"Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
        self.head(206 if start else 200, Content_Length=len(body) - start, **fields)
        self.wfile.write(body[start:start + (len(body) - start) // 2])

    def breaks_unsized(self, body):
        self.head(200)
        self.wfile.write(body[:len(body) // 2])

    def norange(self, body):
        self.whole(body)

    def badrange(self, body):
        if self.headers.get("Range"):
            self.rest(body, claimed=0)
        else:
            self.whole(body)

    def unasked(self, body):
        self.rest(body)

    def longer(self, body):
        self.head(200, Content_Length=len(body) + 1000)
        self.wfile.write(body)

    def shorter(self, body):
        self.head(200, Content_Length=len(body) - 1000)
        self.wfile.write(body)

    def wrong(self, body):
        self.whole(bytes(len(body)))

    def endless(self, _):
        self.head(200)
        while not stopped.is_set():
            self.wfile.write(bytes(1 << 16))

    def absent(self, _):
        self.head(404, Content_Length=9)
        self.wfile.write(b"not there")

    def broken(self, _):
        self.head(500, Content_Length=0)

    def redirect(self, _):
        self.head(302, Content_Length=0, Location="/good/" + self.path.split("/")[2])

    def circle(self, _):
        self.head(302, Content_Length=0, Location=self.path)

    def to_file(self, _):
        self.head(302, Content_Length=0, Location="file:///etc/passwd")

    def to_plain(self, _):
        self.head(302, Content_Length=0, Location=f"http://127.0.0.1:{plain.server_address[1]}/good/tiny.onnx")

    def stalls(self, body):
        self.head(200, Content_Length=len(body))
        self.wfile.write(body[:len(body) // 2])
        self.wfile.flush()
        stopped.wait()

    def silent(self, _):
        stopped.wait()

    def do_GET(self):
        _, behaviour, name = self.path.split("/")
        with open(log, "a") as file:
            print(self.server.prefix + behaviour, name, self.headers.get("Range", "-"), file=file)
        with open(os.path.join(folder, name), "rb") as file:
            body = file.read()
        try:
            getattr(self, behaviour)(body)
        except ConnectionError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    prefix = ""

    def handle_error(self, *_):
        pass


def encrypted():
    """One for 127.0.0.1, and for no name."""
    key = certificate + ".key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=filterscope", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    os.unlink(key)
    server = Server(("127.0.0.1", 0), Handler)
    server.prefix = "tls:"
    # The handshake belongs to the thread of the request, so that one that fails keeps nobody else waiting.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


plain = Server(("127.0.0.1", 0), Handler)
servers = [plain] + ([encrypted()] if certificate else [])
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(*(server.server_address[1] for server in servers), flush=True)
sys.stdin.read()
stopped.set()
