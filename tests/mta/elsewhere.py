"""A mail server elsewhere that knows nobody: each recipient is an unknown user."""

import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 mx.example.net")
        for line in self.rfile:
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"RCPT":
                self.say("550 5.1.1 User unknown")
            elif verb == b"DATA":
                self.say("503 5.5.1 No recipients")
            elif verb == b"QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


def start():
    """Starts it, and returns its port."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
