import { z } from "zod";
import {
    commonProperties,
    entryProperties,
    expectation,
    listOf,
    setProperties,
    withMore,
} from "../../provider/schema/declared-properties.ts";
import type { Shape } from "./documented.ts";

/**
 * The inputs of the two resources: the properties of a declaration file, with what holds only for resources. No input
 * has a default, because an SDK would write it into the program: an entry would then replace its set's `ifAlreadyFinal`,
 * and a stack that moves from the dynamic provider would show a change of every resource.
 */

const ofSecrets =
    "A secret Output is refused, whole or in a property, because messages and records show these values as plain text.";

const namedExpectation = expectation.meta({
    id: "MachineActionExpectation",
    description: "Properties of a machine action that must match the approved values; at least one.",
});

const expect = namedExpectation.optional().meta({ description: `${expectation.description} ${ofSecrets}` });

const comment = withMore(
    commonProperties.comment,
    "A changed comment is recorded and sends nothing. A secret Output is refused.",
);

/** The inputs that a resource of `get` may have. */
export const watchedInputs: readonly string[] = ["ifAlreadyFinal", "onReissue", "reissueWindowHours"];

export const cancellationInputs: Shape = {
    machineActionId: withMore(
        entryProperties.machineActionId,
        "A change replaces the resource: the new action is cancelled first, then the old record is deleted without a call.",
    ).meta({ willReplaceOnChanges: true }),
    ...commonProperties,
    comment,
    expect,
};

const entry = z
    .strictObject({ ...entryProperties, expect })
    .meta({ id: "SetCancellation", description: "One cancellation of a set." });

export const setInputs: Shape = {
    cancellations: listOf(entry),
    ...setProperties,
    comment: withMore(comment, "Its tag has the digest of the whole set."),
};
