// A real StreamSpace server of a test's own, and the program's other commands against it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./wait.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const programs = process.env.STREAMSPACE_PROGRAMS ?? join(root, "target/debug");
/** A program that was built. */
export const built = (name) => join(programs, name);

// What the person who runs the tests has set up for shells and desktops is none of their business.
const home = mkdtempSync(join(tmpdir(), "streamspace-home-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true, maxRetries: 3 }));

export const environment = {
  STREAMSPACE_TEMPLATES: join(root, "templates"),
  STREAMSPACE_WEB_DIR: join(root, "web-client/dist"),
  ...process.env,
  HOME: home,
};

/**
 * Starts the program, or another one of ours, in this network namespace if one is given; its output so far is
 * in `stdout` and `stderr`, and `exit` settles when it ends.
 */
export function start(args, options = {}) {
  const within = options.namespace ? ["ip", "netns", "exec", options.namespace] : [];
  const [command, ...rest] = [...within, built(options.program ?? "streamspace"), ...args];
  const child = spawn(command, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, ...options.env },
    cwd: options.cwd,
  });
  const running = { child, stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (running.stdout += data));
  child.stderr.on("data", (data) => (running.stderr += data));
  running.exit = new Promise((done) => child.on("close", (code, signal) => done({ code, signal })));
  return running;
}

/** Runs the program to its end. */
export async function run(args, options) {
  const running = start(args, options);
  const { code } = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

/** A server on a free port, with a data folder of its own. */
export class Server {
  static async start({ command = "up", args = [], data, env, address = "127.0.0.1", port = 0, namespace } = {}) {
    const server = new Server();
    server.namespace = namespace;
    server.data = data ?? (await mkdtemp(join(tmpdir(), "streamspace-e2e-")));
    const listen = [command, "--listen", `${address}:${port}`, "--data", server.data];
    server.process = start([...listen, ...args], { env, namespace });
    await until("the server's address", () => {
      if (server.process.child.exitCode !== null) throw new Error(server.process.stderr);
      server.signInUrl = server.process.stdout.match(/https?:\/\/\S+(?=\s)/)?.[0];
      return server.signInUrl;
    });
    server.origin = new URL(server.signInUrl).origin;
    server.key = JSON.parse(await readFile(join(server.data, "server.json"), "utf8"));
    return server;
  }

  /** A new address that signs in and opens `path`. */
  async link(path = "/") {
    const { stdout, stderr, code } = await this.run(["link"]);
    if (code !== 0) throw new Error(stderr);
    const fragment = stdout.match(/#signin=\S+/)[0];
    return `${this.origin}${path}${fragment}`;
  }

  /** Runs another command against this server. */
  run(args) {
    return run([...args, "--data", this.data], { namespace: this.namespace });
  }

  /** Runs a program as a session: `{ address, session, processes }`, and the running command. */
  async session(command, { size = "1280x720", fps = "30", encoder = "auto", cwd } = {}) {
    const options = ["--json", "--size", size, "--fps", fps, "--encoder", encoder, "--data", this.data];
    const running = start(["run", ...options, "--", ...command], { cwd, namespace: this.namespace });
    const line = await until("the session to run", () => {
      if (running.child.exitCode !== null) throw new Error(running.stderr || running.stdout);
      return running.stdout.includes("\n") && running.stdout;
    });
    return { ...JSON.parse(line), running };
  }

  async stop() {
    if (this.process.child.exitCode === null) this.process.child.kill("SIGTERM");
    const exit = await this.process.exit;
    await rm(this.data, { recursive: true, force: true });
    return exit;
  }
}

/** A folder that goes away with the test. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "streamspace-e2e-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
