// Reads messages from standard input, one JSON object a line, and says of each what the package
// makes of it: the fact, and the message that would tell it; or why it is none.
import { createInterface } from "node:readline";
import { keys, Malformed, readFact, writeFact } from "@essaim/contracts";
import { schemas } from "@essaim/contracts/schemas";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const ajv = addFormats.default(new Ajv2020({ strict: true }));
const valid = Object.fromEntries(
  Object.entries(schemas).map(([type, schema]) => [type, ajv.compile(schema)]),
);

for await (const line of createInterface({ input: process.stdin })) {
  const { subject, headers, body } = JSON.parse(line);
  const pairs = Object.entries(headers).map(([name, value]) => [name, [value]]);
  console.log(JSON.stringify(said({ subject, headers: pairs, data: Buffer.from(body, "base64") })));
}

function said(message) {
  try {
    const told = readFact(message);
    if (told === undefined) return { unknown: true };
    return { ...told, key: told.body[keys[told.type]], valid: valid[told.type](told.body), again: again(told) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { malformed: error.message };
  }
}

function again({ type, body, programme, envelope }) {
  const { time, id, actor, correlationId, causationId, traceparent } = envelope;
  const cause = causationId && { correlationId, id: causationId, traceparent };
  const written = writeFact(type, body, { programme, time, id, actor, cause });
  const data = Buffer.from(written.data).toString("base64");
  return { subject: written.subject, headers: Object.fromEntries(written.headers), body: data };
}
