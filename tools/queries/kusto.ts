/**
 * Microsoft's parser of the Kusto Query Language, `@kusto/language-service-next`: it finds errors of syntax, and names
 * and types that do not exist. It runs no query.
 */
import { createRequire } from "node:module";

/** A table that queries may read: its name, and the type of each column. */
export interface KustoTable {
    readonly name: string;
    readonly columns: ReadonlyMap<string, string>;
}

export interface KustoAnalysis {
    /** What is wrong with the query, in the words of the parser. */
    readonly problems: readonly string[];
    /** The columns of the result, with their types. */
    readonly columns: ReadonlyMap<string, string>;
}

/** The part of the parser's interface that is used here. Its own declarations are scripts that declare globals. */
interface ListOf<T> {
    readonly Count: number;
    getItem(index: number): T;
}
interface Column {
    readonly Name: string;
    readonly Type: { readonly Name: string };
}
interface GlobalState {
    WithDatabase(database: object): GlobalState;
}
interface KustoLanguage {
    readonly KustoCode: {
        ParseAndAnalyze(
            query: string,
            globals: GlobalState,
        ): {
            GetDiagnostics(): ListOf<{ readonly Message: string }>;
            readonly ResultType: { readonly Columns?: ListOf<Column> } | null;
        };
    };
    readonly GlobalState: { readonly Default: GlobalState };
    readonly Symbols: {
        readonly Symbol: object;
        readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string, text: null) => object };
        readonly DatabaseSymbol: {
            readonly $ctor3: new (name: string, other: null, members: object, isOpen: boolean) => object;
        };
    };
}
interface KustoGlobals {
    readonly Kusto: { readonly Language: KustoLanguage };
    readonly System: {
        readonly Collections: {
            readonly Generic: { List$1(type: object): { readonly $ctor1: new (items: readonly object[]) => object } };
        };
    };
}

const require = createRequire(import.meta.url);
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { Kusto, System } = globalThis as unknown as KustoGlobals;
const { KustoCode, GlobalState, Symbols } = Kusto.Language;

const itemsOf = <T>(list: ListOf<T>): T[] => Array.from({ length: list.Count }, (_, index) => list.getItem(index));

/** Analyses the query in a database that has this table and no other. */
export function analyseKusto(query: string, { name, columns }: KustoTable): KustoAnalysis {
    const schema = [...columns].map(([column, type]) => `${column}: ${type}`).join(", ");
    const table = new Symbols.TableSymbol.$ctor7(name, `(${schema})`, null);
    const members = new (System.Collections.Generic.List$1(Symbols.Symbol).$ctor1)([table]);
    const globals = GlobalState.Default.WithDatabase(
        new Symbols.DatabaseSymbol.$ctor3("workspace", null, members, false),
    );
    const code = KustoCode.ParseAndAnalyze(query, globals);
    const result = code.ResultType?.Columns;
    return {
        problems: itemsOf(code.GetDiagnostics()).map(({ Message }) => Message),
        columns: new Map(result === undefined ? [] : itemsOf(result).map(({ Name, Type }) => [Name, Type.Name])),
    };
}
