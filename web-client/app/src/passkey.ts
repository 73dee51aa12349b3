// Passkeys (WebAuthn), between the browser and the API. Bytes go over the API in base64url.

import { API, request } from "./api.js";
import type {
  AssertionInput as Assertion,
  NewPasskeyInput as NewPasskey,
  PasskeyChallenge as Challenge,
  PasskeyStarted as RegistrationChallenge,
} from "./api-types.js";

/** ES256, EdDSA and RS256, as COSE numbers them. */
const ALGORITHMS = [-7, -8, -257];

/** Browsers have them only for names, by TLS or on this machine. */
export function passkeysWork(): boolean {
  const isName = !/^[\d.]+$|:/.test(location.hostname.replace(/^\[|\]$/g, ""));
  return isName && window.isSecureContext && "PublicKeyCredential" in window;
}

/** Whether the person, or the browser for them, has used none. */
export function isPasskeyStopped(error: unknown): boolean {
  return error instanceof DOMException;
}

/** Asks for any passkey of this site. */
export async function usePasskey(): Promise<Assertion> {
  const { challenge, site } = await request<Challenge>(
    "POST",
    `${API}/auth/passkeys/challenge`,
    {},
  );
  const found = await navigator.credentials.get({
    publicKey: { challenge: bytes(challenge), rpId: site, userVerification: "required" },
  });
  const credential = found as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    credential: text(credential.rawId),
    clientData: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
  };
}

/** Makes a passkey. Who has a password shows it. */
export async function makePasskey(label: string, password?: string): Promise<NewPasskey> {
  const body = password === undefined ? {} : { password };
  const asked = await request<RegistrationChallenge>("POST", `${API}/auth/passkeys/start`, body);
  const { challenge, site, user, known } = asked;
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(challenge),
      rp: { id: site, name: "StreamSpace" },
      user: { id: bytes(user.id), name: user.name, displayName: user.name },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: known.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    },
  });
  const credential = made as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    label,
    credential: text(credential.rawId),
    clientData: text(response.clientDataJSON),
    authenticatorData: text(response.getAuthenticatorData()),
    publicKey: text(response.getPublicKey() ?? new ArrayBuffer(0)),
  };
}

function text(buffer: ArrayBuffer): string {
  const letters = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
