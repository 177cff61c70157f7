/** Models: what there is, fetching and adding them, and which one answers. */

import { ApiError, request } from "./client";
import { sendPieces, type PieceAnswer } from "./pieces";

export interface Abilities {
  tested: boolean;
  calls_tools: boolean;
  languages: string[];
  reads_commands: boolean;
  scores: Record<string, { right: number; asked: number; passed: boolean }>;
  reading: { right: number; asked: number; passed: boolean } | null;
}

export interface Model {
  id: string;
  name: string;
  kind: "chat" | "embedding";
  parameters: string;
  size: number;
  license: string;
  languages: string[] | null;
  audience: string;
  memory: number | null;
  fits: boolean;
  recommended: boolean;
  smoke_test: boolean;
  added: boolean;
  preinstalled: boolean;
  state: "absent" | "partial" | "present" | "verified";
  abilities: Abilities;
}

export interface Catalog {
  models: Model[];
  memory_bytes: number;
  free_bytes: number;
}

export interface Work {
  kind: "add" | "pull" | "verify" | "upload";
  model: string;
  status: "running" | "done" | "failed" | "stopped";
  action: string | null;
  done: number;
  total: number;
  error: string | null;
}

export interface Engine {
  model: string;
  configured: string;
  switch?: { model: string; stage: "loading" | "waiting" | "done" | "failed"; error?: string };
  fetch?: {
    model: string; stage: "fetching" | "proving" | "offered" | "failed"; done?: number; total?: number; error?: string;
  };
}

export interface ModelsState {
  catalog: Catalog;
  work: Work | null;
  /** Null: another server has the model. */
  engine: Engine | null;
}

const PATH = "/v1/system/models";

/** Everything that the view shows. */
export async function loadModels(signal: AbortSignal): Promise<ModelsState> {
  const [catalog, { work }, engine] = await Promise.all([
    request<Catalog>("GET", "/v1/system/model-catalog", { signal }),
    request<{ work: Work | null }>("GET", "/v1/system/model-work", { signal }),
    request<Engine>("GET", `${PATH}/active`, { signal }).catch((error: unknown) => {
      if (error instanceof ApiError && (error.status === 409 || error.status >= 500)) return null;
      throw error;
    }),
  ]);
  return { catalog, work, engine };
}

export const useModel = (model: string) => request<Engine>("POST", `${PATH}/active`, { body: { model } });
export const pullModel = (id: string) => request<Work>("POST", `${PATH}/${id}/pull`);
export const verifyModel = (id: string) => request<Work>("POST", `${PATH}/${id}/verify`);
export const removeModel = (id: string) => request<void>("DELETE", `${PATH}/${id}`);
export const testModel = (id: string) => request<unknown>("POST", `${PATH}/${id}/test`);
export const stopWork = () => request<void>("DELETE", "/v1/system/model-work");
export const addModel = (url: string) => request<Work>("POST", PATH, { body: { url } });

/** Send a GGUF file; returns when it is a model. */
export function uploadModel(file: File, progress: (held: number) => void, signal: AbortSignal): Promise<PieceAnswer> {
  return sendPieces("/v1/system/model-upload", file, { name: file.name }, progress, signal);
}
