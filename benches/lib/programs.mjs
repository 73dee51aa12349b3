// Programs that the run starts, and that end with it: each in a process group of its own.

import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { atExit } from "./cleanup.mjs";

export { built } from "../../e2e/harness/server.mjs";

const running = new Set();

/** Starts a program; its output so far is in `stdout` and `stderr`. */
export function startProgram(command, args, { env = {}, cwd } = {}) {
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const program = { command, child, pid: child.pid, stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (program.stdout += data));
  child.stderr.on("data", (data) => (program.stderr += data));
  child.stdin.on("error", () => {}); // It may end before it reads.
  program.exit = new Promise((done) => {
    child.on("error", (error) => (program.stderr += error.message));
    child.on("close", (code) => done(code));
  });
  program.exit.then(() => running.delete(program));
  program.stop = () => stop(program);
  running.add(program);
  return program;
}

/** Runs a program to its end with this input; gives what it printed. */
export async function runProgram(command, args, { input = "", ...options } = {}) {
  const program = startProgram(command, args, options);
  program.child.stdin.end(input);
  const code = await program.exit;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${program.stderr.trim()}`);
  return program.stdout;
}

async function stop(program) {
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    if (!running.has(program)) return;
    kill(program.pid, signal);
    await Promise.race([program.exit, delay(3000)]);
  }
}

function kill(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Ends whatever is still running; the last thing a run does. */
export async function stopAll() {
  await Promise.all([...running].reverse().map(stop));
}

atExit(() => running.forEach(({ pid }) => kill(pid, "SIGKILL")));
