import test from "ava";
import { type Endpoints, endpointsOf } from "../../provider/api/clouds.ts";

/** The table of `defender-api` hosts, cell by cell. */
const entra = "https://login.microsoftonline.com";
const publicScope = "https://api.securitycenter.microsoft.com/.default";
const table: readonly (readonly [cloud: string, region: string | undefined, Endpoints])[] = [
    [
        "public",
        undefined,
        { apiUrl: "https://api.security.microsoft.com", tokenScope: publicScope, authorityHost: entra },
    ],
    ...["us", "eu", "uk", "au", "swa", "ina", "aea"].map(
        (region) =>
            [
                "public",
                region,
                {
                    apiUrl: `https://${region}.api.security.microsoft.com`,
                    tokenScope: publicScope,
                    authorityHost: entra,
                },
            ] as const,
    ),
    [
        "us-gcc",
        undefined,
        {
            apiUrl: "https://api-gcc.securitycenter.microsoft.us",
            tokenScope: "https://api-gcc.securitycenter.microsoft.us/.default",
            authorityHost: entra,
        },
    ],
    ...(["us-gcc-high", "us-dod"] as const).map(
        (cloud) =>
            [
                cloud,
                undefined,
                {
                    apiUrl: "https://api-gov.securitycenter.microsoft.us",
                    tokenScope: "https://api-gov.securitycenter.microsoft.us/.default",
                    authorityHost: "https://login.microsoftonline.us",
                },
            ] as const,
    ),
];

for (const [cloud, region, endpoints] of table) {
    test(`${cloud}${region ? ` in ${region}` : ""} has its own host, scope and authority`, (t) => {
        t.deepEqual(endpointsOf(cloud, region), endpoints);
    });
}

test("what does not exist has no endpoints", (t) => {
    for (const [cloud, region] of [
        ["china", undefined],
        ["PUBLIC", undefined],
        ["constructor", undefined],
        ["public", "mars"],
        ["public", ""],
        ["us-dod", "us"],
    ] as const) {
        t.is(endpointsOf(cloud, region), undefined, `${cloud} ${region}`);
    }
});
