"""A resolver that knows every name, and says who asked: each is at its own address. There is also
somebody at port 4000 who takes calls.

    python name_server.py ADDRESS FILE-OF-NAMES-ASKED
"""

import socketserver
import sys
import threading
from pathlib import Path
from typing import Final

import dns.message
import dns.rdatatype
import dns.rrset

TAKEN: Final = 4000
MOVED: Final = "to.example."
"""What a name that begins with `moved` is another name of."""


def main(address: str, asked: Path) -> None:
    class Resolver(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            message, answering = self.request
            query = dns.message.from_wire(message)
            (question,) = query.question
            with asked.open("a") as file:
                file.write(f"{question.name.to_text(omit_final_dot=True)}\n")
            answer = dns.message.make_response(query)
            if question.rdtype == dns.rdatatype.A:
                name = question.name.to_text()
                if name.startswith("moved."):
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", MOVED))
                    name = MOVED
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", address))
            answering.sendto(answer.to_wire(), self.client_address)

    class Taker(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            """It is enough that somebody is there."""

    servers = (
        socketserver.ThreadingUDPServer((address, 53), Resolver),
        socketserver.ThreadingTCPServer((address, TAKEN), Taker),
    )
    for server in servers:
        threading.Thread(target=server.serve_forever).start()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
