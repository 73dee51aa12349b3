// An SSH server of the run's own on the loopback device, with keys of its own.

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { until } from "../../e2e/harness/wait.mjs";
import { temporaryFolder } from "./cleanup.mjs";
import { freePort } from "./port.mjs";
import { runProgram, startProgram } from "./programs.mjs";

/** `{ copy(from, to), stop }`; a path on the server begins with `server:`. */
export async function startSshd() {
  const folder = await temporaryFolder();
  const file = (name) => join(folder.path, name);
  for (const key of ["host", "user"]) {
    await runProgram("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)]);
  }
  const port = await freePort("127.0.0.1");
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${file("host")}`,
    `AuthorizedKeysFile ${file("user.pub")}`,
    ...["PidFile none", "UsePAM no", "StrictModes no", "PasswordAuthentication no"],
    "Subsystem sftp internal-sftp",
  ];
  await writeFile(file("config"), `${config.join("\n")}\n`);
  await chmod(file("host"), 0o600);
  // Where it gives up its rights, if it has any.
  if (process.getuid() === 0) await mkdir("/run/sshd", { recursive: true });
  const server = startProgram("/usr/sbin/sshd", ["-D", "-e", "-f", file("config")]);
  await until("the SSH server", () => {
    if (server.child.exitCode !== null) throw new Error(server.stderr);
    return server.stderr.includes("Server listening");
  });
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", "LogLevel=ERROR"];
  const at = (path) => path.replace(/^server:/, `${userInfo().username}@127.0.0.1:`);
  return {
    copy: (from, to) =>
      runProgram("scp", [
        ...["-q", "-P", `${port}`, "-i", file("user")],
        ...options.flatMap((option) => ["-o", option]),
        at(from),
        at(to),
      ]),
    stop: () => server.stop(),
  };
}
