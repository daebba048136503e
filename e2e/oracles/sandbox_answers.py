"""The SDK talks to the sandbox: it must accept what the sandbox signs, and the sandbox what the SDK signs."""

import base64
import datetime
import http.server
import io
import json
import pathlib
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import zipfile

import rsa
from alipay.aop.api.util.SignatureUtils import get_sign_content

import aliyun_sandbox
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
        "method": f"alipay.{method}" if method.startswith("data.") else f"alipay.trade.{method}",
        "out_trade_no": NUMBER,
        "out_request_no": "ORACLE_R1",
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
            aliyun_sandbox.talk(sandbox, pathlib.Path(state), tally)
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
    money_back(sandbox, call, public, tally)


def money_back(sandbox, call, public, tally):
    """Refunds: once for one number, told in a notification, seen in the trade and in the next day's bill."""
    tally.equal(call("fastpay.refund.query").get("refund_status"), None, "no refund yet")
    seen = len(Hall.taken)
    made = call("refund")
    tally.equal((made.get("code"), made.get("fund_change")), ("10000", "Y"), "a refund is accepted both ways")
    tally.equal(made.get("refund_fee"), "250.00", "the sum that went back")
    again = call("refund")
    tally.equal((again.get("fund_change"), again.get("refund_fee")), ("N", "250.00"), "the same refund gives nothing twice")
    other = call("refund", total_fen=1)
    tally.equal(other.get("sub_code"), "ACQ.DISCORDANT_REPEAT_REQUEST", "another sum for the same refund is refused")
    second = call("refund", out_request_no="ORACLE_R2")
    tally.equal(second.get("sub_code"), "ACQ.TRADE_HAS_CLOSE", "nothing is left to give back")
    state = call("fastpay.refund.query")
    tally.equal((state.get("refund_status"), state.get("refund_amount")), ("REFUND_SUCCESS", "250.00"), "the refund is found")
    tally.equal(call("query").get("trade_status"), "TRADE_CLOSED", "a trade that was wholly given back is closed")
    for _ in range(100):
        if len(Hall.taken) > seen:
            break
        time.sleep(0.1)
    told = Hall.taken[-1]
    tally.holds(genuine(told, public), "the SDK accepts the notification of a refund")
    tally.equal((told.get("refund_fee"), told.get("out_biz_no")), ("250.00", "ORACLE_R1"), "it tells sum and number")

    china = datetime.timezone(datetime.timedelta(hours=8))
    today = datetime.datetime.now(china).strftime("%Y-%m-%d")
    bill = "data.dataservice.bill.downloadurl.query"
    early = call(bill, out_trade_no=today)
    tally.equal(early.get("sub_code"), "isp.bill_not_exist", "a day that is not over has no bill")
    sdk.Clock.ahead = 36 * 3_600
    sandbox.control("clock", offset_seconds=sdk.Clock.ahead)
    try:
        address = call(bill, out_trade_no=today).get("bill_download_url", "")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address) as answer:
            archive = zipfile.ZipFile(io.BytesIO(answer.read()), metadata_encoding="gbk")
    finally:
        sandbox.control("clock", offset_seconds=0)
        sdk.Clock.ahead = 0
    tally.equal(archive.testzip(), None, "the bill is a sound ZIP")
    names = archive.namelist()
    tally.holds(any(name.endswith("业务明细.csv") for name in names), "the bill holds the list of trades", names)
    text = archive.read(next(name for name in names if name.endswith("业务明细.csv"))).decode("gbk")
    rows = [line.split(",") for line in text.splitlines() if f",{NUMBER}\t," in line]
    tally.equal([(row[2], row[11], row[21].strip()) for row in rows], [("交易", "250.00", ""), ("退款", "-250.00", "ORACLE_R1")], "payment and refund stand in it")


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
