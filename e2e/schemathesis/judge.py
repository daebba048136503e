"""Sends requests and judges the answers."""

import collections
import random

import jsonschema_rs
import requests
from schemathesis.specs.openapi import checks

# Ends the session that the other requests need.
PARTING = ("/logout", "/leave", "/forget")
CHECKS = [checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance]
LONGEST_TOLD = 400


class Target:
    """A running hall, and what became of the requests to it."""

    def __init__(self, arguments, document):
        self.url = arguments.url
        self.orders = arguments.order
        self.cookies = {"certhall_applicant": arguments.applicant, "certhall_staff": arguments.staff}
        self.random = random.Random(arguments.seed)
        self.session = requests.Session()
        self.session.trust_env = False
        schema = {"$ref": "#/components/schemas/ApiError", "components": document["components"]}
        self.refusal = jsonschema_rs.validator_for(schema)
        self.passed = 0
        self.failed = 0
        self.statuses = collections.Counter()
        self.complaints = collections.Counter()

    def prove(self):
        """A judge that never complains proves nothing."""
        for status, kind, body in [
            (500, "application/json", b'{"code":"internal","message":"x"}'),
            (503, "text/plain", b"later"),
            (400, "text/plain; charset=utf-8", b"Failed to parse"),
            (422, "application/json", b'{"message":"no code"}'),
            (404, "application/json", b'{"code":"never_heard_of","message":"x"}'),
        ]:
            assert self.complaints_about(status, kind, body), f"no complaint about {status} {kind} {body}"
        assert not self.complaints_about(404, "application/json", b'{"code":"not_found","message":"x"}')

    def cookies_for(self, path):
        """Mostly those of somebody who may; sometimes none, sometimes nonsense."""
        kind = self.random.randrange(10)
        if kind == 0 or any(word in path for word in PARTING):
            return {}
        if kind == 1:
            return {name: "nonsense" for name in self.cookies}
        return {name: value for name, value in self.cookies.items() if value}

    def headers(self):
        """Each request from an address of its own: limits for one address would hide what lies behind them."""
        address = ".".join(["10", *(str(self.random.randrange(256)) for _ in range(3))])
        return {"x-forwarded-for": address}

    def number(self):
        """An order that is there, if there is one."""
        return self.random.choice(self.orders) if self.orders and self.random.random() < 0.7 else None

    def send_case(self, case):
        """A request of schemathesis's."""
        number = self.number()
        if number and isinstance(case.path_parameters, dict) and "number" in case.path_parameters:
            case.path_parameters["number"] = number
        what = f"{case.operation.method.upper()} {case.operation.path}"
        try:
            answer = case.call(
                session=self.session,
                headers=self.headers(),
                cookies=self.cookies_for(case.operation.path),
                timeout=60,
                allow_redirects=False,
            )
        except (ValueError, requests.exceptions.InvalidHeader):
            # The client itself can't say that.
            return
        except requests.exceptions.RequestException as error:
            self.judged(what, 0, [f"no answer: {type(error).__name__}"])
            return
        kind = (answer.headers.get("content-type") or [""])[0]
        complaints = self.complaints_about(answer.status_code, kind, answer.content)
        if answer.status_code < 400:
            try:
                case.validate_response(answer, checks=CHECKS)
            except Exception as error:  # noqa: BLE001 - every kind of finding is told
                complaints.append(str(error))
        self.judged(what, answer.status_code, complaints)

    def complaints_about(self, status, kind, body):
        """What is wrong with an answer, whatever the request was."""
        complaints = []
        if status >= 500:
            complaints.append(f"status {status}: {body[:LONGEST_TOLD]!r}")
        if status >= 400:
            if not kind.startswith("application/json"):
                complaints.append(f"status {status} as {kind!r}: {body[:LONGEST_TOLD]!r}")
            else:
                problem = next(self.refusal.iter_errors(requests.models.complexjson.loads(body)), None)
                if problem:
                    complaints.append(f"status {status} with a body that is no ApiError: {problem.message}")
        return complaints

    def judged(self, what, status, complaints):
        """Counts an answer; tells a kind of complaint once."""
        self.statuses[status] += 1
        if not complaints:
            self.passed += 1
            return
        self.failed += 1
        for complaint in complaints:
            key = (what, status, complaint[:60])
            self.complaints[key] += 1
            if self.complaints[key] == 1:
                print(f"FAILED: {what}: {complaint}", flush=True)

    def tell(self):
        """The sum."""
        for (what, _, complaint), times in self.complaints.items():
            if times > 1:
                print(f"    {times} times: {what}: {complaint}")
        print("answers by status: " + ", ".join(f"{status}: {n}" for status, n in sorted(self.statuses.items())))
        print(f"{self.passed} passed, {self.failed} failed")
