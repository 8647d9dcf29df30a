"""Raw concurrent requests over libcurl with no books kept: the limit that no bookkeeping sender can pass.

`python -m config.bench.loader post URL COUNT` posts as Twilio's client would; `get` asks for URL as it is. It prints
"ready", starts when a line comes in, and prints the requests that were answered with 2xx.
"""

from __future__ import annotations

import sys
from io import BytesIO

import pycurl

IN_FLIGHT = 160
"""As many as one Rollcall worker has: four threads of forty."""
AUTHORIZATION = "Authorization: Basic QUMwOjA="
FIELDS = "From=%2B15005550006&Body=Earthquake+near+Tripoli.+Leave+tall+buildings.+Wait+outside.&To=%2B999{}"


def run(method: str, url: str, count: int) -> int:
    """Send `count` requests, 160 at once on kept-alive connections; return how many were answered with 2xx."""
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, IN_FLIGHT)
    idle = [_handle(method, url) for _ in range(IN_FLIGHT)]
    sent = taken = 0
    while sent < count or len(idle) < IN_FLIGHT:
        while idle and sent < count:
            curl = idle.pop()
            if method == "post":
                curl.setopt(pycurl.POSTFIELDS, FIELDS.format(sent))
            multi.add_handle(curl)
            sent += 1
        multi.perform()
        _, done, failed = multi.info_read(IN_FLIGHT)
        if not done and not failed:
            multi.select(0.1)
        for curl in [*done, *(item[0] for item in failed)]:
            taken += curl.getinfo(pycurl.RESPONSE_CODE) // 100 == 2
            multi.remove_handle(curl)
            idle.append(curl)
    return taken


def _handle(method: str, url: str) -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.WRITEFUNCTION, BytesIO().write)
    if method == "post":
        curl.setopt(pycurl.HTTPHEADER, [AUTHORIZATION, "Expect:"])
    return curl


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    print(run(sys.argv[1], sys.argv[2], int(sys.argv[3])), flush=True)
