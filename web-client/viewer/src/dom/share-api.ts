// Share links in the API.

import { decodeShareMade, decodeShares } from "../core/decode-people.js";
import { httpFailure } from "../core/failure.js";
import type { NewShare, Share, ShareMade } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { ConnectError } from "./join.js";

/** The links of one session; `src` is its address. Each call throws `ConnectError`. */
export class ShareApi {
  readonly #address: () => string;

  constructor(src: () => string) {
    this.#address = () => `${src().replace(/\/$/, "")}/shares`;
  }

  async list(): Promise<Share[]> {
    return decodeShares(await request("GET", this.#address()));
  }

  async make(share: NewShare): Promise<ShareMade> {
    return decodeShareMade(await request("POST", this.#address(), share));
  }

  async withdraw(id: string): Promise<void> {
    await request("DELETE", `${this.#address()}/${encodeURIComponent(id)}`, {});
  }
}

async function request(method: string, url: string, body?: object): Promise<unknown> {
  const answer = await send(method, url, body);
  const content: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new ConnectError(httpFailure(answer.status, content));
  return content;
}

async function send(method: string, url: string, body?: object): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      credentials: "same-origin",
      ...(body && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new ConnectError({ reason: phrase("unreachable"), retry: true });
  }
}
