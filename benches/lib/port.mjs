import { createServer } from "node:net";

/** A TCP port of this address that nothing listens on. */
export function freePort(address) {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, address, () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
