// Reads an AsyncAPI document with the official parser; prints what it says; exit code 1 on an error.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const text = await readFile(process.argv[2], "utf8");
const { document, diagnostics } = await new Parser().parse(text);
const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 0);

const counted = document && {
  channels: document.channels().all().length,
  operations: document.operations().all().length,
};
const told = diagnostics.map(({ severity, path, message }) => ({ severity, path: path.join("."), message }));
console.log(JSON.stringify({ counted, diagnostics: told }));
process.exit(errors.length || !document ? 1 : 0);
