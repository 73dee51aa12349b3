// A real OpenID Connect provider (oidc-provider) on this machine, with the tests' people in it. What it says can
// be spoilt on its way.

import { createServer } from "node:http";
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import Provider from "oidc-provider";

const CLIENT = "streamspace";
const SECRET = "a secret that both know, long enough";

/** What it says of itself at its start is about production. */
const quiet = (run) => {
  const { warn, info } = console;
  Object.assign(console, { warn: () => {}, info: () => {} });
  try {
    return run();
  } finally {
    Object.assign(console, { warn, info });
  }
};

function key() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of these claims, signed with this key. */
export function signed(claims, jwk, header = {}) {
  const text = `${base64url({ alg: "RS256", kid: jwk.kid, ...header })}.${base64url(claims)}`;
  const signature = sign("sha256", Buffer.from(text), createPrivateKey({ key: jwk, format: "jwk" }));
  return `${text}.${signature.toString("base64url")}`;
}

/** The claims of a token. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

export class IdentityProvider {
  /** By subject: what the provider says of them. Tests change it. */
  people = {};
  /** Changes the tokens on their way; a test sets it. */
  spoil = null;
  /** Changes what a browser comes back with. */
  spoilReturn = null;
  /** How often each path was asked for. */
  requests = {};

  /** It listens, and knows nobody yet. */
  static async listen() {
    const provider = new IdentityProvider();
    await provider.up();
    return provider;
  }

  /** With a new key; `desk` is how browsers call the server that people sign in to. */
  serve(desk) {
    this.desk = desk;
    this.jwk = key();
    this.oidc = quiet(() => new Provider(this.issuer, this.#configuration(desk)));
    this.oidc.on("server_error", (_context, error) => console.error("provider:", error));
    this.handle = this.oidc.callback();
  }

  /** What a server is told to sign people in by it. */
  async args(folder, { allow = "127.0.0.0/8", more = [] } = {}) {
    const secret = join(folder, "oidc-secret");
    await writeFile(secret, SECRET);
    const client = ["--oidc-issuer", this.issuer, "--oidc-client-id", CLIENT, "--oidc-client-secret-file", secret];
    const roles = ["--oidc-role", "staff=user", "--oidc-role", "operators=operator", "--oidc-label", "Example"];
    return [...client, ...roles, ...(allow ? ["--outbound-allow", allow] : []), ...more];
  }

  #configuration(desk) {
    return {
      clients: [
        {
          client_id: CLIENT,
          client_secret: SECRET,
          redirect_uris: [`${desk}/api/v1/auth/oidc/callback`],
          post_logout_redirect_uris: [`${desk}/`],
          grant_types: ["authorization_code", "refresh_token"],
          backchannel_logout_uri: `${desk}/api/v1/auth/oidc/logged-out`,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [this.jwk] },
      cookies: { keys: ["a key of the tests"] },
      claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email"] },
      pkce: { required: () => true },
      features: {
        backchannelLogout: { enabled: true },
        devInteractions: { enabled: true },
        rpInitiatedLogout: { enabled: true },
        userinfo: { enabled: true },
      },
      // It would call nobody on this machine by itself.
      fetch: (url, { dispatcher: _careful, ...options }) => fetch(url, options),
      rotateRefreshToken: true,
      issueRefreshToken: (_context, client) => client.grantTypeAllowed("refresh_token"),
      findAccount: (_context, sub) =>
        this.people[sub] && { accountId: sub, claims: () => ({ sub, ...this.people[sub] }) },
    };
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, this.issuer);
    this.requests[pathname] = (this.requests[pathname] ?? 0) + 1;
    if (this.spoilReturn) this.#changeReturn(response);
    if (pathname !== "/token" || this.spoil === null) return this.handle(request, response);
    // The whole answer, for the test to change.
    const pieces = [];
    const end = response.end.bind(response);
    response.write = (piece) => pieces.push(Buffer.from(piece));
    response.end = (piece) => {
      if (piece) pieces.push(Buffer.from(piece));
      const answer = JSON.parse(Buffer.concat(pieces));
      const changed = Buffer.from(JSON.stringify(answer.id_token ? this.spoil(answer) : answer));
      response.setHeader("content-length", changed.length);
      end(changed);
    };
    return this.handle(request, response);
  }

  #changeReturn(response) {
    const setHeader = response.setHeader.bind(response);
    response.setHeader = (name, value) => {
      const isReturn = /^location$/i.test(name) && value.startsWith(`${this.desk}/api/`);
      if (!isReturn) return setHeader(name, value);
      const address = new URL(value);
      this.spoilReturn(address.searchParams);
      return setHeader(name, address.href);
    };
  }

  /** Nobody answers any more, until `up`. */
  async down() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async up() {
    this.server = createServer((request, response) => this.#answer(request, response));
    await new Promise((done) => this.server.listen(this.port ?? 0, "127.0.0.1", done));
    this.port = this.server.address().port;
    this.issuer = `http://localhost:${this.port}`;
  }

  async stop() {
    if (this.server.listening) await this.down();
  }
}

/** Fills the provider's own pages in, as far as it shows them. */
export async function signInAtProvider(page, subject) {
  await page.locator("input[name=login]").fill(subject);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Continue" }).click();
}
