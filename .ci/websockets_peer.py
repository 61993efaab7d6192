"""Talks to the gateway by a WebSocket implementation that shares nothing with it: websockets_peer.py <folder of binaries>

The peer is Python's `websockets`. It runs `gateway` with a template of one two-way route behind which `gateway-echo`
answers with the event it got, and says what a browser never would: frames in pieces, wrong codes, bytes that are no text.
Codes are those of docs/gateway-conformance.md, W-27 to W-29.
"""

import asyncio
import json
import os
import sys

import running
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 60
CROWD = 200
FRAME = 32 * 1024
MESSAGE = 128 * 1024
TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
FIN, RSV1 = 0x80, 0x40

TEMPLATE = """
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: echo/, Handler: bootstrap, Runtime: provided.al2023, Timeout: 30}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: dev
      Routes:
        $connect: {FunctionArn: !GetAtt Echo.Arn}
        $default: {FunctionArn: !GetAtt Echo.Arn, RouteResponseSelectionExpression: $default}
        $disconnect: {FunctionArn: !GetAtt Echo.Arn}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Socket, RouteId: !Ref SocketDefaultRoute, RouteResponseKey: $default}
"""


def frame(first, payload, masked=True):
    """One frame as bytes; `first` is its first byte, however wrong."""
    length = len(payload)
    head = bytes([first]) + (
        bytes([length | masked << 7])
        if length < 126
        else bytes([126 | masked << 7]) + length.to_bytes(2, "big")
        if length < 1 << 16
        else bytes([127 | masked << 7]) + length.to_bytes(8, "big")
    )
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload)) if masked else head + payload


def same(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


class Checks:
    """Each coroutine method is a check, named after what it shows."""

    def __init__(self, url):
        self.url = url

    def open(self, **options):
        # Its own pings would be in the way.
        options = {"compression": None, "ping_interval": None, "open_timeout": PATIENCE, **options}
        return connect(self.url, max_size=None, close_timeout=PATIENCE, **options)

    async def echo(self, socket, message=None):
        if message is not None:
            await socket.send(message)
        return json.loads(await socket.recv())["body"]

    async def closes(self, what, code, *raw):
        """The gateway closes with this code after these bytes, and goes on serving others."""
        async with self.open() as socket:
            socket.transport.write(b"".join(raw))
            try:
                while True:
                    await socket.recv()
            except ConnectionClosed as closed:
                same(what, closed.rcvd and closed.rcvd.code, code)

    async def messages_come_back_as_they_were(self):
        async with self.open() as socket:
            for text in ["", "{}", "ä€😀\u0000\r\n", '{"action":"$connect"}']:
                same("text", await self.echo(socket, text), text)

    async def fragments_are_one_message_and_a_ping_may_come_between(self):
        async with self.open() as socket:
            pongs = []

            async def pieces():
                for piece in ["one ", "", "twö ", "three"]:
                    yield piece
                    pongs.append(await socket.ping(piece + str(len(pongs))))

            await socket.send(pieces())
            same("message", await self.echo(socket), "one twö three")
            for pong in pongs:
                await pong
            # A character in two pieces.
            halves = "€".encode()
            socket.transport.write(frame(TEXT, halves[:1]) + frame(FIN | PING, b"") + frame(FIN, halves[1:]))
            same("halves", await self.echo(socket), "€")

    async def pings_are_answered_and_pongs_need_no_answer(self):
        async with self.open() as socket:
            for payload in [b"", b"x" * 125]:
                await (await socket.ping(payload))
            await socket.pong(b"nobody asked")
            same("after a pong", await self.echo(socket, "still here"), "still here")

    async def close_codes_are_echoed(self):
        for code, reason in [(1000, ""), (1001, "away"), (3000, "ä" * 60), (4999, "done")]:
            async with self.open() as socket:
                await socket.close(code, reason)
                same("code and reason", (socket.close_code, socket.close_reason), (code, reason))
        await self.closes("no code", 1005, frame(FIN | CLOSE, b""))

    async def close_frames_that_are_none_are_protocol_errors(self):
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]:
            await self.closes(f"code {code}", 1002, frame(FIN | CLOSE, code.to_bytes(2, "big")))
        await self.closes("half a code", 1002, frame(FIN | CLOSE, b"\x03"))
        await self.closes("no text", 1007, frame(FIN | CLOSE, b"\x03\xe8\xff"))

    async def large_messages_in_small_frames(self):
        async with self.open() as socket:
            # The answer holds the message and some more, and comes in frames of its own.
            text = "ab" * 50_000
            same("100 KB", await self.echo(socket, (text[at : at + FRAME] for at in range(0, len(text), FRAME))), text)
        await self.closes("a frame of more than 32 KB", 1009, frame(FIN | TEXT, b"x" * (FRAME + 1)))
        parts = [frame(TEXT, b"x" * FRAME), *[frame(0, b"x" * FRAME)] * (MESSAGE // FRAME - 1), frame(FIN, b"x")]
        await self.closes("a message of more than 128 KB", 1009, *parts)

    async def what_is_no_text_closes(self):
        for bad in [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "€".encode()[:2]]:
            await self.closes(f"{bad!r}", 1007, frame(FIN | TEXT, bad))
        await self.closes("bad in the second piece", 1007, frame(TEXT, "€".encode()[:1]), frame(FIN, b"x"))
        await self.closes("binary", 1003, frame(FIN | BINARY, b"\x00"))

    async def broken_frames_are_protocol_errors(self):
        for what, raw in {
            "not masked": frame(FIN | TEXT, b"{}", masked=False),
            "an unknown opcode": frame(FIN | 0x3, b""),
            "a continuation of nothing": frame(FIN, b"{}"),
            "a ping in pieces": frame(PING, b""),
            "a ping of 126 bytes": frame(FIN | PING, b"x" * 126),
            "a message within a message": frame(TEXT, b"a") + frame(FIN | TEXT, b"b"),
        }.items():
            await self.closes(what, 1002, raw)

    async def compression_is_offered_and_refused(self):
        async with self.open(compression="deflate") as socket:
            same("offered", "Sec-WebSocket-Extensions" in socket.request.headers, True)
            same("answered", socket.response.headers.get("Sec-WebSocket-Extensions"), None)
            same("in use", socket.protocol.extensions, [])
            same("plain", await self.echo(socket, "aaaaaaaaaa"), "aaaaaaaaaa")
        await self.closes("compressed all the same", 1002, frame(FIN | RSV1 | TEXT, b"\xaa\x56\x04\x00"))

    async def many_at_once_get_their_own_answers(self):
        async def one(number):
            async with self.open() as socket:
                await asyncio.gather(*(socket.send(f"{number}-{message}") for message in range(4)))
                answers = {await self.echo(socket) for _ in range(4)}
                same("answers", answers, {f"{number}-{message}" for message in range(4)})

        await asyncio.gather(*(one(number) for number in range(CROWD)))


async def run(url):
    checks = Checks(url)
    names = [name for name, it in vars(Checks).items() if asyncio.iscoroutinefunction(it) and "_" in name]
    failed = 0
    for name in names:
        try:
            await asyncio.wait_for(getattr(checks, name)(), PATIENCE)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the check has failed
            failed += 1
            print(f"FAILED {name}: {error or type(error).__name__}", file=sys.stderr)
    print(f"{len(names) - failed} of {len(names)} pass")
    return failed


def main(binaries):
    with running.gateway(binaries, TEMPLATE) as started:
        return asyncio.run(run(started["apis"][0]["url"]))


sys.exit(main(*sys.argv[1:]) != 0)
