/** Backups: making, keeping, verifying and restoring them. A passphrase goes in a body only. */

import { request } from "./client";
import { sendPieces, type PieceAnswer } from "./pieces";

export interface BackupFile {
  name: string;
  size: number;
  written_at: string;
}

export interface BackupWork {
  kind: "make" | "verify" | "fetch";
  file: string;
  status: "running" | "done" | "failed" | "stopped";
  done?: number;
  total?: number;
  error?: string;
  contents?: { made_at: string; program: string; rows: Record<string, number>; files: string[] };
}

export interface Restore {
  stage: "checking" | "loading" | "starting" | "done" | "failed";
  file: string;
  changed_at: string;
  made_at?: string;
  rows?: number;
  error?: string;
  kept?: string;
}

export interface Backups {
  files: BackupFile[];
  folder: string;
  free_bytes: number;
  keep: number;
  work: BackupWork | null;
  restore: Restore | null;
  restorable: boolean;
  restore_command: string;
  not_included: string[];
}

const PATH = "/v1/system/backups";

export const loadBackups = (signal: AbortSignal) => request<Backups>("GET", PATH, { signal });
export const makeBackup = (passphrase: string) => request<BackupWork>("POST", PATH, { body: { passphrase } });
export const deleteBackup = (name: string) => request<void>("DELETE", backupPath(name));

/** Return where a backup is downloaded. */
export const backupPath = (name: string) => `${PATH}/${encodeURIComponent(name)}`;

export const verifyBackup = (name: string, passphrase: string) =>
  request<BackupWork>("POST", `${backupPath(name)}/verify`, { body: { passphrase } });

export const restoreBackup = (name: string, passphrase: string, withConfig: boolean) =>
  request<Restore>("POST", `${backupPath(name)}/restore`, { body: { passphrase, with_config: withConfig } });

/** Send a backup that lies elsewhere. */
export function uploadBackup(file: File, progress: (held: number) => void, signal: AbortSignal): Promise<PieceAnswer> {
  const name = file.name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[._-]+/, "");
  const named = name.endsWith(".backup") ? name : `${name || "mine"}.backup`;
  return sendPieces("/v1/system/backup-upload", file, { name: named }, progress, signal);
}
