/** Side-by-side measurements of the built package: `npm run bench`; `npm run bench -- --help` describes each part. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine, machineLine } from "./machine.ts";
import { type Extent, type PartName, partNames, parts } from "./parts.ts";

const help = `npm run bench -- [--only PART]… [--json] [--rounds N] [--engine-rounds N] [--largest N]

  lost       actions that run because their machine comes back before their turn, of N whose machines are offline and
             come back at random: 40 % within an hour on average, 30 % within a day, 30 % within a month. Under the
             API's quota, on a simulated clock. Medians over named seeds. "newest": the same set at an API that does not
             return when machines were last seen. The peers are modelled, on the simulator's fleet and quota.
  calls      calls and time under the API's quota (100 a minute, 1,500 an hour) on a simulated clock without network
             latency, for N actions of which one in ten takes 10 s to end. The bound is the least time for N cancel
             requests and one read that proves the last. Our lifecycles are measured as the SDK's plugin calls them,
             with the parallel calls that each row names. The peers are modelled, with the same HTTP calls. Then one set
             with a latency of 0 and of 1 s, and at an API that refuses the longer forms of a list.
  first-request
             milliseconds until the first cancel request of a set reaches the API: from the start of "up" on the real
             engine, and from the confirmation of "apply". The run is then stopped.
  engine     preview, up, empty up and refresh on the real engine without a quota, beside the same program with a
             dynamic provider that does nothing ("idle") and beside one without resources ("empty"), for both faces.
             "without API": less the time that the same requests take a bare client. Also the peak memory of the
             plugin, and the state.
  cpu        processor time of a set's create without a quota, in a process of its own, through the export that stored
             state uses. With --against in pairs with another checkout's package.
  heap       growth of the heap for each cancellation of a set, without SDK and engine: the memory kept at the end, and
             the peak in between.
  start-up   import of the lifecycle, and the plugin's first answer.

  --only PART        only this part; may be given several times
  --json             JSON, for programs: npm run --silent bench -- --json
  --rounds N         rounds of start-up and cpu, 11 by default; figures are medians
  --engine-rounds N  rounds of engine and first-request, 3 by default
  --against FOLDER   cpu: the root of another checkout, built (npm run build)
  --seeds N          fleets of each kind in lost, 9 by default
  --largest N        at most N actions: --largest 100 takes two minutes
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
