import { createDefenderClient } from "../../provider/api/defender-client.ts";
import { createObserver, type Observer } from "../../provider/observe/observer.ts";
import { createVerifiedList } from "../../provider/observe/verified-list.ts";
import { httpTo } from "./http-client.ts";
import { recordedClock } from "./recorded-clock.ts";

/** An observer over a server whose rows the test makes up. */
export function observerOf(apiUrl: string): Observer {
    const clock = recordedClock();
    const client = createDefenderClient(httpTo(apiUrl, { clock }));
    return createObserver(
        client,
        createVerifiedList(client, () => {}, "a re-issue"),
        clock,
    );
}

export const row = (id: string, changes: object = {}) => ({
    id,
    status: "Pending",
    type: "Isolate",
    machineId: "m",
    ...changes,
});
export const idIn = (url: string) => url.split("?")[0]?.split("/").at(-1) ?? "";
export const isList = (url: string) => idIn(url) === "machineactions";
export const notFound = { status: 404, body: { error: { code: "ResourceNotFound", message: "" } } };
