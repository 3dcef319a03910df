"""Scenarios of quotas and of what a broker without an authorizer and without SASL refuses."""
import base64

from registry import scenario


@scenario("DescribeAcls")
def describe_acls(t):
    every = {"resourceTypeFilter": 1, "resourceNameFilter": None, "patternTypeFilter": 1,
             "principalFilter": None, "hostFilter": None, "operation": 1, "permissionType": 1}
    t.ask(every, "all")
    t.ask({**every, "resourceTypeFilter": 2, "resourceNameFilter": "x", "patternTypeFilter": 3,
           "principalFilter": "User:a", "hostFilter": "*", "operation": 3, "permissionType": 3},
          "one")
    t.ask({**every, "resourceTypeFilter": 99}, "unknown resource", wait=3000)


def creation(**more):
    return {"resourceType": 2, "resourceName": "x", "resourcePatternType": 3,
            "principal": "User:a", "host": "*", "operation": 3, "permissionType": 3, **more}


@scenario("CreateAcls")
def create_acls(t):
    t.ask({"creations": [creation()]}, "one")
    t.ask({"creations": [creation(), creation(resourceName="y")]}, "two")
    t.ask({"creations": []}, "none")
    t.ask({"creations": [creation(operation=99)]}, "unknown operation", wait=3000)


@scenario("DeleteAcls")
def delete_acls(t):
    one = {"resourceTypeFilter": 2, "resourceNameFilter": "x", "patternTypeFilter": 3,
           "principalFilter": None, "hostFilter": None, "operation": 1, "permissionType": 1}
    t.ask({"filters": [one]}, "one")
    t.ask({"filters": [one, one]}, "two")
    t.ask({"filters": []}, "none")


@scenario("DescribeUserScramCredentials")
def describe_scram(t):
    t.ask({"users": None}, "all")
    t.ask({"users": []}, "none")
    t.ask({"users": [{"name": "nobody"}]}, "unknown user")
    t.ask({"users": [{"name": "nobody"}, {"name": "nobody"}]}, "one user twice")
    t.ask({"users": [{"name": ""}]}, "no name")


@scenario("AlterUserScramCredentials")
def alter_scram(t):
    salt = base64.b64encode(b"salt").decode()

    def upsert(name, mechanism=1, iterations=4096):
        return {"name": name, "mechanism": mechanism, "iterations": iterations, "salt": salt,
                "saltedPassword": salt}

    t.ask({"deletions": [{"name": "nobody", "mechanism": 1}], "upsertions": []}, "unknown user")
    t.ask({"deletions": [{"name": "", "mechanism": 1}], "upsertions": []}, "no name")
    t.ask({"deletions": [{"name": "nobody", "mechanism": 9}], "upsertions": []},
          "unknown mechanism")
    t.ask({"deletions": [], "upsertions": []}, "nothing")
    t.ask({"deletions": [], "upsertions": [upsert("x", iterations=5)]}, "too few iterations")
    t.ask({"deletions": [], "upsertions": [upsert("x", iterations=99999)]},
          "too many iterations")
    t.ask({"deletions": [], "upsertions": [upsert("x", mechanism=9)]}, "add an unknown mechanism")
    t.ask({"deletions": [{"name": "x", "mechanism": 1}], "upsertions": [upsert("x")]},
          "one user twice")
    t.ask({"deletions": [], "upsertions": [upsert("x")]}, "add")


@scenario("CreateDelegationToken")
def create_token(t):
    body = {"renewers": [], "maxLifetimeMs": 1000}
    t.ask(body, "create")
    t.ask({**body, "renewers": [{"principalType": "User", "principalName": "x"}]}, "renewers")


@scenario("RenewDelegationToken")
def renew_token(t):
    t.ask({"hmac": "AAAA", "renewPeriodMs": 1000}, "renew")


@scenario("ExpireDelegationToken")
def expire_token(t):
    t.ask({"hmac": "AAAA", "expiryTimePeriodMs": 1000}, "expire")


@scenario("DescribeDelegationToken")
def describe_token(t):
    t.ask({"owners": None}, "all")
    t.ask({"owners": []}, "none")
    t.ask({"owners": [{"principalType": "User", "principalName": "x"}]}, "one")


def part(kind, match=0, name=None):
    return {"entityType": kind, "matchType": match, "match": name}


@scenario("DescribeClientQuotas")
def describe_quotas(t):
    def request(*parts, strict=False):
        return {"components": list(parts), "strict": strict}

    t.ask(request(), "all")
    t.ask(request(strict=True), "all, strict")
    t.ask(request(part("user", 0, "x")), "a user")
    t.ask(request(part("user", 1)), "the default user")
    t.ask(request(part("client-id", 2)), "any client")
    t.ask(request(part("ip", 0, "1.2.3.4")), "an address")
    t.ask(request(part("ip", 0, "1.2.3.4"), part("user", 2)), "an address and a user")
    t.ask(request(part("color", 0, "red")), "unknown entity")
    t.ask(request(part("", 2)), "no entity")
    t.ask(request(part("user", 9)), "unknown match")
    t.ask(request(part("user", 0)), "exact without a name")
    t.ask(request(part("user", 1, "x")), "default with a name")
    t.ask(request(part("user", 2), part("user", 2)), "one entity twice")
