"""Asks a deployed API Gateway what public evidence leaves open, and says which switch of the local gateway is the same.

    pip install websockets
    sam deploy --template tools/probe/template.yaml --stack-name probe --capabilities CAPABILITY_IAM --resolve-s3
    python tools/probe/probe.py HTTP_URL SOCKET_URL                  # the outputs of the stack; --json, --slow
    sam delete --stack-name probe

Facts are those of docs/gateway-conformance.md. It takes a minute and costs cents; --slow adds what takes hours: how a
connection ends that is idle, that only pings, and that is as old as it may become.
"""

import argparse
import asyncio
import http.client
import json
import time
import urllib.parse

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

PATIENCE = 60
IDLE = 10 * 60
LIFE = 2 * 60 * 60


class Finding:
    """One question with what was seen, and the switch that makes the local gateway do the same."""

    def __init__(self, fact, asked, seen, switch=None, value=None):
        self.fact, self.asked, self.seen, self.switch, self.value = fact, asked, seen, switch, value

    def line(self):
        same = f"  [{self.switch}={json.dumps(self.value)}]" if self.switch else ""
        return f"{self.fact}  {self.asked}: {self.seen}{same}"


class Http:
    """Requests with exactly the bytes that are meant."""

    def __init__(self, url):
        self.url = urllib.parse.urlsplit(url)

    def ask(self, method, path, headers=None, body=None):
        """Status, headers and body of the answer."""
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")
        finally:
            connection.close()

    def event(self, method, path, headers=None, body=None):
        """The event that the function got, or what was answered instead."""
        status, _, text = self.ask(method, path, headers, body)
        return json.loads(text) if status == 200 else {"status": status, "body": text}

    def findings(self):
        slash = self.event("GET", "/exact/")
        yield Finding(
            "H-09", "GET /exact/ reaches", slash.get("routeKey", slash),
            "trailing_slash_matches", slash.get("routeKey") == "GET /exact",
        )  # fmt: skip
        root = self.event("GET", "/")
        yield Finding(
            "H-06", "GET / with a route ANY /{proxy+}", root.get("routeKey", root),
            "greedy_matches_root", "routeKey" in root,
        )  # fmt: skip
        cut = self.event("GET", "/before%3Fafter")
        yield Finding(
            "H-24", "rawPath of /before%3Fafter", cut.get("rawPath", cut),
            "decoded_question_mark_truncates", cut.get("rawPath") == "/before",
        )  # fmt: skip
        for switch, wanted, headers in [
            ("json_suffix_is_text", False, {"content-type": "application/vnd.api+json"}),
            ("graphql_is_text", False, {"content-type": "application/graphql"}),
            ("encoded_body_is_binary", True, {"content-type": "application/json", "content-encoding": "gzip"}),
        ]:
            binary = self.event("POST", "/body", headers, b"{}").get("isBase64Encoded")
            yield Finding("H-33", f"isBase64Encoded with {headers}", binary, switch, binary is wanted)
        status, _, text = self.ask("GET", "/slow?do=sleep")
        yield Finding(
            "H-47", "an integration that takes too long", (status, text), "integration_timeout_status", status
        )  # fmt: skip
        status, _, text = self.ask("GET", "/headers", {"x-long": "x" * 10_240})
        yield Finding("H-35", "headers of more than 10,240 bytes", (status, text))
        seen = {self.invocation() for _ in range(3)}
        # How long is a question of minutes; the console proposes 300 seconds.
        yield Finding(
            "A-06", "authorizer's invocations for three requests", len(seen),
            "authorizer_result_ttl", 0 if len(seen) > 1 else 300,
        )  # fmt: skip

    def invocation(self):
        event = self.event("GET", "/guarded", {"authorization": "probe"})
        return event["requestContext"]["authorizer"]["lambda"]["invocation"]


