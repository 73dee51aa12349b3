// A collector of traces: takes OTLP as JSON and keeps it.

import { createServer } from "node:http";

export class Collector {
  /** All that was sent, as it came. */
  received = "";
  /** `{ traceId, spanId, parentSpanId, name, start, end, service, attributes }` */
  spans = [];

  static async start() {
    const collector = new Collector();
    collector.server = createServer((request, response) => collector.#take(request, response));
    await new Promise((done) => collector.server.listen(0, "127.0.0.1", done));
    collector.address = `http://127.0.0.1:${collector.server.address().port}`;
    return collector;
  }

  async #take(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const isTraces = request.method === "POST" && request.url === "/v1/traces";
    if (!isTraces || request.headers["content-type"] !== "application/json") {
      response.writeHead(400).end();
      return;
    }
    const body = Buffer.concat(pieces).toString();
    this.received += body;
    this.spans.push(...JSON.parse(body).resourceSpans.flatMap(read));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

function read({ resource, scopeSpans }) {
  const service = values(resource.attributes)["service.name"];
  return scopeSpans.flatMap(({ spans }) =>
    spans.map((span) => ({
      ...span,
      service,
      attributes: values(span.attributes),
      start: BigInt(span.startTimeUnixNano),
      end: BigInt(span.endTimeUnixNano),
    })),
  );
}

function values(attributes) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
