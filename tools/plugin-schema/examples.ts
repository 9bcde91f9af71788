/** An example of the documentation of a resource or a function, in each language. */
export interface Example {
    readonly title: string;
    readonly yaml: string;
    readonly python: string;
    readonly typescript: string;
}

/** The description, with the examples in the form that Pulumi's documentation takes them. */
export function withExamples(description: string, examples: readonly Example[]): string {
    const shown = examples.map(({ title, ...sources }) =>
        [
            "{{% example %}}",
            `### ${title}`,
            "",
            ...(["typescript", "python", "yaml"] as const).flatMap((language) => [
                `\`\`\`${language}`,
                sources[language].trim(),
                "```",
                "",
            ]),
            "{{% /example %}}",
        ].join("\n"),
    );
    return [description, "", "{{% examples %}}", "## Example Usage", "", ...shown, "", "{{% /examples %}}", ""].join(
        "\n",
    );
}

export const cancellationExample: Example = {
    title: "Cancel one machine action",
    typescript: `
import * as defender from "pulumi-defender";

const ws0417 = new defender.MachineActionCancellation("ws-0417", {
    machineActionId: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    comment: "INC-4711: playbook 12 isolated the wrong machines",
    expect: { type: "Isolate", computerDnsName: "ws-0417.contoso.example" },
    notAfter: "2026-05-04T18:00:00Z",
});

export const effect = ws0417.effect;
`,
    python: `
import pulumi
import pulumi_defender as defender

ws0417 = defender.MachineActionCancellation(
    "ws-0417",
    machine_action_id="5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
    comment="INC-4711: playbook 12 isolated the wrong machines",
    expect={"type": "Isolate", "computer_dns_name": "ws-0417.contoso.example"},
    not_after="2026-05-04T18:00:00Z",
)

pulumi.export("effect", ws0417.effect)
`,
    yaml: `
resources:
  ws-0417:
    type: defender:MachineActionCancellation
    properties:
      machineActionId: 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f
      comment: "INC-4711: playbook 12 isolated the wrong machines"
      expect:
        type: Isolate
        computerDnsName: ws-0417.contoso.example
      notAfter: "2026-05-04T18:00:00Z"
outputs:
  effect: \${ws-0417.effect}
`,
};

export const setExample: Example = {
    title: "Cancel the actions of a playbook",
    typescript: `
import * as defender from "pulumi-defender";

const playbook12 = new defender.MachineActionCancellationSet("playbook-12", {
    comment: "INC-4711: playbook 12 isolated the wrong machines",
    cancellations: [
        {
            machineActionId: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
            expect: { type: "Isolate", computerDnsName: "ws-0417.contoso.example" },
        },
        { machineActionId: "0b8e4d21-5a6c-4f3d-9e70-1c2d3e4f5a6b", ifAlreadyFinal: "accept" },
    ],
});

export const counts = playbook12.counts;
`,
    python: `
import pulumi
import pulumi_defender as defender

playbook12 = defender.MachineActionCancellationSet(
    "playbook-12",
    comment="INC-4711: playbook 12 isolated the wrong machines",
    cancellations=[
        {
            "machine_action_id": "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
            "expect": {"type": "Isolate", "computer_dns_name": "ws-0417.contoso.example"},
        },
        {"machine_action_id": "0b8e4d21-5a6c-4f3d-9e70-1c2d3e4f5a6b", "if_already_final": "accept"},
    ],
)

pulumi.export("counts", playbook12.counts)
`,
    yaml: `
resources:
  playbook-12:
    type: defender:MachineActionCancellationSet
    properties:
      comment: "INC-4711: playbook 12 isolated the wrong machines"
      cancellations:
        - machineActionId: 5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f
          expect:
            type: Isolate
            computerDnsName: ws-0417.contoso.example
        - machineActionId: 0b8e4d21-5a6c-4f3d-9e70-1c2d3e4f5a6b
          ifAlreadyFinal: accept
outputs:
  counts: \${playbook-12.counts}
`,
};

export const queryExample: Example = {
    title: "List the actions that wait",
    typescript: `
import * as defender from "pulumi-defender";

const queued = defender.getMachineActionsOutput({
    status: ["Pending", "InProgress"],
    createdAfter: "2026-05-05T07:00:00Z",
});

export const ids = queued.machineActions.apply((actions) => actions.map(({ id }) => id));
`,
    python: `
import pulumi
import pulumi_defender as defender

queued = defender.get_machine_actions_output(
    status=["Pending", "InProgress"],
    created_after="2026-05-05T07:00:00Z",
)

pulumi.export("ids", queued.machine_actions.apply(lambda actions: [action.id for action in actions]))
`,
    yaml: `
variables:
  queued:
    fn::invoke:
      function: defender:getMachineActions
      arguments:
        status: [Pending, InProgress]
        createdAfter: "2026-05-05T07:00:00Z"
outputs:
  queued: \${queued.machineActions}
`,
};
