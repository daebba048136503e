"""The official SDK, with time and nonce handed in."""

from alibabacloud_dysmsapi20170525 import models as sms
from alibabacloud_dysmsapi20170525.client import Client as SmsClient
from alibabacloud_tea_openapi import utils_models as open_api
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.utils import Utils
from darabonba.runtime import RuntimeOptions

# Headers that the SDK signs although nobody asks for it: ours does not send or not sign them.
ITS_OWN = ("user-agent", "accept", "x-acs-credentials-provider")

machine = {name: getattr(Utils, name) for name in ("get_timestamp", "get_nonce", "get_authorization", "hash")}


class Seen(Exception):
    """Ends a call before it is sent, with what was signed."""

    def __init__(self, canonical, authorization):
        super().__init__(canonical)
        self.canonical = canonical
        self.authorization = authorization


def fix(time, nonce):
    """From now on the SDK signs for this time with this nonce, and sends nothing."""

    def authorization(request, sign_type, payload, key_id, secret):
        for name in ITS_OWN:
            request.headers.pop(name, None)
        hashed = []

        def hash_and_keep(raw, kind):
            hashed.append(raw)
            return machine["hash"](raw, kind)

        Utils.hash = staticmethod(hash_and_keep)
        try:
            header = machine["get_authorization"](request, sign_type, payload, key_id, secret)
        finally:
            Utils.hash = staticmethod(machine["hash"])
        raise Seen(hashed[0].decode(), header)

    Utils.get_timestamp = staticmethod(lambda: time)
    Utils.get_nonce = staticmethod(lambda: nonce)
    Utils.get_authorization = staticmethod(authorization)


def release():
    """The SDK is itself again."""
    for name, function in machine.items():
        setattr(Utils, name, staticmethod(function))


def config_of(key_id, secret, endpoint, protocol):
    return open_api.Config(
        access_key_id=key_id, access_key_secret=secret, endpoint=endpoint, protocol=protocol, region_id="cn-hangzhou"
    )


def runtime():
    return RuntimeOptions(read_timeout=5_000, connect_timeout=2_000, autoretry=False, max_attempts=1, no_proxy="127.0.0.1")


def call(client, action, version, query):
    """A call of a product without a package of its own in this environment."""
    params = open_api.Params(
        action=action,
        version=version,
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    return client.call_api(params, open_api.OpenApiRequest(query=Utils.query(query)), runtime())


def send(client, action, version, query):
    """The call as a program would make it: by the product's own package where there is one."""
    if action == "SendSms":
        request = sms.SendSmsRequest(
            phone_numbers=query.get("PhoneNumbers"),
            sign_name=query.get("SignName"),
            template_code=query.get("TemplateCode"),
            template_param=query.get("TemplateParam"),
            out_id=query.get("OutId"),
        )
        return client.send_sms_with_options(request, runtime()).to_map()
    if action == "QuerySendDetails":
        request = sms.QuerySendDetailsRequest(
            phone_number=query.get("PhoneNumber"),
            send_date=query.get("SendDate"),
            page_size=int(query.get("PageSize")),
            current_page=int(query.get("CurrentPage")),
        )
        return client.query_send_details_with_options(request, runtime()).to_map()
    return call(client, action, version, query)


def make(key_id, secret, endpoint, action="SendSms", protocol="HTTPS"):
    kind = SmsClient if action in ("SendSms", "QuerySendDetails") else OpenApiClient
    return kind(config_of(key_id, secret, endpoint, protocol))
