"""mde-client, unmodified: lists, isolates, cancels, isolates again and polls to the end."""

import os
import time

from mde_client import MDEClient
from mde_client.endpoints.machineActions import MachineActionsQuery
from mde_client.endpoints.machines import MachinesQuery
from mde_client.models.action_payloads import CancelPayload, IsolatePayload


def query(**properties):
    names = ("id", "status", "machineId", "type", "requestor", "creationDateTimeUtc")
    return MachineActionsQuery(**{name: properties.get(name) for name in names})


with MDEClient(
    os.environ["AZURE_TENANT_ID"],
    os.environ["AZURE_CLIENT_ID"],
    os.environ["AZURE_CLIENT_SECRET"],
    # The client has an option for the address of the API, but none for that of the sign-in.
    base_url=os.environ["DEFENDER_API_URL"],
) as client:
    machines = {row["computerDnsName"]: row for row in client.machines.get_all().to_dicts()}
    online, offline = machines["ws-1.contoso.example"], machines["ws-2.contoso.example"]
    isolation = IsolatePayload(Comment="INC-4711", IsolationType="Full")

    # Of an answer with one action this client keeps nothing, so that the list has to tell.
    def newest_on(machine):
        listed = client.machine_actions.get_all(query(machineId=machine["id"], type="Isolate")).to_dicts()
        return max(listed, key=lambda action: action["creationDateTimeUtc"])

    def wait_for_end(action_id):
        for _ in range(120):
            (action,) = client.machine_actions.get_all(query(id=action_id)).to_dicts()
            if action["status"] not in ("Pending", "InProgress"):
                return action
            time.sleep(0.5)
        raise TimeoutError(action)

    client.machine_actions.isolate(offline["id"], isolation).to_dicts()
    first = newest_on(offline)
    client.machine_actions.cancel(first["id"], CancelPayload(Comment="wrong scope")).to_dicts()
    ended = wait_for_end(first["id"])
    assert ended["status"] == "Cancelled", ended
    assert ended["cancellationComment"] == "wrong scope", ended

    client.machine_actions.isolate(online["id"], isolation).to_dicts()
    second = newest_on(online)
    ended = wait_for_end(second["id"])
    assert ended["status"] == "Succeeded", ended

    done = client.machine_actions.get_all(query(status=["Cancelled", "Succeeded"], type="Isolate")).to_dicts()
    assert {row["id"] for row in done} == {first["id"], second["id"]}, done
    print(first["id"], second["id"])