class Socket:
    """Connections to the WebSocket API, and plain requests to it."""

    def __init__(self, url):
        self.url = url

    def open(self, query=""):
        return connect(self.url + query, compression=None, ping_interval=None, open_timeout=PATIENCE)

    async def refused(self, query):
        """Status and body of a handshake that is refused; 101 when it is not."""
        try:
            async with self.open(query):
                return 101, ""
        except InvalidStatus as refused:
            return refused.response.status_code, (refused.response.body or b"").decode(errors="replace")

    async def answer(self, message):
        """What a message is answered, or how the connection is closed instead."""
        async with self.open() as socket:
            return await self.after(socket, message)

    @staticmethod
    async def after(socket, message):
        try:
            await socket.send(message)
            return await asyncio.wait_for(socket.recv(), PATIENCE)
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else "no close frame"

    async def findings(self):
        url = urllib.parse.urlsplit(self.url)
        plain = Http(f"{'https' if url.scheme == 'wss' else 'http'}://{url.netloc}")
        status, _, text = await asyncio.to_thread(plain.ask, "GET", url.path)
        yield Finding("W-09", "a plain GET", (status, text), "plain_request_status", status)
        below = await self.refused("/below")
        yield Finding("W-09", "a handshake below the stage", below, "paths_below_stage", below[0] == 101)
        late = await self.refused("?do=sleep")
        yield Finding("W-08", "a $connect that takes too long", late, "connect_timeout_status", late[0])
        yield Finding("W-08", "a $connect that fails", await self.refused("?do=fail"))
        yield Finding("W-08", "a $connect without a status", await self.refused("?do=nothing"))
        yield Finding("W-24", "a message that takes too long", await self.answer("do sleep"))
        yield Finding("W-27", "a frame of more than 32 KB", await self.answer("x" * (32 * 1024 + 1)))
        binary = await self.answer(b"\x00\xff")
        yield Finding("W-28", "a binary message", binary, "binary_closes", not isinstance(binary, str))
        async with self.open() as socket:
            pong = await socket.ping()
            done, _ = await asyncio.wait([pong], timeout=5)
            yield Finding("W-30", "a ping is answered", bool(done))

    async def slow_findings(self):
        """Three connections at once: one that is silent, one that pings, one that talks."""

        async def until_closed(keep=None):
            began = time.monotonic()
            async with self.open() as socket:
                closed = asyncio.ensure_future(socket.wait_closed())
                while not (await asyncio.wait([closed], timeout=IDLE / 2))[0]:
                    if keep:
                        await keep(socket)
                return round(time.monotonic() - began), socket.close_code, socket.close_reason

        silent, pinging, talking = await asyncio.gather(
            until_closed(), until_closed(lambda socket: socket.ping()), until_closed(lambda socket: socket.send("{}"))
        )
        yield Finding("W-34", "a silent connection: seconds, code, reason", silent)
        resets = pinging[0] > 1.5 * IDLE
        yield Finding("W-30", "one that only pings", pinging, "ping_resets_idle", resets)
        yield Finding("W-34", f"one that talks, after {LIFE} seconds at most", talking)


async def ask(arguments):
    findings = list(await asyncio.to_thread(lambda: list(Http(arguments.http).findings())))
    socket = Socket(arguments.socket)
    findings += [finding async for finding in socket.findings()]
    if arguments.slow:
        findings += [finding async for finding in socket.slow_findings()]
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("http", metavar="HTTP_URL")
    parser.add_argument("socket", metavar="SOCKET_URL")
    parser.add_argument("--json", action="store_true", help="one JSON object for each finding")
    parser.add_argument("--slow", action="store_true", help="also what takes two hours")
    arguments = parser.parse_args()
    findings = asyncio.run(ask(arguments))
    for finding in findings:
        print(json.dumps(vars(finding)) if arguments.json else finding.line())
    if not arguments.json:
        same = [f"--behaviour {finding.switch}={json.dumps(finding.value)}" for finding in findings if finding.switch]
        print("\nThe local gateway behaves the same with\n ", " \\\n  ".join(same))


if __name__ == "__main__":
    main()
