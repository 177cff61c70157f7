/** Every view of the page: where it is, what it is called, who sees it, and its code, loaded when it is opened. */

import type { ComponentType } from "preact";
import type { IconName } from "./components/Icon";

export interface View {
  /** An exact path without parameters: what a view shows of something is in the query. No path of the API. */
  path: string;
  /** The key of its name in the navigation. */
  title: string;
  icon: IconName;
  /** The scope that it needs. */
  scope: "user" | "approve" | "admin";
  /** Where it is found: `main` is in the bar of a phone too, `hidden` is only linked to. */
  place: "main" | "more" | "device" | "hidden";
  load: () => Promise<{ default: ComponentType }>;
}

// The build reads the paths from here; the program serves the page at exactly these.
export const VIEWS: readonly View[] = [
  {
    path: "/", title: "chat.title", icon: "chat", scope: "user", place: "main",
    load: () => import("./views/chat/ChatView"),
  },
  {
    path: "/today", title: "today.title", icon: "home", scope: "user", place: "main",
    load: () => import("./views/today/TodayView"),
  },
  {
    path: "/reminders", title: "reminders.title", icon: "bell", scope: "user", place: "main",
    load: () => import("./views/reminders/RemindersView"),
  },
  {
    path: "/lists", title: "lists.title", icon: "list", scope: "user", place: "main",
    load: () => import("./views/lists/ListsView"),
  },
  {
    path: "/timers", title: "timers.title", icon: "timer", scope: "user", place: "more",
    load: () => import("./views/timers/TimersView"),
  },
  {
    path: "/calendar", title: "calendar.title", icon: "calendar", scope: "user", place: "more",
    load: () => import("./views/calendar/CalendarView"),
  },
  {
    path: "/contacts", title: "contacts.title", icon: "users", scope: "user", place: "more",
    load: () => import("./views/contacts/ContactsView"),
  },
  {
    path: "/mail", title: "mail.title", icon: "mail", scope: "user", place: "more",
    load: () => import("./views/mail/MailView"),
  },
  {
    path: "/tasks", title: "tasks.title", icon: "workflow", scope: "user", place: "more",
    load: () => import("./views/tasks/TasksView"),
  },
  {
    path: "/schedules", title: "schedules.title", icon: "refresh", scope: "user", place: "more",
    load: () => import("./views/schedules/SchedulesView"),
  },
  {
    path: "/approvals", title: "approvals.title", icon: "shield", scope: "user", place: "main",
    load: () => import("./views/approvals/ApprovalsView"),
  },
  {
    path: "/memories", title: "memories.title", icon: "brain", scope: "user", place: "more",
    load: () => import("./views/memories/MemoriesView"),
  },
  {
    path: "/documents", title: "documents.title", icon: "file", scope: "user", place: "more",
    load: () => import("./views/documents/DocumentsView"),
  },
  {
    path: "/commands", title: "catalog.title", icon: "terminal", scope: "user", place: "device",
    load: () => import("./views/catalog/CatalogView"),
  },
  {
    path: "/log", title: "audit.title", icon: "history", scope: "user", place: "device",
    load: () => import("./views/audit/AuditView"),
  },
  {
    path: "/models", title: "models.title", icon: "boxes", scope: "admin", place: "device",
    load: () => import("./views/models/ModelsView"),
  },
  {
    path: "/backup", title: "backup.title", icon: "archive", scope: "admin", place: "device",
    load: () => import("./views/backup/BackupView"),
  },
  {
    path: "/system", title: "system.title", icon: "activity", scope: "admin", place: "device",
    load: () => import("./views/system/SystemView"),
  },
  {
    path: "/connections", title: "connections.title", icon: "plug", scope: "user", place: "device",
    load: () => import("./views/connections/ConnectionsView"),
  },
  {
    path: "/tools", title: "toolservers.title", icon: "wrench", scope: "approve", place: "device",
    load: () => import("./views/toolservers/ToolServersView"),
  },
  {
    path: "/devices", title: "devices.title", icon: "phone", scope: "user", place: "device",
    load: () => import("./views/devices/DevicesView"),
  },
  {
    path: "/people", title: "people.title", icon: "users", scope: "admin", place: "device",
    load: () => import("./views/people/PeopleView"),
  },
  {
    path: "/keys", title: "keys.title", icon: "key", scope: "user", place: "device",
    load: () => import("./views/keys/KeysView"),
  },
  {
    path: "/sign-in", title: "signin.another", icon: "key", scope: "user", place: "hidden",
    load: () => import("./views/signin/SignInView"),
  },
  {
    path: "/settings", title: "settings.title", icon: "settings", scope: "user", place: "device",
    load: () => import("./views/settings/SettingsView"),
  },
];
