/** How connections are encrypted. */

import { request } from "./client";

export interface Tls {
  mode: "off" | "own-ca" | "files";
  port: number | null;
  names: string[];
  begins: string | null;
  ends: string | null;
  /** The SHA-256 of the device's own authority. */
  fingerprint: string | null;
  /** The path of the page that explains how to trust it. */
  trust_page: string | null;
}

export function getTls(): Promise<Tls> {
  return request("GET", "/v1/system/tls");
}
