// The part of the REST API that is about one's own account.

import { API, request } from "../api.js";
import type {
  ApiKey,
  Me,
  NewApiKeyInput as NewApiKey,
  NewPasskeyInput as NewPasskey,
  Passkey,
  Scope,
  SecondFactorStarted,
  SignedIn,
} from "../api-types.js";

export type { ApiKey, Me, Passkey, Scope, SecondFactorStarted, SignedIn };

const AUTH = `${API}/auth`;

export function getMe(): Promise<Me> {
  return request("GET", `${AUTH}/me`);
}

/** Gives the address where a browser signs out of the identity provider as well, if it signed in by it. */
export async function signOut(): Promise<string | null> {
  const answer = await request<{ address: string } | null>("POST", `${AUTH}/logout`, {});
  return answer?.address ?? null;
}

export async function setPassword(change: { old?: string; new: string }): Promise<void> {
  await request("PUT", `${AUTH}/password`, change);
}

export function startSecondFactor(password: string): Promise<SecondFactorStarted> {
  return request("POST", `${AUTH}/second-factor`, { password });
}

export async function confirmSecondFactor(code: string): Promise<string[]> {
  const path = `${AUTH}/second-factor/confirm`;
  const { recoveryCodes } = await request<{ recoveryCodes: string[] }>("POST", path, { code });
  return recoveryCodes;
}

export type RemovalProof = { password: string } | { recoveryCode: string };

export async function removeSecondFactor(proof: RemovalProof): Promise<void> {
  await request("POST", `${AUTH}/second-factor/remove`, proof);
}

export async function listPasskeys(): Promise<Passkey[]> {
  return (await request<{ items: Passkey[] }>("GET", `${AUTH}/passkeys`)).items;
}

export async function addPasskey(passkey: NewPasskey): Promise<void> {
  await request("POST", `${AUTH}/passkeys`, passkey);
}

export async function removePasskey(id: string, password?: string): Promise<void> {
  const body = password === undefined ? {} : { password };
  await request("POST", `${AUTH}/passkeys/${encodeURIComponent(id)}/remove`, body);
}

export async function listKeys(): Promise<ApiKey[]> {
  return (await request<{ items: ApiKey[] }>("GET", `${AUTH}/keys`)).items;
}

export async function addKey(key: NewApiKey): Promise<string> {
  return (await request<{ key: string }>("POST", `${AUTH}/keys`, key)).key;
}

export async function removeKey(id: string): Promise<void> {
  await request("DELETE", `${AUTH}/keys/${encodeURIComponent(id)}`);
}

export async function listSignIns(): Promise<SignedIn[]> {
  return (await request<{ items: SignedIn[] }>("GET", `${AUTH}/sign-ins`)).items;
}

export async function endSignIn(id: string): Promise<void> {
  await request("DELETE", `${AUTH}/sign-ins/${encodeURIComponent(id)}`);
}

export async function endOtherSignIns(): Promise<void> {
  await request("DELETE", `${AUTH}/sign-ins`);
}
