/** Times of schedules as people choose them, and as the cron expressions that the program keeps. */

export type Rhythm = "daily" | "weekdays" | "weekly" | "monthly" | "other";
export const RHYTHMS: readonly Rhythm[] = ["daily", "weekdays", "weekly", "monthly", "other"];

export interface Times {
  rhythm: Rhythm;
  /** `07:30`. */
  time: string;
  /** 1 is Monday, 7 is Sunday. */
  weekday: number;
  dayOfMonth: number;
  /** What `other` is. */
  cron: string;
}

const NONE: Times = { rhythm: "other", time: "07:00", weekday: 1, dayOfMonth: 1, cron: "" };

/** Return the expression of what was chosen. */
export function toCron({ rhythm, time, weekday, dayOfMonth, cron }: Times): string {
  const [hour = 7, minute = 0] = time.split(":").map(Number);
  const at = `${minute} ${hour}`;
  switch (rhythm) {
    case "daily":
      return `${at} * * *`;
    case "weekdays":
      return `${at} * * 1-5`;
    case "weekly":
      return `${at} * * ${weekday}`;
    case "monthly":
      return `${at} ${dayOfMonth} * *`;
    case "other":
      return cron.trim();
  }
}

/** Return what an expression stands for; one of another kind is `other`. */
export function fromCron(cron: string): Times {
  const found = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|1-5|[0-7])$/.exec(cron.trim());
  if (!found) return { ...NONE, cron };
  const [, minute = "0", hour = "7", day = "*", weekday = "*"] = found;
  const times = { ...NONE, cron, time: `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` };
  if (day !== "*") return weekday === "*" ? { ...times, rhythm: "monthly", dayOfMonth: Number(day) } : { ...NONE, cron };
  if (weekday === "*") return { ...times, rhythm: "daily" };
  if (weekday === "1-5") return { ...times, rhythm: "weekdays" };
  return { ...times, rhythm: "weekly", weekday: Number(weekday) || 7 };
}
