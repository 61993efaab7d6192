# Loaded before a function's own code: connections to the names that this gateway's APIs have on AWS lead to the gateway.
import os
import socket

_names = frozenset(os.environ.get("GATEWAY_NAMES", "").split(","))
_resolve = socket.getaddrinfo


def _getaddrinfo(host, port, *rest, **more):
    if host in _names:
        host, port = "127.0.0.1", int(os.environ["GATEWAY_PORT"])
    return _resolve(host, port, *rest, **more)


socket.getaddrinfo = _getaddrinfo
