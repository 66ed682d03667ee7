// Says each trophy as it is awarded, with what its prizes are worth.
import { readFileSync } from "node:fs";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { jetstream, type JsMsg } from "@nats-io/jetstream";
import { Malformed, readFact, TrophyAwarded } from "@essaim/contracts";
import { schemas } from "@essaim/contracts/schemas";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const isTrophy = addFormats.default(new Ajv2020()).compile(schemas[TrophyAwarded]);
const seen = new Set<string>(); // keep it in your database, with what you do

function hear(message: JsMsg): void {
  const told = readFact(message); // checks the envelope; undefined is a type of a later version
  if (told?.type !== TrophyAwarded || seen.has(told.identity)) return;
  if (!isTrophy(told.body)) throw new Malformed(JSON.stringify(isTrophy.errors));
  seen.add(told.identity);
  const { title, prizes } = told.body; // typed: a wrong name does not compile
  const worth = prizes.reduce((sum, prize) => sum + prize.value_eur, 0);
  console.log(`${title}: ${worth} €`);
}

const url = process.env.ESSAIM_NATS_URL!;
const user = process.env.ESSAIM_NATS_USER!;
const seed = readFileSync(process.env.ESSAIM_NATS_SEED_FILE!, "utf8").trim();
const secured = { caFile: process.env.ESSAIM_NATS_CA, handshakeFirst: true };
const connection = await connect({
  servers: url.replace(/^tls:/, "nats:"),
  authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
  tls: url.startsWith("tls:") ? secured : null,
  inboxPrefix: `_INBOX_${user}`, // the only one you may listen to
  maxReconnectAttempts: -1,
});
const facts = await jetstream(connection).consumers.get("ESSAIM", user);
const { num_pending } = await facts.info();
console.log(`Reading as ${user}; facts waiting: ${num_pending}`);

for await (const message of await facts.consume()) {
  try {
    hear(message);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    console.log(`put aside ${message.subject}: ${error.message}`);
  }
  message.ack();
}
