/** Passkeys: what the browser's authenticator is asked, and what it answers. */

import { fromBrowser, type SignedIn } from "./accounts";
import { request } from "./client";

export interface Passkey {
  id: string;
  name: string;
  host: string;
  created_at: string;
  used_at: string | null;
}

interface Descriptor {
  id: string;
  type: "public-key";
}

/** The options as JSON: bytes are base64url. */
interface Challenge {
  id: string;
  options: {
    challenge: string;
    user?: { id: string };
    excludeCredentials?: Descriptor[];
    allowCredentials?: Descriptor[];
  };
}

/** Return whether this browser knows passkeys at this address: it needs TLS, and a name. */
export function knowsPasskeys(): boolean {
  const named = !/^[\d.]+$|^\[/.test(location.hostname);
  return named && window.isSecureContext && "PublicKeyCredential" in window;
}

export function listPasskeys(signal?: AbortSignal): Promise<Passkey[]> {
  return request("GET", "/v1/passkeys", { signal: signal ?? null });
}

export function removePasskey(id: string): Promise<void> {
  return request("DELETE", `/v1/passkeys/${id}`);
}

/** Let the authenticator make a passkey, and store it. */
export async function createPasskey(name: string): Promise<Passkey> {
  const { id, options } = await request<Challenge>("POST", "/v1/passkeys/options");
  const publicKey = {
    ...withBytes(options), user: { ...options.user, id: bytes(options.user?.id ?? "") },
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
  return request("POST", "/v1/passkeys", { body: { id, name, credential: made ? asJson(made) : {} } });
}

/** Let the authenticator say who is there. */
export async function signInWithPasskey(): Promise<SignedIn> {
  const { id, options } = await request<Challenge>("POST", "/v1/sign-in/passkey-options");
  const publicKey = withBytes(options) as unknown as PublicKeyCredentialRequestOptions;
  const shown = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  const body = { id, credential: shown ? asJson(shown) : {}, ...fromBrowser() };
  return request("POST", "/v1/sign-in/passkey", { body });
}

function withBytes(options: Challenge["options"]): object {
  const known = (all: Descriptor[] = []) => all.map((each) => ({ ...each, id: bytes(each.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    excludeCredentials: known(options.excludeCredentials),
    allowCredentials: known(options.allowCredentials),
  };
}

function asJson(credential: PublicKeyCredential): object {
  const answer = credential.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] as const;
  const response: Record<string, string> = {};
  for (const part of parts) {
    const value = answer[part];
    if (value) response[part] = text(value);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

function bytes(encoded: string): Uint8Array<ArrayBuffer> {
  const plain = atob(encoded.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
