// Builds what the server hands out. `node build.js [viewer|test]`; all of it without an argument.
//
//   viewer/dist/  viewer.js, picture-worker.js and novnc.js, as the npm package holds them
//   dist/         the web app, with the viewer beside it
//   build/test/   the unit tests, each bundled into one file for `node --test`

import { createHash } from "node:crypto";
import { cp, readFile, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const browser = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  legalComments: "eof",
  logLevel: "warning",
};

// The app loads the same file that other pages embed.
const viewerBesideApp = {
  name: "viewer-beside-app",
  setup({ onResolve }) {
    onResolve({ filter: /^@streamspace\/viewer$/ }, () => ({
      path: "./viewer.js",
      external: true,
    }));
  },
};

async function buildViewer() {
  await rm(`${root}/viewer/dist`, { recursive: true, force: true });
  await build({
    ...browser,
    entryPoints: ["viewer/src/index.ts"],
    outfile: "viewer/dist/viewer.js",
  });
  // A worker is a file of its own, on the page's origin: a page's policy forbids others.
  await build({
    ...browser,
    entryPoints: { "picture-worker": "viewer/src/worker/picture-worker.ts" },
    outdir: "viewer/dist",
  });
  // A file of its own: only a viewer that falls back to VNC loads it.
  await build({
    ...browser,
    entryPoints: { novnc: "@novnc/novnc" },
    outdir: "viewer/dist",
    sourcemap: false,
  });
  await cp(`${root}/../LICENSE`, `${root}/viewer/dist/LICENSE.txt`);
  const licences = `${root}/node_modules/@novnc/novnc`;
  await cp(`${licences}/LICENSE.txt`, `${root}/viewer/dist/novnc.LICENSE.txt`);
  await cp(`${licences}/docs/LICENSE.MPL-2.0`, `${root}/viewer/dist/novnc.LICENSE.MPL-2.0.txt`);
  await cp(`${licences}/vendor/pako/LICENSE`, `${root}/viewer/dist/novnc.LICENSE.pako.txt`);
}

async function buildApp() {
  await rm(`${root}/dist`, { recursive: true, force: true });
  await build({
    ...browser,
    entryPoints: { app: "app/src/main.ts" },
    outdir: "dist",
    plugins: [viewerBesideApp],
  });
  await cp(`${root}/app/public`, `${root}/dist`, { recursive: true });
  await cp(`${root}/viewer/dist`, `${root}/dist`, {
    recursive: true,
    filter: (path) => !path.endsWith("types"),
  });
}

/** Knows every file of the shell, so it is built when they are all there. */
async function buildServiceWorker() {
  const names = await readdir(`${root}/dist`, { recursive: true });
  const files = names.filter((name) => /\.(html|js|css|svg|png|webmanifest)$/.test(name)).sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(await readFile(`${root}/dist/${file}`));
  const paths = files.map((file) => (file === "index.html" ? "/" : `/${file}`));
  await build({
    ...browser,
    entryPoints: { "service-worker": "app/service-worker/main.ts" },
    outdir: "dist",
    define: {
      SHELL_FILES: JSON.stringify(paths),
      SHELL_NAME: JSON.stringify(`shell-${hash.digest("hex").slice(0, 16)}`),
    },
  });
}

async function buildTests() {
  await rm(`${root}/build/test`, { recursive: true, force: true });
  const folders = ["viewer/test", "app/test"];
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(`${root}/${folder}`)).map((name) => `${folder}/${name}`),
    ),
  );
  await build({
    absWorkingDir: root,
    entryPoints: files.flat().filter((file) => file.endsWith(".test.ts")),
    outdir: "build/test",
    entryNames: "[name]",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node18",
    logLevel: "warning",
  });
}

const target = process.argv[2] ?? "all";
if (target === "test") {
  await buildTests();
} else {
  await buildViewer();
  if (target !== "viewer") {
    await buildApp();
    await buildServiceWorker();
  }
}
