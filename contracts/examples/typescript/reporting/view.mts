// What this service keeps, in one SQLite file: each fact once, what it put aside, what it has to say.
import { DatabaseSync } from "node:sqlite";
import { keys, Malformed, PersonErased, PersonForgottenByReporting, readFact, writeFact } from "@essaim/contracts";
import type { Message, Told } from "@essaim/contracts";
import { schemas } from "@essaim/contracts/schemas";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const ajv = addFormats.default(new Ajv2020());
const NOBODY = "00000000-0000-0000-0000-000000000000";

export interface Outgoing {
  position: number;
  subject: string;
  headers: Map<string, string>;
  data: Uint8Array;
}

export class View {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS fact (
        seq INTEGER PRIMARY KEY, identity TEXT UNIQUE, type TEXT, edition_id TEXT, body TEXT
      );
      CREATE TABLE IF NOT EXISTS aside (seq INTEGER PRIMARY KEY, subject TEXT, reason TEXT);
      CREATE TABLE IF NOT EXISTS told (
        position INTEGER PRIMARY KEY, subject TEXT, headers TEXT, body BLOB, is_said INTEGER DEFAULT 0
      );
    `);
  }

  /** Take a message in one transaction: once, whatever comes again. `seq` is its place. */
  take(message: Message, seq: number): void {
    let told: Told | undefined;
    try {
      told = checked(message);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#run("INSERT OR IGNORE INTO aside VALUES (?, ?, ?)", seq, message.subject, error.message);
      return;
    }
    if (told === undefined) return; // of a later version
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#keep(told, seq);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #keep(told: Told, seq: number): void {
    const edition = "edition_id" in told.body ? told.body.edition_id : null;
    const insert = "INSERT INTO fact VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    const body = JSON.stringify(told.body);
    const isNew = this.#run(insert, seq, told.identity, told.type, edition, body);
    if (isNew && told.type === PersonErased) this.#forget(told);
  }

  /** Even her opaque id goes: the figures count heads, and need nobody's. */
  #forget(erased: Extract<Told, { type: typeof PersonErased }>): void {
    const { person_id } = erased.body;
    this.#run("UPDATE fact SET body = replace(body, ?, ?) WHERE instr(body, ?)", person_id, NOBODY, person_id);
    const time = new Date().toISOString();
    const { subject, headers, data } = writeFact(
      PersonForgottenByReporting,
      { person_id, forgotten_at: time },
      { programme: erased.programme, time, cause: erased.envelope },
    );
    const written = JSON.stringify([...headers]);
    this.#run("INSERT INTO told (subject, headers, body) VALUES (?, ?, ?)", subject, written, data);
  }

  /** What is not said yet, in order. */
  *unsaid(): Generator<Outgoing> {
    const query = "SELECT position, subject, headers, body FROM told WHERE NOT is_said ORDER BY position";
    for (const { position, subject, headers, body } of this.#all(query)) {
      const read = new Map<string, string>(JSON.parse(String(headers)));
      yield { position: Number(position), subject: String(subject), headers: read, data: body as Uint8Array };
    }
  }

  said(position: number): void {
    this.#run("UPDATE told SET is_said = 1 WHERE position = ?", position);
  }

  /** The facts of an edition, in the order of the stream. */
  *of(edition: string): Generator<Pick<Told, "type" | "body">> {
    for (const row of this.#all("SELECT type, body FROM fact WHERE edition_id = ? ORDER BY seq", edition)) {
      yield { type: row.type, body: JSON.parse(String(row.body)) } as Pick<Told, "type" | "body">;
    }
  }

  editions(): string[] {
    const query = "SELECT edition_id FROM fact WHERE edition_id IS NOT NULL GROUP BY 1 ORDER BY min(seq)";
    return this.#all(query).map((row) => String(row.edition_id));
  }

  /** How many facts of each type are kept. */
  counts(): Record<string, number> {
    const rows = this.#all("SELECT type, count(*) AS many FROM fact GROUP BY type ORDER BY type");
    return Object.fromEntries(rows.map((row) => [String(row.type), Number(row.many)]));
  }

  putAside(): number {
    return Number(this.#all("SELECT count(*) AS many FROM aside")[0]?.many);
  }

  #run(statement: string, ...values: (string | number | null | Uint8Array)[]): boolean {
    return this.#database.prepare(statement).run(...values).changes !== 0;
  }

  #all(query: string, ...values: string[]): Record<string, unknown>[] {
    return this.#database.prepare(query).all(...values);
  }
}

/** The fact of a message: its envelope, then its body, then that both are about the same thing. */
function checked(message: Message): Told | undefined {
  const told = readFact(message);
  if (told === undefined) return undefined;
  const isSound = ajv.compile(schemas[told.type]); // compiled once: ajv remembers
  if (!isSound(told.body)) throw new Malformed(`${told.type}: ${ajv.errorsText(isSound.errors)}`);
  const key = Object.entries(told.body).find(([name]) => name === keys[told.type])?.[1];
  if (key !== told.envelope.key) throw new Malformed(`${told.type}: its key is not ${String(key)}`);
  return told;
}
