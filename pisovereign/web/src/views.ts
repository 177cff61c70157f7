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
    path: "/approvals", title: "approvals.title", icon: "shield", scope: "user", place: "main",
    load: () => import("./views/approvals/ApprovalsView"),
  },
  {
    path: "/settings", title: "settings.title", icon: "settings", scope: "user", place: "device",
    load: () => import("./views/settings/SettingsView"),
  },
];
