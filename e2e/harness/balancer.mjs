// A plain TCP balancer: it knows nothing of what it carries, and asks nobody how they are.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Balancer {
  #targets = [];
  #next = 0;
  #server;

  static async start(t) {
    const balancer = new Balancer();
    balancer.#server = createServer((client) => {
      client.on("error", () => client.destroy());
      balancer.#carry(client);
    });
    balancer.#server.listen(0, "127.0.0.1");
    await once(balancer.#server, "listening");
    balancer.port = balancer.#server.address().port;
    t.after(() => balancer.#server.close());
    return balancer;
  }

  /** Where connections go from now on, in turn; whoever does not answer is passed over. */
  use(...origins) {
    this.#targets = origins.map((origin) => new URL(origin));
  }

  #carry(client, tried = 0) {
    const { hostname, port } = this.#targets[this.#next++ % this.#targets.length];
    const target = connect(Number(port), hostname);
    let isOpen = false;
    target.on("connect", () => {
      isOpen = true;
      client.pipe(target).pipe(client);
      client.on("close", () => target.destroy());
      target.on("close", () => client.destroySoon());
    });
    target.on("error", () => {
      if (!isOpen && tried < this.#targets.length) this.#carry(client, tried + 1);
      else client.destroy();
    });
  }
}
