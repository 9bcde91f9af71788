import type { Fault } from "../../simulator/index.ts";

/** The faults that fit any request. */
export const anyFaults: Readonly<Record<string, Fault>> = {
    "drop before": "drop before",
    "drop after": "drop after",
    "500 before": "500 before",
    "500 after": "500 after",
    "502 with HTML before": "502 before",
    "502 with HTML after": "502 after",
    "503 before": "503 before",
    "503 after": "503 after",
    "429": { name: "429", retryAfterSeconds: 8 },
    "429 without a time": "429",
    "401": "401",
    "403": {
        name: "answer",
        when: "before",
        status: 403,
        body: '{"error":{"code":"Forbidden","message":"no role"}}',
    },
    "400 though it was done": { name: "answer", when: "after", status: 400, body: "" },
    "409": { name: "answer", when: "before", status: 409, body: '{"error":{"code":"Conflict","message":"busy"}}' },
    "slow first byte": { name: "slow first byte", milliseconds: 50 },
    "short body": "short body",
    "cut JSON": "cut JSON",
    "another action": {
        name: "answer",
        when: "after",
        status: 200,
        body: '{"id":"00000000-0000-4000-8000-00000000ffff","status":"Cancelled"}',
    },
    "404 then visible": "not visible",
    "a gateway's 404": { name: "answer", when: "before", status: 404, body: "<html>Not Found</html>" },
};

/** The faults that fit only lists. */
export const listFaults: Readonly<Record<string, Fault>> = {
    "lacks a row": "lacks a row",
    "repeats a row": "repeats a row",
    "ignores the filter": "ignores the filter",
    "repeats a page": "repeats a page",
    "links to another host": { name: "links to another host", origin: "https://attacker.example" },
};
