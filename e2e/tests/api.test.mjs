// The API against its own description: by a tool that tries whatever the description allows and forbids,
// and by a client that was generated from it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { pythonPrograms } from "../harness/python.mjs";
import { Server } from "../harness/server.mjs";

let server, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamspace-api-"));
});
// One for each: what the first test leaves behind are settings and quotas of all kinds.
beforeEach(async () => {
  server = await Server.start({ args: ["--requests-per-second", "100000"] });
});
afterEach(() => server?.stop());
after(async () => {
  await rm(folder, { recursive: true, force: true });
});

function run(program, args, options) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.on("error", failed);
    child.on("close", (code) => done({ code, output }));
  });
}

// 422 is for what no schema can say, such as a template that there is not; 502 for a session without a streamer.
const SCHEMATHESIS = `
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 416, 422, 429, 502]
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 502]
`;

// A stream without an end, what would withdraw the tool's own key, and bodies that it cannot write (SDP: `whep`).
const LEFT_OUT = ["watchSessions", "deleteKey", "playSession", "playSessionByToken"].flatMap((id) => ["--exclude-operation-id", id]);

test("the API is as its description says, whatever it is sent", async () => {
  const programs = await pythonPrograms("schemathesis==4.32.5");
  const config = join(folder, "schemathesis.toml");
  await writeFile(config, SCHEMATHESIS);
  const { code, output } = await run(
    join(programs, "schemathesis"),
    [
      ...["--config-file", config, "run", `${server.origin}/api/v1/openapi.json`],
      ...["--header", `Authorization: Bearer ${server.key.apiKey}`, ...LEFT_OUT],
      ...["--max-examples", "10", "--phases", "coverage,fuzzing", "--seed", "1", "--no-color"],
    ],
    { cwd: folder },
  );
  assert.equal(code, 0, output);
  assert.match(output, /[1-9]\d* generated/, output);
});

const LIFE = `
import sys, time
from stream_space_client import AuthenticatedClient
from stream_space_client.api.sessions import (
    change_session, create_session, end_session, get_session, hibernate_session, list_sessions, wake_session)
from stream_space_client.models import NewSessionInput, Phase, SessionChangeInput

client = AuthenticatedClient(base_url=sys.argv[1] + "/api/v1", token=sys.argv[2], raise_on_unexpected_status=True)

def until(id, phase):
    for _ in range(300):
        session = get_session.sync(id, client=client)
        if session.status.phase == phase:
            return session
        time.sleep(0.1)
    raise SystemExit(f"{id} is not {phase}: {session}")

session = create_session.sync(client=client, body=NewSessionInput(template="xterm", tags=["one"]))
id = session.metadata.name
until(id, Phase.RUNNING)
change_session.sync(id, client=client, body=SessionChangeInput(tags=["two"]))
[found] = list_sessions.sync(client=client, tag="two").items
assert found.metadata.name == id, found
hibernate_session.sync(id, client=client)
until(id, Phase.HIBERNATED)
wake_session.sync(id, client=client)
until(id, Phase.RUNNING)
end_session.sync_detailed(id, client=client)
assert list_sessions.sync(client=client, tag="two").items == []
print("lived and ended")
`;

test("a client that is generated from the description leads a session through its life", async () => {
  const programs = await pythonPrograms("openapi-python-client==0.29.1");
  const description = join(folder, "openapi.json");
  await writeFile(description, await (await fetch(`${server.origin}/api/v1/openapi.json`)).text());
  const generated = await run(
    join(programs, "openapi-python-client"),
    ["generate", "--path", description, "--output-path", join(folder, "stream_space_client"), "--meta", "none"],
    { cwd: folder, env: { ...process.env, PATH: `${programs}:${process.env.PATH}` } },
  );
  assert.equal(generated.code, 0, generated.output);
  const life = await run(join(programs, "python"), ["-c", LIFE, server.origin, server.key.apiKey], { cwd: folder });
  assert.match(life.output, /lived and ended/, life.output);
});
