// The envelope of a fact: CloudEvents 1.0.2, as headers of a NATS message (binary mode), or whole
// in its body (structured mode), which is read and not written.
import { keys } from "./facts.js";

export * from "./facts.js";

const JSON_TYPE = "application/json";
// The NATS binding knows no other format than JSON, so some writers leave the format out.
const STRUCTURED = ["application/cloudevents+json", "application/cloudevents"];
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
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
  const event = isStructured(headers) ? objectOf(message.data) : undefined;
  const envelope = envelopeOf(event ? memberOf(event) : headerOf(headers));
  if (subjectOf(envelope) !== message.subject) {
    throw new Malformed(`It came on ${message.subject}, its headers say ${subjectOf(envelope)}.`);
  }
  const data = event ? dataOf(event) : message.data;
  if (!Object.hasOwn(keys, envelope.type)) return undefined;
  const body = data instanceof Uint8Array ? objectOf(data) : object(data, "data");
  checkKey(envelope, body);
  const told = {
    type: envelope.type,
    envelope,
    programme: envelope.source.split("/")[1],
    identity: `${envelope.source}/${envelope.id}`,
    body,
  };
  return /** @type {import("./index.d.ts").Told} */ (/** @type {unknown} */ (told));
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

/**
 * Order and erasure are by key: it names what the body is about.
 *
 * @param {import("./index.d.ts").Envelope} envelope
 * @param {Record<string, unknown>} body
 */
function checkKey({ type, key }, body) {
  const field = keys[/** @type {import("./facts.js").FactType} */ (type)];
  if (String(body[field]).toLowerCase() === key) return;
  throw new Malformed(`The CloudEvents attribute subject is ${key}: expected the ${field} of the body.`);
}

/** @param {(name: string) => unknown} attribute */
function envelopeOf(attribute) {
  check("specversion", attribute("specversion"), /^1\.0$/);
  check("datacontenttype", attribute("datacontenttype") ?? JSON_TYPE, /^\s*application\/json\s*(;|$)/i);
  const type = check("type", attribute("type"), TYPE);
  const source = check("source", attribute("source"), SOURCE);
  if (type.split(".")[1] !== source.split("/")[2]) {
    throw new Malformed(`The source ${source} is not the owner of the type ${type}.`);
  }
  return {
    id: check("id", attribute("id"), UUID),
    type,
    source,
    key: check("subject", attribute("subject"), UUID),
    time: timeOf(attribute("time")),
    correlationId: check("correlationid", attribute("correlationid"), TEXT),
    ...optional("causationId", "causationid", attribute, TEXT),
    ...optional("actor", "actor", attribute, UUID),
    ...traceOf(attribute("traceparent")),
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
function traceOf(value) {
  if (value !== undefined && typeof value !== "string") check("traceparent", value, TRACE);
  // A broken trace must never hold back a fact.
  return typeof value === "string" && TRACE.test(value) ? { traceparent: value } : {};
}

/** @param {unknown} value */
function timeOf(value) {
  const time = check("time", value, INSTANT);
  const [, year, month, day] = /** @type {string[]} */ (/^(\d{4})-(\d\d)-(\d\d)/.exec(time)).map(Number);
  // A Date takes 24:00, and leads 30 February on into March; a year has four digits in UTC too.
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const isRight = month > 0 && day > 0 && day <= last && !/T24|[+-]2[4-9]|[+-][3-9]/i.test(time.slice(10));
  const at = new Date(time.toUpperCase());
  if (isRight && !Number.isNaN(at.valueOf()) && /^(?!0000)\d{4}-/.test(at.toISOString())) return time;
  throw new Malformed(`The CloudEvents attribute time is ${time}: expected an instant.`);
}

/** @type {Record<string, string>} Where an attribute stands too, without « ce- ». */
const BARE = { datacontenttype: "content-type", traceparent: "traceparent" };

/** @param {Map<string, string>} headers */
function headerOf(headers) {
  return (/** @type {string} */ name) => {
    const value = headers.get(`ce-${name}`);
    if (value === undefined) return headers.get(BARE[name] ?? "");
    // Old writers quote what they write.
    const quoted = /^"(.*)"$/s.exec(value);
    try {
      return decodeURIComponent(quoted ? quoted[1].replace(/\\(.)/g, "$1") : value);
    } catch {
      throw new Malformed(`The CloudEvents attribute ${name} is ${value}: wrong percent-encoding.`);
    }
  };
}

/** @param {Map<string, string>} headers */
function isStructured(headers) {
  const format = (headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  if (!format.startsWith("application/cloudevents")) return false;
  if (STRUCTURED.includes(format)) return true;
  throw new Malformed(`The content-type is ${format}: expected ${STRUCTURED[0]}, or binary mode.`);
}

/** @param {Record<string, unknown>} event */
function memberOf(event) {
  return (/** @type {string} */ name) => (Object.hasOwn(event, name) ? (event[name] ?? undefined) : undefined);
}

/** @param {Record<string, unknown>} event */
function dataOf(event) {
  if (!Object.hasOwn(event, "data_base64")) {
    if (Object.hasOwn(event, "data")) return event["data"];
    throw new Malformed("The CloudEvents attribute data is missing: expected the body of the fact.");
  }
  const text = event["data_base64"];
  if (typeof text === "string" && BASE64.test(text)) {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  }
  throw new Malformed("The CloudEvents attribute data_base64 is no base64.");
}

/** @param {Uint8Array} data */
function objectOf(data) {
  try {
    return object(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data)), "body");
  } catch {
    // Without the text: a stranger's may hold anything.
    throw new Malformed(`The body, ${data.length} bytes, is no JSON object.`);
  }
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
function object(value, what) {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return /** @type {Record<string, unknown>} */ (value);
  }
  throw new Malformed(`The ${what} is no JSON object.`);
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
