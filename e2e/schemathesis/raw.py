"""Bytes that no generator of valid HTTP would send."""

import http.client
import urllib.parse

BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe\x00",
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\\ud800"}',
    b"[" * 20_000,
    b'{"a":' * 5_000,
    b'{"version":1e400}',
    b'{"version":99999999999999999999999}',
    b'{"version":1,"version":2}',
    b'{"code":"\\u0000","ticket":"\\u0000","name":"\\u0000"}',
    b"{" + b" " * 200_000 + b"}",
    b"version=1",
]
KINDS = ["application/json", "text/plain", "application/json; charset=gbk", "image/jpeg", "", "multipart/form-data"]
PIECES = ["%00", "%ff", "..", "%2e%2e%2f", "%2F", "a" * 4_000, "%E5%8D%97", "-1", "'--", "{number}", " ", "%"]
HEADERS = [
    {},
    {"x-certhall": ""},
    {"cookie": "certhall_applicant"},
    {"cookie": "=;;=; certhall_staff=" + "x" * 4_000},
    {"cookie": b"certhall_applicant=\xff\xfe"},
    {"origin": "null"},
    {"origin": b"\xff"},
    {"accept-encoding": "br;q=x"},
    {"range": "bytes=0-0,5-1"},
    {"x-forwarded-for": "not an address, , 999.1.1.1"},
    {"content-encoding": "gzip"},
    {"expect": "100-continue"},
]


def send(target, operation, count):
    """Sends some of all combinations to a route."""
    for _ in range(count):
        choose = target.random.choice
        method = operation.method.upper() if target.random.random() < 0.8 else choose(["PATCH", "BREW", "DELETE", "POST"])
        headers = {"x-certhall": "1", **target.headers()}
        cookies = target.cookies_for(operation.path)
        if cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers.update(choose(HEADERS) if target.random.random() < 0.5 else {})
        body = choose(BODIES) if method != "GET" else None
        if body is not None:
            headers["content-type"] = choose(KINDS)
        ask(target, f"{method} {operation.path}", method, path(target, operation.path), headers, body)


def path(target, template):
    """A route's path with odd things in its places, and sometimes an odd query."""
    parts = []
    for part in template.split("/"):
        if part.startswith("{"):
            number = target.number() if part == "{number}" else None
            part = number or target.random.choice(PIECES)
        parts.append(part)
    query = target.random.choice(["", "", "?channel=", "?channel=%ff", "?channel=a&channel=b", "?%00=%00", "?" + "q" * 3_000])
    return "/".join(parts) + query


def ask(target, what, method, path, headers, body):
    """One request over a connection of its own."""
    address = urllib.parse.urlsplit(target.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        connection.putrequest(method, path.replace(" ", "%20"), skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body if headers.get("expect") is None else None)
        if headers.get("expect") is not None and body:
            connection.send(body)
        answer = connection.getresponse()
        content = answer.read()
    except (http.client.HTTPException, ValueError, UnicodeError):
        return
    except OSError as error:
        # The hall may hang up on a body that it did not ask for, once it has answered.
        if not isinstance(error, (BrokenPipeError, ConnectionResetError)):
            target.judged(what, 0, [f"no answer: {error!r}"])
        return
    finally:
        connection.close()
    kind = answer.headers.get("content-type") or ""
    # The listener itself refuses what is no HTTP at all: without a body.
    complaints = [] if answer.status in (400, 414, 431) and not content else target.complaints_about(answer.status, kind, content)
    if method == "HEAD":
        complaints = []
    target.judged(what, answer.status, complaints)
