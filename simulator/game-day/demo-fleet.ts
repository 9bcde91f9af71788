import type { ActionSeed } from "../actions/action-seed.ts";

const minute = 60_000;
const scan = "RunAntiVirusScan";

/**
 * A small tenant after a playbook has isolated machines that it should have left alone: some isolations wait, one is in
 * progress, one is done, one is cancelled already. A scan and a live response of other people run at the same time.
 * Ids, machines and hosts are always the same; the times lie up to an hour before `now` (ms since the epoch).
 */
export function demoFleet(now: number = Date.now()): ActionSeed[] {
    const ago = (minutes: number): string => new Date(now - minutes * minute).toISOString();
    return [
        {
            id: "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f",
            type: "Isolate",
            status: "Pending",
            machineId: "3c0ffee0123456789abcdef0123456789abcdef0",
            computerDnsName: "ws-0417.contoso.example",
            requestor: "soar@contoso.example",
            requestorComment: "playbook 12",
            creationDateTimeUtc: ago(41),
        },
        {
            id: "0b8e4d21-5a6c-4f3d-9e70-1c2d3e4f5a6b",
            machineId: "7d41f0a29b3c4e5d6f708192a3b4c5d6e7f80912",
            computerDnsName: "ws-0418.contoso.example",
            creationDateTimeUtc: ago(41),
        },
        {
            id: "c41d9f32-7b08-4e5a-b1c6-2d3e4f5a6b7c",
            machineId: "a95b6c7d8e9f00112233445566778899aabbccdd",
            computerDnsName: "srv-files-02.contoso.example",
            creationDateTimeUtc: ago(40),
        },
        {
            id: "e7a05b43-1c9d-4d6b-a2f8-3e4f5a6b7c8d",
            machineId: "1f2e3d4c5b6a79880716253443526170f8e9dacb",
            computerDnsName: "ws-0533.contoso.example",
            behaviour: "in-progress-then-cancelled",
            settleMs: 3_000,
            creationDateTimeUtc: ago(40),
        },
        {
            id: "92f6c854-3d1e-4b7c-8409-4f5a6b7c8d9e",
            type: scan,
            machineId: "60718293a4b5c6d7e8f9000b1c2d3e4f50617283",
            computerDnsName: "lt-0092.contoso.example",
            requestor: "analyst@contoso.example",
            requestorComment: "weekly scan",
            requestSource: "Portal",
            scope: "Quick",
            behaviour: "in-progress-then-succeeded",
            settleMs: 3_000,
            creationDateTimeUtc: ago(22),
        },
        {
            id: "4ad7e965-5f20-4c8d-9b1a-5a6b7c8d9eaf",
            machineId: "2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e",
            computerDnsName: "ws-0610.contoso.example",
            requestor: "analyst@contoso.example",
            requestorComment: "collect triage data",
            requestSource: "Portal",
            behaviour: "cancelled-though-completed",
            settleMs: 3_000,
            creationDateTimeUtc: ago(15),
        },
        {
            id: "b60f8a76-7132-4d9e-8c2b-6b7c8d9eafb0",
            status: "Succeeded",
            machineId: "8f9e0d1c2b3a495867768594a3b2c1d0e1f20314",
            computerDnsName: "ws-0402.contoso.example",
            creationDateTimeUtc: ago(58),
        },
        {
            id: "d3819b87-9344-4eaf-bd3c-7c8d9eafb0c1",
            status: "Cancelled",
            machineId: "45566778899aabbccddeeff00112233445566778",
            computerDnsName: "ws-0399.contoso.example",
            creationDateTimeUtc: ago(57),
        },
    ];
}
