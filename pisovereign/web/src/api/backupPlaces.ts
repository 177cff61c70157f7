/** Backups by the schedule: the places to which they go, and how they get on. */

import type { BackupWork } from "./backups";
import { request } from "./client";

export type BackupStatus = "off" | "nowhere" | "waiting" | "good" | "failing" | "old";

export interface BackupPlace {
  place: "folder" | "stick" | "webdav" | "s3";
  status: BackupStatus;
  good_at: string | null;
  good_name: string | null;
  good_bytes: number | null;
  failed_at: string | null;
  error: string | null;
}

export interface BackupPlaces {
  status: BackupStatus;
  last_good_at: string | null;
  next_at: string | null;
  running: boolean;
  passphrase: boolean;
  places: BackupPlace[];
}

export interface PlaceFile {
  name: string;
  size: number;
  made_at: string | null;
}

const PATH = "/v1/system/backup-places";

export const loadPlaces = (signal: AbortSignal) => request<BackupPlaces>("GET", PATH, { signal });
export const runBackup = () => request<{ running: boolean }>("POST", `${PATH}/run`);

export const loadPlaceFiles = async (place: string, signal: AbortSignal) =>
  (await request<{ files: PlaceFile[] }>("GET", `${PATH}/${place}/files`, { signal })).files;

export const fetchBackup = (place: string, name: string) =>
  request<BackupWork>("POST", `${PATH}/${place}/fetch`, { body: { name } });
