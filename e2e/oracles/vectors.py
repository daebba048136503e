"""Our canonical strings and signatures against the SDK's, byte for byte."""

import datetime
import urllib.parse

from alipay.aop.api.domain.AlipayDataDataserviceBillDownloadurlQueryModel import (
    AlipayDataDataserviceBillDownloadurlQueryModel,
)
from alipay.aop.api.domain.AlipayTradeCloseModel import AlipayTradeCloseModel
from alipay.aop.api.domain.AlipayTradeFastpayRefundQueryModel import AlipayTradeFastpayRefundQueryModel
from alipay.aop.api.domain.AlipayTradePrecreateModel import AlipayTradePrecreateModel
from alipay.aop.api.domain.AlipayTradeQueryModel import AlipayTradeQueryModel
from alipay.aop.api.domain.AlipayTradeRefundModel import AlipayTradeRefundModel
from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
    AlipayDataDataserviceBillDownloadurlQueryRequest,
)
from alipay.aop.api.request.AlipayTradeCloseRequest import AlipayTradeCloseRequest
from alipay.aop.api.request.AlipayTradeFastpayRefundQueryRequest import AlipayTradeFastpayRefundQueryRequest
from alipay.aop.api.request.AlipayTradePrecreateRequest import AlipayTradePrecreateRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.util import SignatureUtils

import sdk

FEWEST = 20


def yuan(fen):
    return f"{fen // 100}.{fen % 100:02d}"


def request_of(case):
    """The SDK's request with the same content."""
    method = case["method"]
    if method == "alipay.data.dataservice.bill.downloadurl.query":
        model = AlipayDataDataserviceBillDownloadurlQueryModel()
        model.bill_type = "trade"
        model.bill_date = case["out_trade_no"]
        return AlipayDataDataserviceBillDownloadurlQueryRequest(biz_model=model)
    if method == "alipay.trade.refund":
        model = AlipayTradeRefundModel()
        model.out_request_no = case["out_request_no"]
        model.refund_amount = yuan(case["total_fen"])
        model.refund_reason = case["subject"]
        request = AlipayTradeRefundRequest(biz_model=model)
    elif method == "alipay.trade.fastpay.refund.query":
        model = AlipayTradeFastpayRefundQueryModel()
        model.out_request_no = case["out_request_no"]
        model.query_options = ["gmt_refund_pay"]
        request = AlipayTradeFastpayRefundQueryRequest(biz_model=model)
    elif method == "alipay.trade.precreate":
        model = AlipayTradePrecreateModel()
        model.subject = case["subject"]
        model.seller_id = case["seller_id"]
        model.product_code = case["product_code"]
        model.total_amount = yuan(case["total_fen"])
        expires = datetime.datetime.fromtimestamp(case["expires_unix"], sdk.CHINA)
        model.time_expire = expires.strftime("%Y-%m-%d %H:%M:%S")
        request = AlipayTradePrecreateRequest(biz_model=model)
        request.notify_url = case["notify_url"]
    elif method == "alipay.trade.query":
        model = AlipayTradeQueryModel()
        request = AlipayTradeQueryRequest(biz_model=model)
    else:
        model = AlipayTradeCloseModel()
        request = AlipayTradeCloseRequest(biz_model=model)
    model.out_trade_no = case["out_trade_no"]
    return request


def verifies(public, text, signature):
    """The SDK's own check."""
    try:
        return SignatureUtils.verify_with_rsa(public, text.encode(), signature)
    except Exception:
        return False


def compare(document, tally):
    cases = document["cases"]
    tally.holds(len(cases) >= FEWEST, f"at least {FEWEST} cases", f"only {len(cases)}")
    private, public = document["private_key_pkcs8"], document["public_key_spki"]
    for case in cases:
        name = f"{case['method']} {case['out_trade_no']}"
        sdk.Clock.fixed = case["now_unix"]
        client = sdk.make(case["app_id"], private, public)
        # sdk_execute signs and writes the whole request as one query: all that the SDK would send.
        sent = dict(urllib.parse.parse_qsl(client.sdk_execute(request_of(case)), keep_blank_values=True))
        signature = sent.pop("sign")
        canonical = SignatureUtils.get_sign_content(sent)
        tally.equal(case["canonical"], canonical, f"canonical string of {name}")
        tally.equal(case["signature"], signature, f"signature of {name}")
        tally.holds(verifies(public, case["canonical"], case["signature"]), f"the SDK accepts {name}")
        at = len(case["canonical"]) // 2
        flipped = case["canonical"][:at] + chr(ord(case["canonical"][at]) ^ 1) + case["canonical"][at + 1 :]
        tally.holds(not verifies(public, flipped, case["signature"]), f"a flipped byte in {name} is refused")
    sdk.Clock.fixed = None
