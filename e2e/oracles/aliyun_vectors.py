"""Our canonical requests and signatures against the SDK's, byte for byte."""

import aliyun_sdk

FEWEST = 20


def seen_by_sdk(case, key_id, secret):
    """What the SDK signs for the same call."""
    aliyun_sdk.fix(case["time"], case["nonce"])
    try:
        client = aliyun_sdk.make(key_id, secret, case["host"], case["action"])
        aliyun_sdk.send(client, case["action"], case["version"], case["query"])
    except Exception as error:  # the SDK wraps what ends its call
        while error is not None and not isinstance(error, aliyun_sdk.Seen):
            error = error.__cause__ or error.__context__ or getattr(error, "inner_exception", None)
        if error is None:
            raise
        return error
    finally:
        aliyun_sdk.release()
    raise AssertionError("the SDK sent something")


def compare(document, tally):
    cases = document["cases"]
    key_id, secret = document["key_id"], document["key_secret"]
    tally.holds(len(cases) >= FEWEST, f"at least {FEWEST} cases of Aliyun's", f"only {len(cases)}")
    for number, case in enumerate(cases):
        name = f"{case['action']} {number}"
        theirs = seen_by_sdk(case, key_id, secret)
        tally.equal(case["canonical"], theirs.canonical, f"canonical request of {name}")
        tally.equal(case["authorization"], theirs.authorization, f"authorization of {name}")
        tally.holds(theirs.authorization.endswith(f"Signature={case['signature']}"), f"signature of {name}")
        flipped = {**case, "nonce": case["nonce"][:-1] + ("0" if case["nonce"][-1] != "0" else "1")}
        other = seen_by_sdk(flipped, key_id, secret).authorization
        tally.holds(other != case["authorization"], f"another byte in {name} has another signature")
