"""The official SDK, with time handed in and its address handling mended."""

import base64
import datetime
import http.client
import urllib.parse

import rsa
from alipay.aop.api import DefaultAlipayClient as client_module
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.util import WebUtils
from pyasn1.codec.der import decoder

CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Clock:
    """Stands in for the module `datetime` inside the SDK: its `datetime.now()` is China time, fixed if asked for."""

    fixed = None
    ahead = 0

    class datetime:  # noqa: N801, the SDK says datetime.datetime.now()
        @staticmethod
        def now():
            if Clock.fixed is not None:
                return datetime.datetime.fromtimestamp(Clock.fixed, CHINA)
            return datetime.datetime.now(CHINA) + datetime.timedelta(seconds=Clock.ahead)


def connection(url, query_string, timeout):
    """As the SDK's own, which ignores the port of the address."""
    parts = urllib.parse.urlparse(url)
    return f"{parts.path}?{query_string}", http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


client_module.datetime = Clock
WebUtils.get_http_connection = connection


def body_of(pem):
    """The base64 between a PEM's markers."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-"))


def pkcs1_of(pkcs8_base64):
    """The SDK reads PKCS#1 only; PKCS#8 wraps it in an octet string."""
    sequence, _ = decoder.decode(base64.b64decode(pkcs8_base64))
    inner = sequence.getComponentByPosition(2).asOctets()
    return base64.b64encode(inner).decode()


def make(app_id, private_pkcs8, public_spki, url="http://127.0.0.1:1/gateway.do"):
    """A client of the SDK."""
    config = AlipayClientConfig()
    config.server_url = url
    config.app_id = app_id
    config.app_private_key = pkcs1_of(private_pkcs8)
    config.alipay_public_key = public_spki
    return client_module.DefaultAlipayClient(config)


def public_key(spki_base64):
    """For signatures that the SDK has no call for."""
    pem = f"-----BEGIN PUBLIC KEY-----\n{spki_base64}\n-----END PUBLIC KEY-----\n"
    return rsa.PublicKey.load_pkcs1_openssl_pem(pem.encode())
