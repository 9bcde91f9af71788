import assert from "node:assert/strict";
import test from "ava";
import fc from "fast-check";
import { readPages } from "../../provider/api/pages.ts";
import { DefenderError } from "../../provider/model/errors.ts";
import { startApiServer } from "../helpers/api-server.ts";
import { fuzz } from "../helpers/fuzz.ts";
import { hostileJson, hostileText } from "../helpers/hostile.ts";
import { httpTo } from "../helpers/http-client.ts";
import { recordedClock } from "../helpers/recorded-clock.ts";

const path = "/prefix/api/machineactions";

test("whatever a next link says, the token goes to the configured host and path alone, and the list ends", async (t) => {
    let next: unknown;
    await using stranger = await startApiServer(() => ({ body: { value: ["stranger"] } }));
    await using api = await startApiServer(() => ({ body: { value: [], "@odata.nextLink": next } }));
    const { host } = new URL(stranger.url);
    const seen = { own: 0 };
    const part = fc.oneof(
        hostileText,
        fc.constantFrom(
            ...[
                stranger.url,
                `//${host}`,
                `\\\\${host}`,
                `https:${host}`,
                `http://${host}@`,
                `@${host}`,
                `%2f%2f${host}`,
            ],
            ...[
                "http://127。0。0。1",
                "http:\\\\",
                "file:///etc/passwd",
                "data:,x",
                "javascript:",
                "..",
                "/..",
                "%2e%2e/",
                "?",
                "??",
            ],
            ...[
                "?$skip=1",
                "?$filter=id eq 'x'",
                "?#",
                "#",
                "?\t",
                "?\u0000",
                "?%",
                "?%zz",
                "?a\r\nHost: x",
                path,
                "&",
                "=",
            ],
        ),
    );
    const link = fc.oneof(
        { weight: 8, arbitrary: fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("")) },
        { weight: 1, arbitrary: hostileJson(["@odata.nextLink"]) },
    );
    await fuzz(
        t,
        "next links",
        fc.asyncProperty(link, async (given) => {
            next = given;
            const from = api.seen.length;
            const http = httpTo(`${api.url}/prefix`, { clock: recordedClock() });
            try {
                for await (const _ of readPages(http, "/api/machineactions", "$filter=x")) {
                    assert.ok(api.seen.length - from <= 100);
                }
                assert.ok(
                    given === null || given === undefined || given === "",
                    "a link that is not followed is an error",
                );
            } catch (error) {
                assert.ok(error instanceof DefenderError && error.code === "ERR_DEFENDER_RESPONSE", `${error}`);
            }
            for (const { url } of api.seen.slice(from)) {
                assert.match(url, /^\/prefix\/api\/machineactions\?[^#\s]+$/);
            }
            assert.equal(stranger.seen.length, 0);
            seen.own += api.seen.length - from;
        }),
    );
    t.true(seen.own > 0);
});
