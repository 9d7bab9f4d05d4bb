"""Named steps with python-gitlab: each tells how it went as one line of JSON."""

import json
import sys
import traceback
from types import SimpleNamespace

import gitlab

_steps = []


def step(name):
    """Marks a function as a step; it is given the scene."""

    def mark(function):
        _steps.append((name, function))
        return function

    return mark


def client(scene, token):
    return gitlab.Gitlab(scene.url, private_token=token)


def refused(status, call, *arguments, **named):
    """Calls, and answers with the words of the refusal."""
    try:
        call(*arguments, **named)
    except gitlab.exceptions.GitlabError as fault:
        assert fault.response_code == status, f"{fault.response_code} instead of {status}: {fault}"
        return fault.error_message
    raise AssertionError("it was not refused")


def run():
    """Reads the scene from standard input: addresses, numbers and secrets, which no process list shows."""
    scene = SimpleNamespace(**json.load(sys.stdin))
    scene.root = client(scene, scene.token)
    scene.ada = client(scene, scene.adaToken)
    for name, function in _steps:
        try:
            function(scene)
            print(json.dumps({"step": name}), flush=True)
        except Exception:
            print(json.dumps({"step": name, "fault": traceback.format_exc()}), flush=True)
