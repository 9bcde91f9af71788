"""The resolver of a machine on which Microsoft's host names point at the simulator.

Python imports this module at its start. DEFENDER_SIMULATOR_HOSTS names the hosts, DEFENDER_SIMULATOR_PORT the port of
127.0.0.1 at which the simulator answers for them.
"""

import os
import socket

hosts = set(os.environ.get("DEFENDER_SIMULATOR_HOSTS", "").split(","))
port = int(os.environ.get("DEFENDER_SIMULATOR_PORT", "0"))
resolve = socket.getaddrinfo


def resolve_here(host, service, *args, **options):
    name = host.decode() if isinstance(host, bytes) else host
    if name in hosts and str(service) in ("443", "https"):
        return resolve("127.0.0.1", port, *args, **options)
    return resolve(host, service, *args, **options)


socket.getaddrinfo = resolve_here
