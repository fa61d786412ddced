"""A mail server for tests, of Debian's python3-aiosmtpd: it says where it listens, and writes each mail it takes into a file.

usage: smtp-server.py '{"folder": "…", "port": 0, "tls": "starttls|implicit|none", "certificate": "…", "key": "…", "user": "…", "password": "…",
                        "refuse": ["…"], "defer": ["…"]}'
"""
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

settings = json.loads(sys.argv[1])


class Handler:
    def __init__(self):
        self.mails = 0
        self.deferred = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in settings.get("refuse", []):
            return "550 5.1.1 There is nobody of that name"
        if address in settings.get("defer", []) and address not in self.deferred:
            self.deferred.add(address)
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails += 1
        head = f"X-Recipients: {','.join(envelope.rcpt_tos)}\r\nX-Tls: {session.ssl is not None}\r\nX-User: {session.auth_data or ''}\r\n"
        path = os.path.join(settings["folder"], f"{self.mails:03}.eml")
        with open(path + ".part", "wb") as file:
            file.write(head.encode() + envelope.content)
        os.rename(path + ".part", path)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    good = (data.login.decode(), data.password.decode()) == (settings["user"], settings["password"])
    return AuthResult(success=good, handled=False, auth_data=data.login.decode() if good else None)


async def main():
    context = None
    if settings["tls"] != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["certificate"], settings["key"])
    options = {"hostname": "mail.test"}
    if settings["tls"] == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if "user" in settings:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": settings["tls"] == "starttls"}
    handler = Handler()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, **options), "127.0.0.1", settings.get("port", 0), ssl=context if settings["tls"] == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
