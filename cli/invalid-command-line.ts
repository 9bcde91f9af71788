import type { Command, CommanderError } from "commander";
import { explainBareArguments } from "./bare-arguments.ts";
import { commandName } from "./typed-command.ts";

/** What a command is called elsewhere, and what to type here. */
const otherCommands: readonly { readonly words: readonly string[]; readonly instead: string }[] = [
    {
        words: ["verify", "check", "proof"],
        instead: `\`${commandName} report --stack NAME --verify\` compares a record with Defender`,
    },
    {
        words: ["list", "ls", "find", "search", "show", "get", "status", "action"],
        instead: `\`${commandName} actions\` lists the machine actions`,
    },
    {
        words: ["cancel", "stop", "abort", "add"],
        instead: `\`${commandName} declare FILE\` writes what to cancel, and \`pulumi up\` cancels it`,
    },
    { words: ["preview", "plan", "up", "refresh", "destroy"], instead: "that is a command of `pulumi`" },
];

/** What an option is called elsewhere, and the option of these commands. */
const otherOptions: Readonly<Record<string, readonly string[]>> = {
    "--since": ["--created-after"],
    "--after": ["--created-after", "--since"],
    "--until": ["--created-before"],
    "--before": ["--created-before", "--until"],
    "--user": ["--requestor"],
    "--by": ["--requestor"],
    "--host": ["--machine"],
    "--computer": ["--machine"],
    "--file": ["--state"],
    "--evidence": ["--state"],
    "--limit": ["--top"],
    "--out": ["--output"],
};

/**
 * The lines about an invalid command line: what is wrong, and what to type instead. `program` has parsed the arguments as far
 * as it could.
 */
export function explainInvalid(
    error: CommanderError,
    program: Command,
    args: readonly string[],
    cwd: string,
): readonly string[] {
    const [name = ""] = program.args;
    const command = program.commands.find((one) => one.name() === name);
    const said = error.message
        .replace(/^error: /, "")
        .replaceAll("\n", " ")
        .replace(/\.$/, "");
    if (command === undefined) {
        return error.code === "commander.unknownCommand" ? [unknownCommand(name, said, program)] : [said, help("")];
    }
    switch (error.code) {
        case "commander.excessArguments":
            return [explainBareArguments(command, args, cwd), help(name)];
        case "commander.missingArgument":
        case "commander.missingMandatoryOptionValue":
            return [`${name} needs more:`, ...missing(command), help(name)];
        case "commander.unknownOption":
            return [`${said}${meantOption(command, args)}`, help(name)];
        default:
            return [said, help(name)];
    }
}

function help(name: string): string {
    return `\`${commandName} ${name}${name && " "}--help\` shows the options${name && " and an example"}`;
}

function unknownCommand(name: string, said: string, program: Command): string {
    const instead = otherCommands.find(({ words }) => words.includes(name.toLowerCase()))?.instead;
    const names = program.commands.map((one) => one.name());
    const isSuggested = said.endsWith("?)");
    return isSuggested ? said : `${said}: ${instead ?? `the commands are ${names.join(", ")}`}`;
}

/** A line for each argument and each option that the command needs and did not get. */
function missing(command: Command): string[] {
    return [
        ...command.registeredArguments
            .slice(command.args.length)
            .filter(({ required }) => required)
            .map((argument) => `  <${argument.name()}>: ${argument.description}`),
        ...command.options
            .filter((option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined)
            .map(({ flags, description }) => `  ${flags}: ${description}`),
    ];
}

function meantOption(command: Command, args: readonly string[]): string {
    const names = command.options.map(({ long }) => long);
    const given = args
        .map((one) => one.replace(/=.*$/s, ""))
        .find((one) => one.startsWith("--") && !names.includes(one));
    const meant = otherOptions[given ?? ""]?.find((one) => names.includes(one));
    return meant === undefined ? "" : ` (Did you mean ${meant}?)`;
}
