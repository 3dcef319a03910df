"""The scenarios, by API. A scenario is called once per broker and version with a Target."""
SCENARIOS = {}


def scenario(api):
    def add(function):
        SCENARIOS.setdefault(api, []).append(function)
        return function

    return add
