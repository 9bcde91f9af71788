import type { ProviderReference } from "../../model/provider-reference.ts";
import type { Forecast } from "../../plan/forecast.ts";
import type { Registration } from "./registered.ts";

/** The line of a resource that needs no read; undefined where its actions decide, or where it gets no line. */
export function foregone(registration: Registration, { text }: ProviderReference): Forecast | undefined {
    if (registration === "untouched") {
        return undefined;
    }
    if (registration === "stripped") {
        return {
            line:
                "cannot be judged: its preview hook was removed, so the preview does not see what is registered. A " +
                "transform that returns options must keep their hooks",
            verdict: "would fail",
        };
    }
    return registration.inputs.__provider === text
        ? undefined
        : {
              line: "refused: a transform replaced the text by which state names this package (__provider)",
              verdict: "refused",
          };
}
