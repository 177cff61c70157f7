/**
 * What waits for the person: reminders that are due, and what asks for an approval.
 *
 * The program knows what was seen to. So what is done on one page goes away on all others, and a page that is
 * opened later shows what still waits.
 */

import { computed, signal } from "@preact/signals";
import { listApprovals, type Approval } from "../api/approvals";
import type { ServerEvent } from "../api/client";
import { listReminders, type Reminder } from "../api/reminders";
import { watchEvents } from "../app/events";
import { toast } from "../components/toasts";
import { t } from "../text/t";
import { visible } from "../text/visible";
import { startRinging, stopRinging } from "./ring";
import { showSystemNotice } from "./systemNotice";

export type PendingApproval = Pick<Approval, "id" | "kind" | "title" | "expires_at">;

interface FinishedTask {
  task_id: string;
  result: string | null;
  reason: string | null;
}

interface ReadyAnswer {
  message_id: string;
  text: string;
}

/** An alarm that rang longer ago is not rung again by a page that is opened now. */
const RINGS_MS = 5 * 60_000;
const MOST = 50;
const LONGEST_RESULT = 300;
/** Counts the events that were taken. */
let taken = 0;

export const dueReminders = signal<readonly Reminder[]>([]);
export const pendingApprovals = signal<readonly PendingApproval[]>([]);
export const noticeCount = computed(() => dueReminders.value.length + pendingApprovals.value.length);
/** The approval that is looked at; null: none. */
export const openedApproval = signal<string | null>(null);
/** Counts up whenever something was carried out, or refused, after a decision: views load again. */
export const approvalChanges = signal(0);
/** Counts up whenever something about reminders changed elsewhere: views load again. */
export const reminderChanges = signal(0);

/** Watch until what is returned is called. */
export function startNotices(): () => void {
  void load();
  const stop = watchEvents(take);
  // A stream that was cut off for long may have missed some: what is stored counts.
  const look = () => {
    if (!document.hidden) void load();
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  return () => {
    stop();
    stopRinging();
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("online", look);
    dueReminders.value = [];
    pendingApprovals.value = [];
  };
}

/** Load what waits. */
export async function load(): Promise<void> {
  const before = taken;
  const [due, pending] = await Promise.allSettled([
    listReminders({ status: "due", limit: MOST }),
    listApprovals({ status: "pending", limit: MOST }),
  ]);
  // What was told meanwhile may be newer than what came.
  if (taken !== before) return load();
  if (due.status === "fulfilled") {
    dueReminders.value = due.value.entries;
    ringAsNeeded();
  }
  if (pending.status === "fulfilled") pendingApprovals.value = pending.value.entries;
}

/** Take a reminder away at once; the program is told by who calls this. */
export function dropReminder(id: string): void {
  dueReminders.value = dueReminders.value.filter((each) => each.id !== id);
  reminderChanges.value += 1;
  ringAsNeeded();
}

/** Take an approval away at once. */
export function dropApproval(id: string): void {
  pendingApprovals.value = pendingApprovals.value.filter((each) => each.id !== id);
}

function take(event: ServerEvent): void {
  if (event.name !== "missed") taken += 1;
  switch (event.name) {
    case "reminder_due":
      return addReminder(event.data as Reminder);
    case "reminder_settled":
      return dropReminder((event.data as { id: string }).id);
    case "approval_requested":
      return addApproval(event.data as PendingApproval);
    case "approval_decided":
      return dropApproval((event.data as { id: string }).id);
    case "answer_ready":
      return tellOfAnswer(event.data as ReadyAnswer);
    case "task_finished":
      return tellOfTask(event.data as FinishedTask);
    case "delivery_failed":
      return void toast(t("notices.not_delivered"), { tone: "error", seconds: 0 });
    case "missed":
      return void load();
  }
}

function addReminder(reminder: Reminder): void {
  // Of what repeats only the newest waits.
  const others = dueReminders.value.filter(
    (each) => each.id !== reminder.id && (reminder.series_id === null || each.series_id !== reminder.series_id),
  );
  dueReminders.value = [...others, reminder];
  reminderChanges.value += 1;
  showSystemNotice(reminder.id, t(`notices.${reminder.kind}`), reminder.title);
  ringAsNeeded();
}

function addApproval(approval: PendingApproval): void {
  pendingApprovals.value = [...pendingApprovals.value.filter((each) => each.id !== approval.id), approval];
  showSystemNotice(approval.id, t("notices.approval"), approval.title);
}

// Who looks at the page sees it; who does not was promised to be told.
function tellOfAnswer(answer: ReadyAnswer): void {
  showSystemNotice(answer.message_id, t("notices.answer_ready"), visible(answer.text));
}

function tellOfTask(task: FinishedTask): void {
  const text = visible(task.result ?? task.reason ?? "");
  const short = text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT)}…` : text;
  showSystemNotice(task.task_id, t("notices.routine"), text);
  toast(`${t("notices.routine")}: ${short}`, {
    seconds: 0, actions: [{ label: t("notices.look"), run: () => followLink(`/tasks?id=${task.task_id}`) }],
  });
}

// As a click on a link: the router hears of it.
function followLink(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  document.body.append(link);
  link.click();
  link.remove();
}

function ringAsNeeded(): void {
  const now = Date.now();
  const rings = dueReminders.value.some(
    (each) => each.sound && now - new Date(each.due_at ?? each.remind_at).getTime() < RINGS_MS,
  );
  if (rings) startRinging();
  else stopRinging();
}
