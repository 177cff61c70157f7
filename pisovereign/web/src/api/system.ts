/** The device: its state, how busy it was, its log, and starting it again. */

import type { BackupStatus } from "./backupPlaces";
import { request } from "./client";

export interface ServiceHealth {
  healthy: boolean | null;
  status?: "not_configured";
  latency_ms?: number;
  error?: string;
}

export type Throttle = "under_voltage" | "capped" | "throttled" | "hot";
export type RestartTarget = "program" | "device";

export interface Overview {
  board: string;
  versions: { pisovereign: string; python: string; database: string; kernel: string };
  started_at: string;
  booted_at: string;
  services: Record<string, ServiceHealth>;
  temperature_c: number | null;
  throttled: Throttle[] | null;
  throttled_before: Throttle[] | null;
  cpu_percent: number;
  processors: number;
  memory: { total_mb: number; available_mb: number; used_mb: number; parts: { part: string; memory_mb: number }[] };
  disks: { what: "data" | "models"; total: number; free: number }[];
  database_bytes: number;
  backup: { status: BackupStatus; last_good_at: string | null };
  speed: { tokens_per_second: number | null; first_token_s: number | null };
  restartable: RestartTarget[];
}

export type Series =
  | "requests" | "p50_ms" | "p99_ms" | "tokens_per_second" | "first_token_s" | "memory_mb" | "cpu_percent"
  | "temperature_c";

export type History = { start: string; step_s: number } & Record<Series, (number | null)[]>;
export type Span = "hour" | "day";

export const LEVELS = ["debug", "info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  at: string;
  level: Level;
  process: string;
  logger: string;
  request_id: string;
  text: string;
}

export const loadOverview = (signal: AbortSignal) => request<Overview>("GET", "/v1/system/overview", { signal });

export const loadHistory = (span: Span, signal: AbortSignal) =>
  request<History>("GET", "/v1/system/history", { query: { span }, signal });

export const loadLog = (level: Level, signal: AbortSignal) =>
  request<{ lines: LogLine[] }>("GET", "/v1/system/log", { query: { level, limit: 200 }, signal });

export const restart = (target: RestartTarget) => request<unknown>("POST", "/v1/system/restart", { body: { target } });
