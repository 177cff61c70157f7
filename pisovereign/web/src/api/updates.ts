/** Updates of the whole system: which there are, installing and trying them. */

import { request } from "./client";

export interface OfferedUpdate {
  source: "address" | "stick";
  file: string;
  version: string;
  built_at: string;
  urgency: "security" | "usual";
  notes: string;
  size: number;
}

export interface UpdateWork {
  status: "fetching" | "installing" | "done" | "failed" | "stopped";
  file: string;
  done?: number;
  total?: number;
  error?: string;
}

export interface LastUpdate {
  stage: "writing" | "written" | "trying" | "kept" | "rolled_back" | "failed";
  version: string;
  before: string;
  notes: string;
  changed_at: string;
  error: string | null;
}

export interface Updates {
  possible: boolean;
  running: { version: string; built_at: string; product: string; system: "a" | "b" } | null;
  offered: OfferedUpdate[];
  checked_at: string | null;
  check_failed: string | null;
  work: UpdateWork | null;
  progress: { step: "verifying" | "writing" | "ended"; done: number; total: number } | null;
  last: LastUpdate | null;
  automatic: "off" | "security" | "all";
  at: string;
  choosable: boolean;
}

const PATH = "/v1/system/updates";

export const loadUpdates = (signal: AbortSignal) => request<Updates>("GET", PATH, { signal });
export const checkForUpdates = () => request<Updates>("POST", `${PATH}/check`);
export const chooseUpdates = (automatic: Updates["automatic"], at: string) =>
  request<Updates>("PUT", `${PATH}/automatic`, { body: { automatic, at } });

export const tryUpdate = () => request<Updates>("POST", `${PATH}/try`);

export const installUpdate = (update: OfferedUpdate) =>
  request<UpdateWork>("POST", `${PATH}/install`, { body: { source: update.source, file: update.file } });
