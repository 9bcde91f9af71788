import { ApiError } from "../http/errors.ts";
import { decoded } from "../http/percent-encoding.ts";
import { alertRoutes } from "./alert-routes.ts";
import { investigationRoutes } from "./investigation-routes.ts";
import { libraryRoutes } from "./library-routes.ts";
import { machineActionRoutes } from "./machine-action-routes.ts";
import { machineRoutes } from "./machine-routes.ts";
import { resultRoutes } from "./result-routes.ts";
import type { Operation, Route } from "./route.ts";
import { submissionRoutes } from "./submission-routes.ts";
import { tagRoutes } from "./tag-routes.ts";

const routes: readonly Route[] = [
    ...machineActionRoutes,
    ...resultRoutes,
    ...machineRoutes,
    ...submissionRoutes,
    ...investigationRoutes,
    ...alertRoutes,
    ...libraryRoutes,
    ...tagRoutes,
];

/** The route of a request. `answer` throws for a path or a method that the API does not have. */
export interface Destination {
    operation: Operation;
    /** The id in the path, decoded and in lower case; empty when there is none. */
    id: string;
    roles: readonly string[];
    answer: Route["answer"];
}

/** Finds the route of a request. */
export function findRoute(method: string, path: string): Destination {
    const plainPath = decoded(path);
    const found = routes.find((route) => route.method === method && route.pattern.test(plainPath));
    if (found !== undefined) {
        const id = found.pattern.exec(plainPath)?.[1]?.toLowerCase() ?? "";
        return { operation: found.operation, id, roles: found.roles, answer: found.answer };
    }
    const methods = [...new Set(routes.filter(({ pattern }) => pattern.test(plainPath)).map((route) => route.method))];
    const error =
        methods.length === 0
            ? new ApiError(404, "NotFound", "The API has no such path.")
            : new ApiError(405, "MethodNotAllowed", `This path answers only ${methods.join(" and ")}.`, {
                  allow: methods.join(", "),
              });
    return {
        operation: "other",
        id: "",
        roles: [],
        answer: () => {
            throw error;
        },
    };
}
