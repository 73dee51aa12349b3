// The part of the REST API that is about one's own account.

import { API, request } from "../api.js";

export type AccountRole = "viewer" | "user" | "operator" | "admin";
export type Scope = "read" | "sessions" | "admin";

export interface Me {
  user: string;
  role: AccountRole;
  hasPassword: boolean;
  hasSecondFactor: boolean;
  recoveryCodesLeft: number;
}

export interface SecondFactorStarted {
  /** In base 32. */
  secret: string;
  uri: string;
  /** A QR code of the address, as SVG. */
  picture: string;
}

export interface ApiKey {
  id: string;
  label: string;
  scope: Scope;
  createdUnixMs: number;
  expiresUnixMs?: number;
  usedUnixMs?: number;
}

export interface NewApiKey {
  label: string;
  scope: Scope;
  expiresInS?: number;
}

export interface SignedIn {
  id: string;
  /** Its `User-Agent`. */
  browser: string;
  begunUnixMs: number;
  expiresUnixMs: number;
  isThis: boolean;
}

const AUTH = `${API}/auth`;

export function getMe(): Promise<Me> {
  return request("GET", `${AUTH}/me`);
}

export async function signOut(): Promise<void> {
  await request("POST", `${AUTH}/logout`, {});
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
