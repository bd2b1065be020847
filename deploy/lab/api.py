#!/usr/bin/env python3
"""Reads demarc's REST API over its Unix socket; the standard library has no client for that.

api.py SOCKET get PATH     prints the answer
api.py SOCKET ready        exit code 0 when the service takes calls, 1 otherwise
"""

import http.client
import json
import socket
import sys


class UnixConnection(http.client.HTTPConnection):
    """An HTTPConnection whose address is a path."""

    def __init__(self, path, timeout=5.0):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def get(path, resource, timeout=5.0):
    """Returns (status code, decoded JSON or text)."""
    connection = UnixConnection(path, timeout)
    try:
        connection.request("GET", resource, headers={"Accept": "application/json"})
        response = connection.getresponse()
        body = response.read().decode("utf-8")
        try:
            return response.status, json.loads(body)
        except ValueError:
            return response.status, body
    finally:
        connection.close()


def is_ready(path):
    try:
        code, status = get(path, "/api/v1/status", 2.0)
    except (OSError, http.client.HTTPException):
        return False
    return code == 200 and isinstance(status, dict) and status.get("ready") is True


def rows(document, key):
    """The rows of a list resource, by name: [{name, ...}], {key: [...]}, {key: {name: {...}}}."""
    inner = document.get(key, document) if isinstance(document, dict) else document
    if isinstance(inner, dict):
        return inner
    return {row["name"]: row for row in inner}


def main(arguments):
    if len(arguments) == 2 and arguments[1] == "ready":
        return 0 if is_ready(arguments[0]) else 1
    if len(arguments) == 3 and arguments[1] == "get":
        code, body = get(arguments[0], arguments[2])
        print(json.dumps(body, indent=2) if not isinstance(body, str) else body)
        return 0 if code == 200 else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
