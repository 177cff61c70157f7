/** A moment as people say it: the day by name, always, and the time. */

import { clock, day } from "./format";
import { language } from "./t";

const DAY_MS = 86_400_000;

/** Return `today, 9:05`, `tomorrow, 9:05` or `Friday, 27 November, 9:05`. */
export function when(at: string | Date, now: Date = new Date()): string {
  return `${dayName(at, now)}, ${clock(at)}`;
}

/** Return `today`, `tomorrow`, `yesterday`, or the day with its weekday and date. */
export function dayName(at: string | Date, now: Date = new Date()): string {
  const days = Math.round((midnight(new Date(at)).getTime() - midnight(now).getTime()) / DAY_MS);
  if (Math.abs(days) > 1) return day(at);
  return new Intl.RelativeTimeFormat(language.value, { numeric: "auto" }).format(days, "day");
}

/** Return the midnight that a moment's day begins with, as this browser's clock has it. */
export function midnight(moment: Date): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
}

/** Return a moment as a field for date and time holds it. */
export function toField(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Return the moment of a field for date and time; null: it holds none. */
export function fromField(value: string): string | null {
  const moment = new Date(value);
  return value === "" || Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

/** Return a length as `1:02:03`, or `2:03` below an hour. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = String(Math.floor((whole % 3600) / 60)).padStart(hours ? 2 : 1, "0");
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${minutes}:${rest}` : `${minutes}:${rest}`;
}
