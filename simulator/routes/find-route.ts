import { ApiError } from "../http/errors.ts";
import { investigationRoutes } from "./investigation-routes.ts";
import { machineActionRoutes } from "./machine-action-routes.ts";
import { machineRoutes } from "./machine-routes.ts";
import { resultRoutes } from "./result-routes.ts";
import type { Operation, Route } from "./route.ts";
import { submissionRoutes } from "./submission-routes.ts";

const routes: readonly Route[] = [
    ...machineActionRoutes,
    ...resultRoutes,
    ...machineRoutes,
    ...submissionRoutes,
    ...investigationRoutes,
];

/** The route of a request. `answer` throws for a path or a method that the API does not have. */
export interface Destination {
    operation: Operation;
    /** The id in the path, lower case; empty when there is none. */
    id: string;
    roles: readonly string[];
    answer: Route["answer"];
}

/** Finds the route of a request. */
export function findRoute(method: string, path: string): Destination {
    const found = routes.find(({ pattern }) => pattern.test(path));
    const id = found?.pattern.exec(path)?.[1]?.toLowerCase() ?? "";
    if (found?.method === method) {
        return { operation: found.operation, id, roles: found.roles, answer: found.answer };
    }
    const error =
        found === undefined
            ? new ApiError(404, "NotFound", "The API has no such path.")
            : new ApiError(405, "MethodNotAllowed", `This path answers only ${found.method}.`, {
                  allow: found.method,
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
