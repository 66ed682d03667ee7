// A reporting of another make: its own view of an edition, from the first fact of the stream on.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { connect, headers as newHeaders, type Msg, nkeyAuthenticator } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";
import { figuresOf } from "./figures.mts";
import { page } from "./page.mts";
import { View } from "./view.mts";

const { ESSAIM_NATS_URL: url = "nats://127.0.0.1:4222", ESSAIM_NATS_USER: user = "reporting" } = process.env;
const { ESSAIM_DATA: data = ".", ESSAIM_PORT: port = "8000", ESSAIM_NATS_CA: caFile } = process.env;
const seed = readFileSync(process.env.ESSAIM_NATS_SEED_FILE ?? `${user}.seed`);
const view = new View(join(data, "reporting.sqlite"));

const connection = await connect({
  servers: url.replace(/^tls:/, "nats:"),
  authenticator: nkeyAuthenticator(new TextEncoder().encode(seed.toString().trim())),
  tls: url.startsWith("tls:") ? { caFile, handshakeFirst: true } : null,
  inboxPrefix: `_INBOX_${user}`, // the only one we may listen to
  maxReconnectAttempts: -1,
  waitOnFirstConnect: true,
});
const stream = jetstream(connection);

/** Say what is saved and not said, in order; as often as it takes. */
async function say(): Promise<void> {
  for (const { position, subject, headers, data } of view.unsaid()) {
    const written = newHeaders();
    for (const [name, value] of headers) written.set(name, value);
    for (;;) {
      try {
        await stream.publish(subject, data, { headers: written });
        break;
      } catch (error) {
        console.error(`cannot say ${subject} yet: ${error}`);
        await rest(1000);
      }
    }
    view.said(position);
  }
}

async function hear(): Promise<void> {
  const facts = await stream.consumers.get("ESSAIM", user);
  for await (const message of await facts.consume({ max_messages: 200 })) {
    view.take(message, message.seq);
    await say();
    message.ack();
  }
}

/** Whether it is the question what waits for somebody; nothing does here, whoever she is. */
function canBeRead(asked: Msg): boolean {
  try {
    const { proof, language } = asked.json<{ proof?: unknown; language?: unknown }>();
    return typeof proof === "string" && typeof language === "string";
  } catch {
    return false;
  }
}

connection.subscribe(`essaim.ask.${user}.what_waits`, {
  callback: (_, asked) =>
    void asked.respond(JSON.stringify(canBeRead(asked) ? { to_do: [], next: [] } : { failure: "unreadable" })),
});

createServer((request, response) => {
  const asked = new URL(request.url ?? "/", "http://here");
  const editions = view.editions();
  const figures = (edition: string) => figuresOf(view.of(edition));
  const known: Record<string, () => [type: string, body: string]> = {
    "/": () => {
      const language = asked.searchParams.get("lang") === "en" ? "en" : "fr";
      return ["text/html; charset=utf-8", page(editions.map(figures), view.putAside(), language)];
    },
    "/figures": () => [
      "application/json",
      JSON.stringify(Object.fromEntries(editions.map((edition) => [edition, figures(edition)]))),
    ],
    "/counts": () => ["application/json", JSON.stringify({ facts: view.counts() })],
  };
  const answer = Object.hasOwn(known, asked.pathname) ? known[asked.pathname] : undefined;
  const [type, body] = answer?.() ?? ["text/plain", "Not found: try /, /figures or /counts."];
  response.writeHead(answer ? 200 : 404, { "content-type": type }).end(body);
}).listen(Number(port), "127.0.0.1");

await say(); // what a former run saved and did not say
for (;;) {
  try {
    await hear();
  } catch (error) {
    console.error(`listens again in a second: ${error}`);
  }
  await rest(1000);
}
