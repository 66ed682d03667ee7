import type { FactType } from "./facts.js";

/** The JSON Schema (2020-12) of each fact, complete in itself. It lets fields to come pass. */
export declare const schemas: Readonly<Record<FactType, Readonly<Record<string, unknown>>>>;
