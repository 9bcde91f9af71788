import test from "ava";
import { type Lifecycle, StepFailure } from "../../provider/lifecycles/lifecycle.ts";
import { withCausesOnce } from "../../provider/lifecycles/repeated-causes.ts";
import { DefenderError, errorLine } from "../../provider/model/errors.ts";

const unused = () => Promise.reject(new Error("not used"));

/** The line of the error of each resource, in the order in which they fail. */
async function linesOf(failures: readonly (readonly [name: string, failure: Error])[]): Promise<readonly string[]> {
    const left = failures.map(([, failure]) => failure);
    const fail = () => Promise.reject(left.shift() ?? new Error("no failure left"));
    const lifecycle: Lifecycle = {
        ...{ check: unused, diff: unused, read: unused, delete: unused },
        create: fail,
        update: fail,
    };
    const { create, update } = withCausesOnce(lifecycle);
    const lines: string[] = [];
    for (const [at, [name]] of failures.entries()) {
        const declaredBy = `incident/prod/${name}`;
        await (at % 2 === 0 ? create({ declaredBy }) : update("id", {}, { declaredBy })).catch((error) => {
            lines.push(errorLine(error));
        });
    }
    return lines;
}

test("a cause of several resources is explained once, and the others name the resource that explains it", async (t) => {
    const network = (id: string) =>
        new DefenderError("ERR_DEFENDER_NETWORK", `GET /api/machineactions/${id} got no answer`, {
            machineActionId: id,
        });
    const missing = new DefenderError("ERR_DEFENDER_NO_CREDENTIAL", "no credential: set DEFENDER_ACCESS_TOKEN");
    t.deepEqual(
        await linesOf([
            ["a", network("1")],
            ["b", network("2")],
            ["c", missing],
            ["d", network("3")],
            ["e/f", missing],
            ["a", network("1")],
        ]),
        [
            "ERR_DEFENDER_NETWORK: GET /api/machineactions/1 got no answer",
            "ERR_DEFENDER_NETWORK: same cause as a, whose error says what to do",
            "ERR_DEFENDER_NO_CREDENTIAL: no credential: set DEFENDER_ACCESS_TOKEN",
            "ERR_DEFENDER_NETWORK: same cause as a, whose error says what to do",
            "ERR_DEFENDER_NO_CREDENTIAL: same cause as c, whose error says what to do",
            "ERR_DEFENDER_NETWORK: GET /api/machineactions/1 got no answer",
        ],
    );
});

test("an action that the API does not have keeps its id and its tracking id, because these are what a reader checks", async (t) => {
    const missing = (machineActionId: string) =>
        new DefenderError("ERR_DEFENDER_NOT_FOUND", `machine action ${machineActionId} is not known to the API`, {
            machineActionId,
            trackingId: `t${machineActionId}`,
        });
    t.deepEqual(
        await linesOf([
            ["a", missing("1")],
            ["b", missing("2")],
        ]),
        [
            "ERR_DEFENDER_NOT_FOUND: machine action 1 is not known to the API (tracking id t1)",
            "ERR_DEFENDER_NOT_FOUND: machine action 2: same cause as a, whose error says what to do (tracking id t2)",
        ],
    );
});

test("what is about the action itself, and what keeps a state, is said for each resource", async (t) => {
    const late = new DefenderError("ERR_DEFENDER_TOO_LATE", "too late: Isolate on ws-0417 ended as Succeeded");
    const kept = new StepFailure(["ERR_DEFENDER_NETWORK: requested, and not proven"], { id: "a", properties: {} });
    t.deepEqual(
        await linesOf([
            ["a", late],
            ["b", late],
            ["c", kept],
            ["d", kept],
        ]),
        [errorLine(late), errorLine(late), kept.message, kept.message],
    );
});

test("a resource without a name, or with a hostile one, is still told from the others", async (t) => {
    const missing = new DefenderError("ERR_DEFENDER_NO_CREDENTIAL", "no credential");
    const [, second] = await linesOf([
        ["\u001b[31mred\n::error::", missing],
        ["b", missing],
    ]);
    t.regex(second ?? "", /^ERR_DEFENDER_NO_CREDENTIAL: same cause as \S*red.*, whose error says what to do$/);
    t.false(second?.includes("\u001b") || second?.includes("\n"));
});
