import { cpus, loadavg, totalmem } from "node:os";
import { execa } from "execa";

/** The machine on which the figures were measured. */
export interface Machine {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly system: string;
    readonly node: string;
    readonly pulumi: string;
    /** How many processes wanted a core in the minute before. */
    readonly loadBefore: number;
}

export async function describeMachine(): Promise<Machine> {
    const { stdout } = await execa("pulumi", ["version"], { reject: false });
    return {
        processor: cpus()[0]?.model ?? "unknown",
        cores: cpus().length,
        memoryGb: Math.round(totalmem() / 2 ** 30),
        system: `${process.platform} ${process.arch}`,
        node: process.version,
        pulumi: stdout?.trim() || "unknown",
        loadBefore: loadavg()[0] ?? 0,
    };
}

/** In one line. */
export function machineLine(machine: Machine): string {
    const { processor, cores, memoryGb, system, node, pulumi, loadBefore } = machine;
    return (
        `${cores} cores (${processor}), ${memoryGb} GB, ${system}, Node.js ${node}, Pulumi ${pulumi}, ` +
        `load average before ${loadBefore.toFixed(1)}`
    );
}
