"""The SDK talks to the sandbox: it must accept what the sandbox signs, and the sandbox what the SDK signs."""

import base64
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request

import rsa
from alipay.aop.api.util.SignatureUtils import get_sign_content

import sdk
import vectors

NUMBER = "ORACLE_1"


class Hall(http.server.BaseHTTPRequestHandler):
    """Takes notifications as a merchant would."""

    taken = []
    arrived = threading.Event()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        Hall.taken.append(dict(urllib.parse.parse_qsl(body, keep_blank_values=True)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"success")
        Hall.arrived.set()

    def log_message(self, *_):
        pass


class Sandbox:
    """The program, started on a free port."""

    def __init__(self, program, state, notify_url):
        command = [program, "--listen", "127.0.0.1:0", "--state", state, "--notify-url", notify_url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.process.stdout.readline()

    def control(self, path, **body):
        request = urllib.request.Request(
            f"{self.url}/_ctl/{path}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop(self):
        self.process.terminate()
        self.process.wait()


def case(method, **fields):
    return {
        "method": f"alipay.trade.{method}",
        "out_trade_no": NUMBER,
        "subject": "新办数字证书服务",
        "seller_id": "2088102126112000",
        "product_code": "FACE_TO_FACE_PAYMENT",
        "total_fen": 25000,
        "expires_unix": 1893456000,
        "notify_url": "",
        **fields,
    }


def try_out(program, tally):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hall)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    notify_url = f"http://127.0.0.1:{server.server_port}/notify"
    with tempfile.TemporaryDirectory() as state:
        sandbox = Sandbox(program, state, notify_url)
        try:
            talk(sandbox, pathlib.Path(state), notify_url, tally)
        finally:
            sandbox.stop()
            server.shutdown()


def talk(sandbox, state, notify_url, tally):
    def text(name):
        return (state / name).read_text()

    app_id = text("app-id")
    private = sdk.body_of(text("app-private-key.pem"))
    public = sdk.body_of(text("alipay-public-key.pem"))
    client = sdk.make(app_id, private, public, f"{sandbox.url}/gateway.do")

    def call(method, **fields):
        return json.loads(client.execute(vectors.request_of(case(method, **fields))))

    made = call("precreate", notify_url=notify_url)
    tally.equal(made.get("code"), "10000", "precreate is accepted both ways")
    tally.holds(made.get("qr_code", "").startswith(f"{sandbox.url}/cashier/"), "precreate gives a code")
    tally.equal(call("query").get("sub_code"), "ACQ.TRADE_NOT_EXIST", "nothing to query before the scan")
    tally.equal(call("close").get("sub_code"), "ACQ.TRADE_NOT_EXIST", "nothing to close before the scan")
    tally.equal(
        call("precreate", total_fen=1).get("sub_code"), "ACQ.CONTEXT_INCONSISTENT", "another sum is refused"
    )
    sandbox.control("scan", out_trade_no=NUMBER)
    tally.equal(call("query").get("trade_status"), "WAIT_BUYER_PAY", "scanned")
    sandbox.control("pay", out_trade_no=NUMBER)
    paid = call("query")
    tally.equal(paid.get("trade_status"), "TRADE_SUCCESS", "paid")
    tally.equal(paid.get("total_amount"), "250.00", "the sum")
    tally.equal(call("close").get("sub_code"), "ACQ.TRADE_STATUS_ERROR", "a paid trade can't be closed")

    sandbox.control("faults", service="alipay.query", kind="bad_signature")
    tally.refused(lambda: call("query"), "the SDK refuses an answer with a stranger's signature")

    stranger = strangers_key()
    forger = sdk.make(app_id, stranger, public, f"{sandbox.url}/gateway.do")
    answer = json.loads(forger.execute(vectors.request_of(case("query"))))
    tally.equal(answer.get("sub_code"), "isv.invalid-signature", "the sandbox refuses a stranger's request")

    notifications(sandbox, public, tally)


def strangers_key():
    """A PKCS#8 key that the sandbox does not know."""
    _, private = rsa.newkeys(2048)
    inner = private.save_pkcs1("DER")

    def wrap(tag, body):
        size = len(body)
        head = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
        return bytes([tag]) + head + body

    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    pkcs8 = wrap(0x30, b"\x02\x01\x00" + algorithm + wrap(0x04, inner))
    return base64.b64encode(pkcs8).decode()


def genuine(form, public):
    """The official rule: everything but sign and sign_type, sorted, decoded."""
    form = dict(form)
    signature = form.pop("sign", "")
    form.pop("sign_type", None)
    return vectors.verifies(public, get_sign_content(form), signature)


def notifications(sandbox, public, tally):
    tally.holds(Hall.arrived.wait(10), "the payment is notified")
    first = Hall.taken[0]
    tally.holds(genuine(first, public), "the SDK accepts the notification")
    tally.equal(first.get("trade_status"), "TRADE_SUCCESS", "the notification says paid")
    tally.holds(not genuine({**first, "total_amount": "250.01"}, public), "a changed notification is refused")
    for kind in ("again", "other_amount", "other_app", "other_seller"):
        sandbox.control("notify", out_trade_no=NUMBER, kind=kind)
        tally.holds(genuine(Hall.taken[-1], public), f"signed rightly: {kind}")
    tally.equal(Hall.taken[1]["notify_id"], first["notify_id"], "a repeat keeps its id")
    for kind in ("forged", "tampered", "unsigned"):
        sandbox.control("notify", out_trade_no=NUMBER, kind=kind)
        tally.holds(not genuine(Hall.taken[-1], public), f"refused: {kind}")
