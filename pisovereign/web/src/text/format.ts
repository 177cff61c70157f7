/** Days, times, sizes and numbers, as the language that is shown writes them. */

import { language } from "./t";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language.value + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(language.value, options)));
  return found;
}

/** Return `9:05` or `09:05`. */
export function clock(moment: Date | string, zone?: string): string {
  return format({ hour: "numeric", minute: "2-digit", ...inZone(zone) }).format(new Date(moment));
}

/** Return `Friday, 27 November`, with the year where it is not this one. */
export function day(moment: Date | string, zone?: string): string {
  const date = new Date(moment);
  const other = date.getFullYear() !== new Date().getFullYear();
  const year = other ? ({ year: "numeric" } as const) : {};
  return format({ weekday: "long", day: "numeric", month: "long", ...year, ...inZone(zone) }).format(date);
}

/** Return day and time: `Fri, 27 Nov, 09:05`. */
export function moment(at: Date | string, zone?: string): string {
  const date = new Date(at);
  const other = date.getFullYear() !== new Date().getFullYear();
  const year = other ? ({ year: "numeric" } as const) : {};
  return format({
    weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", ...year, ...inZone(zone),
  }).format(date);
}

/** Return how far away a moment is: `in 5 minutes`, `2 days ago`. */
export function distance(at: Date | string, now: Date = new Date()): string {
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60],
  ];
  const words = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  return words.format(Math.round(seconds), "second");
}

/** Return a number with at most so many digits after its point. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: digits }).format(value);
}

/** Return `12 %` for 0.12. */
export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** Return a number of bytes as `1.2 GB`. */
export function bytes(count: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  let at = 0;
  let value = count;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  const options = { style: "unit", unit: units[at] ?? "byte", maximumFractionDigits: value < 10 && at > 0 ? 1 : 0 };
  return new Intl.NumberFormat(language.value, options as Intl.NumberFormatOptions).format(value);
}

function inZone(zone: string | undefined): { timeZone?: string } {
  return zone ? { timeZone: zone } : {};
}
