# Sends requests over HTTP/3 as they are written, each over a connection of its own: a line of JSON on stdin is a request,
# a line on stdout what came of it, in the same order.

import asyncio
import json
import ssl
import sys

from qh3.asyncio.protocol import QuicConnectionProtocol
from qh3.h3.connection import H3Connection
from qh3.h3.events import DataReceived, HeadersReceived
from qh3.quic.configuration import QuicConfiguration
from qh3.quic.connection import QuicConnection
from qh3.quic.events import ConnectionTerminated, HandshakeCompleted, StreamReset

SECONDS = 10
AT_ONCE = 8


class Client(QuicConnectionProtocol):
    def __init__(self, connection, headers):
        super().__init__(connection)
        self.http, self.sent = None, [(name.encode(), value.encode()) for name, value in headers]
        self.came, self.end = {"headers": [], "body": ""}, asyncio.get_running_loop().create_future()

    def ended(self, why):
        if not self.end.done():
            self.end.set_result(why)

    def datagram_received(self, data, addr):
        # Where no filter chain takes the connection, Envoy closes one that it has no id for: clients do not hear of it.
        if data[0] & 0x80 and data[6 : 6 + data[5]] != self._quic.host_cid:
            return self.ended("closed, without the id of the connection")
        super().datagram_received(data, addr)

    def quic_event_received(self, event):
        if isinstance(event, HandshakeCompleted):
            self.http = H3Connection(self._quic)
            self.http.send_headers(self._quic.get_next_available_stream_id(), self.sent, True)
            self.transmit()
        elif isinstance(event, ConnectionTerminated):
            self.ended(event.reason_phrase or f"closed with {event.error_code}")
        elif isinstance(event, StreamReset):
            self.ended(f"reset with {event.error_code}")
        for one in self.http.handle_event(event) if self.http else ():
            if isinstance(one, HeadersReceived):
                self.came["headers"] += [(name.decode(), value.decode("latin1")) for name, value in one.headers]
            elif isinstance(one, DataReceived):
                self.came["body"] += one.data.decode("latin1")
            if isinstance(one, (HeadersReceived, DataReceived)) and one.stream_ended:
                self.ended(None)


async def send(request):
    settings = QuicConfiguration(is_client=True, alpn_protocols=["h3"], verify_mode=ssl.CERT_NONE)
    settings.server_name = request["serverName"] or None
    if request["certificate"]:
        settings.load_cert_chain(request["certificate"], request["key"])
    place = (request["address"], request["port"])
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Client(QuicConnection(configuration=settings), request["headers"]), remote_addr=place
    )
    try:
        client.connect(place)
        why = await asyncio.wait_for(client.end, SECONDS)
    except asyncio.TimeoutError:
        why = f"no answer in {SECONDS} s"
    finally:
        client.close()
        transport.close()
    return {**client.came, "ended": why}


async def main():
    limit = asyncio.Semaphore(AT_ONCE)

    async def answer(line):
        async with limit:
            return json.dumps(await send(json.loads(line)))

    for line in await asyncio.gather(*map(answer, sys.stdin)):
        print(line)


asyncio.run(main())
