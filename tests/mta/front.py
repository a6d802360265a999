"""What stands where the API is reached: it passes requests on to the real server, or fails in one of the ways there are."""

import http.client
import socket
import socketserver
import threading

MAINTENANCE = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Back soon</body></html>"


def error(code, info):
    return '{"error":{"code":"%s","info":"%s"}}' % (code, info)


# What the API does, as the tables in docs/mta call it: status, type, body.
ANSWERS = {
    "answers HTTP 503": ("503 Service Unavailable", "text/html", MAINTENANCE),
    "answers HTTP 500": ("500 Internal Server Error", "application/json",
                         error("internal_api_error_DBQueryError", "Caught exception of type DBQueryError")),
    "answers HTTP 403": ("403 Forbidden", "text/html", MAINTENANCE),
    "answers HTTP 404": ("404 Not Found", "text/html", MAINTENANCE),
    "answers HTTP 429": ("429 Too Many Requests", "text/plain", "Slow down"),
    "answers 200 with the error `invalid-ip`": ("200 OK", "application/json",
                                                error("invalid-ip", "This API module is for internal use only.")),
    "answers 200 with the error `readonly`": ("200 OK", "application/json",
                                              error("readonly", "The wiki is currently in read-only mode.")),
    "answers 200 with the error `maxlag`": ("200 OK", "application/json",
                                            error("maxlag", "Waiting for a database server: 9 seconds lagged.")),
    "answers 200 with a web page": ("200 OK", "text/html", MAINTENANCE),
    "answers 200 with nothing": ("200 OK", "application/json", ""),
    "answers 200 with half an answer": ("200 OK", "application/json", '{"bouncehandler":{"submi'),
}
WORKS = "works"
REFUSES = "refuses the connection"
LETS_NOBODY_IN = "does not know this machine"
CUTS = "closes the connection without an answer"
WAITS = "does not answer in time"


class Front:
    """A server on a port of its own, which it keeps when it has stopped listening."""

    def __init__(self, real_port):
        self.real_port = real_port
        self.does = WORKS
        self.taken = 0
        self.met = 0
        self.server = None
        self.port = 0
        self.listen()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/w/api.php"

    def set(self, does):
        """Works from now on, or fails in one way."""
        self.does, self.met = does, 0
        if does == REFUSES:
            self.close()
        elif self.server is None:
            self.listen()

    def listen(self):
        front = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                front.handle(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def handle(self, connection):
        request = read_request(connection.rfile)
        if request is None:
            return
        path, headers, body = request
        does = self.does
        self.met += 1
        if does == WORKS:
            connection.wfile.write(self.pass_on(path, body, {"Content-Type": headers["content-type"]}))
        elif does == LETS_NOBODY_IN:
            # An address of documentation (RFC 5737), which no list of clients has.
            stranger = {"Content-Type": headers["content-type"], "X-Forwarded-For": "203.0.113.9"}
            connection.wfile.write(self.pass_on(path, body, stranger))
        elif does == WAITS:
            connection.connection.settimeout(30)
            try:
                connection.rfile.read()
            except (socket.timeout, ConnectionError):
                pass
        elif does != CUTS:
            status, kind, text = ANSWERS[does]
            connection.wfile.write(answer(status, kind, text.encode()))

    def pass_on(self, path, body, headers):
        real = http.client.HTTPConnection("127.0.0.1", self.real_port, timeout=30)
        real.request("POST", path, body, headers)
        got = real.getresponse()
        text = got.read()
        self.taken += b'"submitted":"job"' in text
        return answer(f"{got.status} {got.reason}", got.headers["content-type"], text)


def answer(status, kind, body):
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def read_request(stream):
    line = stream.readline()
    if not line:
        return None
    headers = {}
    while (header := stream.readline().strip()):
        name, value = header.decode("latin-1").split(":", 1)
        headers[name.lower()] = value.strip()
    # curl asks first whether a large body is welcome, and after a second sends it without a word.
    body = stream.read(int(headers.get("content-length", 0)))
    return line.split()[1].decode(), headers, body
