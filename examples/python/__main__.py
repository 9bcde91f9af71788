import json
import re
from pathlib import Path

import pulumi
import pulumi_defender as defender

isolation = defender.MachineActionCancellation(
    "wrong-isolation",
    machine_action_id="5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    comment="INC-4711: playbook 12 isolated the wrong machine",
    expect={"type": "Isolate", "computer_dns_name": "ws-0417.contoso.example"},
)


def load_cancellations(path: str) -> dict:
    """The arguments of a set, from a declaration file that `defender-cancellation declare` has written as JSON."""
    declaration = json.loads(Path(path).read_text(encoding="utf-8"))
    if declaration.pop("version") != 1:
        raise ValueError(f"{path} is not a declaration of version 1")
    declaration.pop("$schema", None)
    for entry in declaration["cancellations"]:
        entry.pop("note", None)
    # An unknown property becomes an argument that the class does not have, which is an error.
    return {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in declaration.items()}


# A stack for each incident, and a file of its name: a new incident is a new data file, and no line of code.
incident = pulumi.get_stack()
playbook = defender.MachineActionCancellationSet(incident, **load_cancellations(f"incidents/{incident}.json"))

# What stays true. A status would not: outputs keep their old values when a refresh finds drift.
pulumi.export("computer", isolation.computer_dns_name)
pulumi.export("digest", playbook.digest)
