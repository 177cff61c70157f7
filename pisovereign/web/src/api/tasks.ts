/** Requests that are carried out in several parts, and those that are made again and again. */

import { request, requestPage, stream, type Page, type ServerEvent } from "./client";

export type PartStatus = "pending" | "awaiting_approval" | "running" | "completed" | "failed" | "cancelled";
export type TaskStatus = "planning" | Exclude<PartStatus, "pending">;

export interface TaskPart {
  id: string;
  description: string;
  status: PartStatus;
  tool: string;
  approval_id?: string;
  result?: string;
  reason?: string;
}

export interface Task {
  task_id: string;
  status: TaskStatus;
  description: string;
  plan_summary: string | null;
  sub_agents: TaskPart[];
  result: string | null;
  created_at: string;
  finished_at: string | null;
  reason?: string;
  approval_id?: string;
  scheduled_by?: string;
  error?: string;
}

export interface Schedule {
  id: string;
  name: string;
  description: string;
  cron: string;
  time_zone: string;
  enabled: boolean;
  deliver: string[];
  source: "stored" | "config";
  next_at: string | null;
  error?: string;
}

export interface ScheduleFields {
  description: string;
  cron: string;
  time_zone?: string;
  enabled?: boolean;
}

const TASKS = "/v1/agentic/tasks";
const SCHEDULES = "/v1/agentic/schedules";

export function isOver(task: Task): boolean {
  return task.status === "completed" || task.status === "failed" || task.status === "cancelled";
}

export function listTasks(limit: number, signal?: AbortSignal): Promise<Page<Task>> {
  return requestPage<Task>(TASKS, { query: { limit }, signal: signal ?? null });
}

export function getTask(id: string, signal?: AbortSignal): Promise<Task> {
  return request("GET", `${TASKS}/${id}`, { signal: signal ?? null });
}

export function createTask(description: string, requireApproval: boolean): Promise<{ task_id: string }> {
  return request("POST", TASKS, { body: { description, require_approval: requireApproval } });
}

export function cancelTask(id: string): Promise<void> {
  return request("POST", `${TASKS}/${id}/cancel`);
}

export function watchTask(id: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  return stream("GET", `${TASKS}/${id}/stream`, { signal });
}

export function listSchedules(signal?: AbortSignal): Promise<Schedule[]> {
  return request("GET", SCHEDULES, { signal: signal ?? null });
}

export function createSchedule(body: ScheduleFields): Promise<Schedule> {
  return request("POST", SCHEDULES, { body });
}

export function changeSchedule(id: string, body: Partial<ScheduleFields>): Promise<Schedule> {
  return request("PATCH", `${SCHEDULES}/${id}`, { body });
}

export function deleteSchedule(id: string): Promise<void> {
  return request("DELETE", `${SCHEDULES}/${id}`);
}

export function runSchedule(id: string): Promise<{ task_id: string }> {
  return request("POST", `${SCHEDULES}/${id}/run`);
}
