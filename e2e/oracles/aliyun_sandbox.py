"""Aliyun's SDK talks to the sandbox: each accepts what the other writes."""

import datetime
import http.client
import json
import urllib.parse

import aliyun_sdk
from alibabacloud_tea_openapi.utils import Utils

PHONE = "13977120001"
COMPANY = {
    "EpCertName": "南宁市朱槿信息技术有限公司",
    "EpCertNo": "914403001922038216",
    "LegalPersonCertName": "韦青山",
    "LegalPersonCertNo": "450199197205160175",
}


def talk(sandbox, state, tally):
    key_id, secret = ((state / name).read_text() for name in ("access-key-id", "access-key-secret"))
    auth_code = (state / "auth-code").read_text()
    host = urllib.parse.urlparse(sandbox.url).netloc

    def call(action, version, query, secret=secret):
        client = aliyun_sdk.make(key_id, secret, host, action, "HTTP")
        return aliyun_sdk.send(client, action, version, query)["body"]

    def refusal(action, version, query, secret=secret):
        """The code of a refusal, however the SDK tells it."""
        try:
            return call(action, version, query, secret).get("Code")
        except Exception as error:  # several kinds
            return getattr(error, "code", None) or str(error)

    message = {
        "PhoneNumbers": PHONE,
        "SignName": "北京数字认证",
        "TemplateCode": "SMS_490000010",
        "TemplateParam": json.dumps({"order": "20261120U000001", "amount": "250.00"}),
        "OutId": "oracle-1",
    }
    sent = call("SendSms", "2017-05-25", message)
    tally.equal(sent.get("Code"), "OK", "a message is accepted both ways")
    tally.holds(bool(sent.get("BizId")), "a message has an id")
    china = datetime.timezone(datetime.timedelta(hours=8))
    today = datetime.datetime.now(china).strftime("%Y%m%d")
    query = {"PhoneNumber": PHONE, "SendDate": today, "PageSize": "10", "CurrentPage": "1"}
    details = call("QuerySendDetails", "2017-05-25", query)
    found = details["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    tally.equal([one["OutId"] for one in found], ["oracle-1"], "the message is found")
    tally.holds("250.00元" in found[0]["Content"], "the message says what the template says")
    wrong = {**message, "PhoneNumbers": "12345"}
    tally.equal(refusal("SendSms", "2017-05-25", wrong), "isv.MOBILE_NUMBER_ILLEGAL", "a wrong number is refused")

    company = {"AuthCode": auth_code, **COMPANY}
    seen = call("CompanyFourElementsVerification", "2020-02-17", company)
    tally.equal((seen["Code"], seen["Data"]["VerifyResult"]), ("OK", "true"), "a company is verified")
    person = {"ParamType": "normal", "UserName": "李晓梅", "IdentifyNum": "450199199203180462", "Mobile": PHONE}
    seen = call("Mobile3MetaSimpleVerify", "2019-03-07", person)
    tally.equal((seen["Code"], seen["ResultObject"]["BizCode"]), ("200", "1"), "a person is verified")

    denied = refusal("SendSms", "2017-05-25", message, secret=secret + "x")
    tally.holds("SignatureDoesNotMatch" in denied, "a wrong secret is refused", denied)
    forged(host, key_id, secret, tally)


def forged(host, key_id, secret, tally):
    """A request that the SDK signed, one digit of the signature changed, and the same one unchanged."""
    genuine = Utils.get_authorization
    for flip, expected in ((False, 200), (True, 400)):
        kept = {}

        def keep(request, *rest):
            header = genuine(request, *rest)
            if flip:
                header = header[:-1] + ("0" if header[-1] != "0" else "1")
            kept.update(request.headers, Authorization=header)
            kept["path"] = "/?" + urllib.parse.urlencode(request.query, quote_via=urllib.parse.quote)
            raise aliyun_sdk.Seen("", header)

        Utils.get_authorization = staticmethod(keep)
        query = {"PhoneNumber": PHONE, "SendDate": "20261120", "PageSize": "10", "CurrentPage": "1"}
        try:
            aliyun_sdk.send(aliyun_sdk.make(key_id, secret, host), "QuerySendDetails", "2017-05-25", query)
        except Exception:  # Seen, wrapped or not
            pass
        finally:
            aliyun_sdk.release()
        path = kept.pop("path")
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.request("POST", path, body=b"", headers={**kept, "host": host})
        status = connection.getresponse().status
        tally.equal(status, expected, f"the sandbox and a signature {'with a flipped digit' if flip else 'of the SDK'}")
        connection.close()
