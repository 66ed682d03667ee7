import type { FactType, Facts } from "./facts.js";

export * from "./facts.js";

/** What travels beside a fact. */
export interface Envelope {
  /** This telling of the fact by its source; another source may use the same id. */
  readonly id: string;
  /** What happened, and the major version of the body. */
  readonly type: string;
  /** `/<programme>/<owner>`. */
  readonly source: string;
  /** The id of what the fact is about. Facts of one key come in order. */
  readonly key: string;
  /** When it happened in the programme, RFC 3339. */
  readonly time: string;
  /** Shared by all that follows from one act. */
  readonly correlationId: string;
  /** The fact or command that led to it. */
  readonly causationId?: string;
  /** The opaque id of the person who acted. */
  readonly actor?: string;
  readonly traceparent?: string;
}

/** A fact of one type as it was told; `type` tells which one `body` is. */
export type Told = { [T in FactType]: ToldAs<T> }[FactType];

export interface ToldAs<T extends FactType> {
  readonly type: T;
  readonly envelope: Envelope & { readonly type: T };
  /** The programme's slug, or `network` for facts of no single one. */
  readonly programme: string;
  /** What tells it from all others: keep it, and drop what you have seen. */
  readonly identity: string;
  readonly body: Facts[T];
}

/** A message as NATS brings it; that of `@nats-io` is one. */
export interface Message {
  readonly subject: string;
  readonly headers?: Iterable<[string, string[]]>;
  readonly data: Uint8Array;
}

/** This is no fact of ours: put it aside and tell its owner. The message says why. */
export declare class Malformed extends Error {}

/**
 * The fact of a message; `undefined` when this version does not know its type.
 *
 * Looks at the envelope and at the key in the body, and at no other field: for that, compile the
 * schemas with a validator.
 *
 * @throws {Malformed} An attribute is missing or wrong, the body is no JSON object, or the message
 * came on another subject than its headers name, or is about something else than its key.
 */
export declare function readFact(message: Message): Told | undefined;

/** What you say of the telling of a fact; what is absent is made for you, but for what led to it. */
export interface Telling {
  /** The programme's slug. */
  readonly programme: string;
  /** When it happened, RFC 3339 in UTC. */
  readonly time: string;
  /** Keep it with what you did, so that a second try has the same. A new UUID when absent. */
  readonly id?: string;
  /** The fact that led to this one. */
  readonly cause?: Envelope;
  readonly actor?: string;
}

/** What to publish: `headers` are single values. */
export interface Publication {
  readonly subject: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly data: Uint8Array;
}

/** The message that tells a fact. The server accepts it from its owner only. */
export declare function writeFact<T extends FactType>(
  type: T,
  body: Facts[T],
  telling: Telling,
): Publication;
