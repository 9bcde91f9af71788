/** Side-by-side measurements of the built package: `npm run bench`; `npm run bench -- --help` says what and how. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine, machineLine } from "./machine.ts";
import { type Extent, type PartName, partNames, parts } from "./parts.ts";

const help = `npm run bench -- [--only PART]… [--json] [--rounds N] [--engine-rounds N] [--largest N]

  lost       actions that run because their machine comes back before their turn, of N whose machines are offline and
             come back at random: 40 % within an hour on average, 30 % within a day, 30 % within a month. Under the
             API's quota, on a simulated clock. Medians over named seeds. "newest": the same set at an API that does not
             tell when machines were last seen. Modelled, on the simulator's fleet and quota: the peers.
  calls      calls and time under the API's quota (100 a minute, 1,500 an hour) on a simulated clock on which the way
             to the API takes no time, for N actions of which one in ten takes 10 s to end. The bound is the least
             time for N cancel requests and one read that proves the last. Measured: our lifecycles as the SDK's
             plugin calls them, at most so many at once. Modelled, with the same HTTP calls: the peers. Then one set
             where the way to the API takes 0 and 1 s, and where the API refuses the longer forms of a list.
  first-request
             milliseconds until the first cancel request of a set is at the API: from the start of "up" on the real
             engine, and from the confirmation of "apply". What comes after it is cut off.
  engine     preview, up, empty up and refresh on the real engine without a quota, beside the same program with a
             lifecycle that does nothing ("idle") and beside one without resources ("empty"). "without API": less the
             time that the same requests take a bare client. And the peak memory of the plugin, and the state.
  cpu        processor time of a set's create without a quota, in a process of its own, by the door that stored state
             uses. With --against in pairs with another checkout's package.
  heap       growth of the heap for each cancellation of a set, without SDK and engine: what is kept at the end, and
             the most in between.
  start-up   import of the lifecycle, and the plugin's first answer.

  --only PART        only this part; may be given several times
  --json             JSON, for programs: npm run --silent bench -- --json
  --rounds N         rounds of start-up and cpu, 11 by default; figures are medians
  --engine-rounds N  rounds of engine and first-request, 3 by default
  --against FOLDER   cpu: the root of another checkout, built (npm run build)
  --seeds N          fleets of each kind in lost, 9 by default
  --largest N        no more actions than N: --largest 100 is over in two minutes
`;

const { values } = parseArgs({
    options: {
        help: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [...partNames] },
        rounds: { type: "string", default: "11" },
        "engine-rounds": { type: "string", default: "3" },
        against: { type: "string" },
        seeds: { type: "string", default: "9" },
        largest: { type: "string", default: "5000" },
    },
});

if (values.help) {
    console.log(help);
} else {
    await run();
}

async function run(): Promise<void> {
    const chosen = values.only.map(partOf);
    const extent: Extent = {
        rounds: wholeNumber("rounds"),
        engineRounds: wholeNumber("engine-rounds"),
        seeds: wholeNumber("seeds"),
        largest: wholeNumber("largest"),
        ...(values.against === undefined ? {} : { against: resolve(values.against) }),
    };
    const machine = await describeMachine();
    const results: Record<string, unknown> = {};
    for (const name of partNames.filter((one) => chosen.includes(one))) {
        const findings = await parts[name](extent);
        results[name] = findings.results;
        if (!values.json) {
            console.log(`${name}\n\n${findings.text}\n`);
        }
    }
    console.log(values.json ? JSON.stringify({ machine, extent, results }, undefined, 4) : machineLine(machine));
}

function partOf(name: string): PartName {
    const part = partNames.find((one) => one === name);
    if (part === undefined) {
        throw new Error(`--only is ${name}: expected one of ${partNames.join(", ")}`);
    }
    return part;
}

function wholeNumber(name: "rounds" | "engine-rounds" | "seeds" | "largest"): number {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 1) {
        throw new Error(`--${name} is ${values[name]}: expected a whole number, at least 1`);
    }
    return number;
}
