// The envelope of a fact: CloudEvents 1.0.2, as headers of a NATS message (binary mode), or whole
// in its body (structured mode), which is read and not written.
import { keys } from "./facts.js";

export * from "./facts.js";

const JSON_TYPE = "application/json";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TYPE = /^essaim\.[a-z]+\.[a-z]+\.[a-z_]+\.v[1-9][0-9]*$/;
const SOURCE = /^(?=\/[^/]{1,60}\/)\/[a-z0-9]+(-[a-z0-9]+)*\/[a-z]{1,60}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const TRACE = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
// CloudEvents forbids control characters in any attribute.
// eslint-disable-next-line no-control-regex
const TEXT = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]{1,200}$/u;

export class Malformed extends Error {}

/** @type {typeof import("./index.d.ts").readFact} */
export function readFact(message) {
  const headers = new Map();
  for (const [name, values] of message.headers ?? []) headers.set(name.toLowerCase(), values[0]);
  const structured = (headers.get("content-type") ?? "").startsWith("application/cloudevents");
  const event = structured ? objectOf(message.data) : undefined;
  const attribute = event ? (/** @type {string} */ name) => event[name] ?? undefined : headerOf(headers);
  const envelope = envelopeOf(attribute);
  if (subjectOf(envelope) !== message.subject) {
    throw new Malformed(`It came on ${message.subject}, its headers say ${subjectOf(envelope)}.`);
  }
  if (!Object.hasOwn(keys, envelope.type)) return undefined;
  const body = event ? event["data"] : objectOf(message.data);
  if (typeof body !== "object" || body === null) throw new Malformed("The body is no object.");
  return /** @type {import("./index.d.ts").Told} */ ({
    type: envelope.type,
    envelope,
    programme: envelope.source.split("/")[1],
    identity: `${envelope.source}/${envelope.id}`,
    body,
  });
}

/** @type {typeof import("./index.d.ts").writeFact} */
export function writeFact(type, body, { programme, time, id, cause, actor }) {
  const fields = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (body));
  const told = id ?? newId();
  const owner = type.split(".")[1];
  /** @type {Record<string, unknown>} */
  const attributes = {
    specversion: "1.0",
    datacontenttype: JSON_TYPE,
    id: told,
    type,
    source: `/${programme}/${owner}`,
    subject: fields[keys[type]],
    time,
    correlationid: cause?.correlationId ?? told,
    causationid: cause?.id,
    actor,
    traceparent: cause?.traceparent,
  };
  const envelope = envelopeOf((name) => attributes[name]);
  const headers = new Map([
    ["Nats-Msg-Id", told],
    ["content-type", JSON_TYPE],
  ]);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) headers.set(`ce-${name}`, encoded(String(value)));
  }
  if (envelope.traceparent) headers.set("traceparent", envelope.traceparent);
  const data = new TextEncoder().encode(JSON.stringify(body));
  return { subject: subjectOf(envelope), headers, data };
}

/** @param {(name: string) => unknown} attribute */
function envelopeOf(attribute) {
  check("specversion", attribute("specversion"), /^1\.0$/);
  check("datacontenttype", attribute("datacontenttype") ?? JSON_TYPE, /^application\/json *(;|$)/i);
  const type = check("type", attribute("type"), TYPE);
  const source = check("source", attribute("source"), SOURCE);
  if (type.split(".")[1] !== source.split("/")[2]) {
    throw new Malformed(`The source ${source} is not the owner of the type ${type}.`);
  }
  const trace = attribute("traceparent");
  return {
    id: check("id", attribute("id"), UUID),
    type,
    source,
    key: check("subject", attribute("subject"), UUID),
    time: timeOf(attribute("time")),
    correlationId: check("correlationid", attribute("correlationid"), TEXT),
    ...optional("causationId", "causationid", attribute, TEXT),
    ...optional("actor", "actor", attribute, UUID),
    // A broken trace must never hold back a fact.
    ...(typeof trace === "string" && TRACE.test(trace) && { traceparent: trace }),
  };
}

/**
 * @param {string} field
 * @param {string} name
 * @param {(name: string) => unknown} attribute
 * @param {RegExp} form
 */
function optional(field, name, attribute, form) {
  const value = attribute(name);
  return value === undefined ? {} : { [field]: check(name, value, form) };
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {RegExp} form
 */
function check(name, value, form) {
  if (typeof value === "string" && form.test(value)) return value;
  const stated = value === undefined ? "is missing" : `is ${JSON.stringify(value)?.slice(0, 120)}`;
  throw new Malformed(`The CloudEvents attribute ${name} ${stated}: expected ${form.source}`);
}

/** @param {unknown} value */
function timeOf(value) {
  const time = check("time", value, INSTANT);
  if (!Number.isNaN(Date.parse(time))) return time;
  throw new Malformed(`The CloudEvents attribute time is ${time}: expected an instant.`);
}

/** @param {Map<string, string>} headers */
function headerOf(headers) {
  return (/** @type {string} */ name) => {
    const value = headers.get(`ce-${name}`);
    if (value === undefined) return name === "datacontenttype" ? headers.get("content-type") : value;
    try {
      // Old writers quote what they write.
      return decodeURIComponent(value.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1"));
    } catch {
      throw new Malformed(`The CloudEvents attribute ${name} is ${value}: wrong percent-encoding.`);
    }
  };
}

/** @param {Uint8Array} data */
function objectOf(data) {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, without the text: a stranger's may hold anything.
  }
  throw new Malformed(`The body, ${data.length} bytes, is no JSON object.`);
}

/** @param {{source: string, type: string, key: string}} envelope */
function subjectOf({ source, type, key }) {
  return `essaim.${source.split("/")[1]}.${type.slice("essaim.".length)}.${key}`;
}

/** @param {string} text */
function encoded(text) {
  // Printable ASCII but for " and %, as CloudEvents asks of a header.
  return text.replace(/[^!#$&-~]/gu, (character) => encodeURIComponent(character));
}

/** A UUID of version 7: its order is that of time. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(0, Math.floor(Date.now() / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, Date.now() % 2 ** 32);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
