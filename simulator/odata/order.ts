import { queryError } from "../http/errors.ts";
import { compareValues, type EntityType, propertyNamed, type Scalar } from "./entity-type.ts";

/** Reads `$orderby`: one or several properties, each with `asc` or `desc`; throws the API's own error otherwise. */
export function parseOrder<Row>(text: string, type: EntityType<Row>): (a: Row, b: Row) => number {
    const keys = text.split(",").map((key) => parseKey(key, text, type));
    return (a, b) => {
        for (const { read, sign } of keys) {
            const order = compareValues(read(a), read(b));
            if (order !== 0) {
                return sign * order;
            }
        }
        return 0;
    };
}

function parseKey<Row>(key: string, text: string, type: EntityType<Row>): Pick<Scalar<Row>, "read"> & { sign: 1 | -1 } {
    const [name = "", direction = "asc", ...rest] = key.trim().split(/\s+/);
    const way = direction.toLowerCase();
    if (rest.length > 0 || (way !== "asc" && way !== "desc")) {
        throw queryError(`Syntax error in $orderby '${text}'.`);
    }
    const property = propertyNamed(name, type);
    if (property.kind === "collection" || property.kind === "complex" || property.kind === "opaque") {
        throw queryError(`The property '${property.name}' cannot be used in the $orderby query option.`);
    }
    return { read: property.read, sign: way === "asc" ? 1 : -1 };
}
