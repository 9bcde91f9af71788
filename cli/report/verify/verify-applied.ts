import { createHash } from "node:crypto";
import { argumentsOf } from "../../../provider/resources/load-cancellations.ts";
import { declarationText, parseDeclaration } from "../../../provider/schema/declaration-file/declaration-file.ts";
import { type Properties, textIn } from "../../../provider/schema/input-rules.ts";
import { entriesOf, setDigest } from "../../../provider/schema/set-inputs.ts";
import { resultsIn } from "../../../provider/schema/stored-set.ts";
import type { StateResource } from "../../state/stack-state.ts";
import { type Findings, strangers } from "./finding.ts";
import { timeRule } from "./plausible.ts";
import { digestIfSound } from "./verify-resource.ts";

/** Stored times of a set have whole seconds. */
const secondMs = 1_000;

/** Compares the document of an `apply` with the resource in it, and with the declaration file if that can be read. */
export function verifyApplied(
    resource: StateResource,
    document: Properties,
    readFile: (path: string) => Buffer | undefined,
    findings: Findings,
): void {
    const { inputs } = resource;
    const digest = digestIfSound(() => setDigest(entriesOf(inputs)));
    findings.same("apply.digest", document.digest, digest, "the inputs give another digest");
    findings.same("apply.declaredBy", document.declaredBy, inputs.declaredBy, "the inputs name another declaration");
    const ending = ` (applied by hand: ${textIn(document.reason) ?? ""})`;
    const isInComment = textIn(document.reason) !== undefined && (textIn(inputs.comment) ?? "").endsWith(ending);
    findings.plausible("apply.reason", document.reason, isInComment, "the end of the comment in the inputs");
    verifyTimes(resource, document, findings);
    for (const name of strangers(document, documentNames)) {
        findings.add(`apply.${name}`, "mismatch", { why: "not a part of the evidence of an apply" });
    }
    findings.same("apply.version", document.version, 1);
    const failed = [...resultsIn(resource.outputs).values()].filter(({ failure }) => failure !== undefined).length;
    const hasReasons = Array.isArray(document.reasons) && document.reasons.length > 0;
    findings.plausible("apply.reasons", document.reasons, failed === 0 || hasReasons, `${failed} results have failed`);
    verifyFile(inputs, document, readFile, digest, findings);
}

const documentNames = [
    ...["kind", "version", "reason", "declaredBy", "operator", "file", "fileSha256", "digest"],
    ...["startedAtUtc", "endedAtUtc", "reasons", "requests"],
];

function verifyTimes({ outputs }: StateResource, document: Properties, findings: Findings): void {
    const [from, to] = [textIn(document.startedAtUtc), textIn(document.endedAtUtc)];
    const requests = [...resultsIn(outputs).values()].map(({ requestedAtUtc }) => Date.parse(String(requestedAtUtc)));
    const [start, end] = [Date.parse(from ?? "") - secondMs, Date.parse(to ?? "") + secondMs];
    const isBefore = !requests.some((at) => at < start) && !(end < start);
    findings.plausible("apply.startedAtUtc", from, timeRule(from) && isBefore, "a time before the requests");
    findings.plausible("apply.endedAtUtc", to, timeRule(to) && !requests.some((at) => at > end), "a time after them");
}

function verifyFile(
    inputs: Properties,
    document: Properties,
    readFile: (path: string) => Buffer | undefined,
    digest: string,
    findings: Findings,
): void {
    const [file, stored] = [textIn(document.file), document.fileSha256];
    const bytes = file === undefined ? undefined : readFile(file);
    if (bytes === undefined || file === undefined) {
        const isHash = /^[0-9a-f]{64}$/.test(String(stored));
        findings.plausible("apply.file", file, file !== undefined, "the name of the declaration file");
        findings.plausible("apply.fileSha256", stored, isHash, "the declaration file is not here");
        return;
    }
    const hash = createHash("sha256").update(bytes).digest("hex");
    findings.same("apply.fileSha256", stored, hash, `${file} is not the file that was applied`);
    const declared = declaredIn(bytes, file);
    if (stored === hash && declared !== undefined) {
        const { comment, ...rest } = argumentsOf(declared);
        findings.same(
            "apply.file",
            digestIfSound(() => setDigest(entriesOf(rest))),
            digest,
            `${file} has another digest`,
        );
        const applied = `${comment} (applied by hand: ${textIn(document.reason) ?? ""})`;
        findings.same("inputs.comment, as in the file", inputs.comment, applied, `${file} has another comment`);
    }
}

function declaredIn(bytes: Buffer, file: string) {
    try {
        return parseDeclaration(declarationText(bytes, file), file).declaration;
    } catch {
        return undefined;
    }
}
