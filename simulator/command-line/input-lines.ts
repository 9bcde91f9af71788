import type { Simulator } from "../simulator.ts";

const usage = 'With --steps, the simulator takes lines such as "advance 30", in seconds.';

/** Does what a line of standard input says; returns the line to show, which for any other line says what it takes. */
export function takeInputLine(line: string, simulator: Pick<Simulator, "advance">): string {
    const [, seconds = ""] = /^\s*advance\s+(\d{1,9}(?:\.\d{1,3})?)\s*$/i.exec(line) ?? [];
    if (!(Number(seconds) > 0)) {
        return usage;
    }
    simulator.advance(Number(seconds) * 1_000);
    return `advanced by ${Number(seconds)} s`;
}
