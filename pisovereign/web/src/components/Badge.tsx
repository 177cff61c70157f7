/** A word or two about something, with a frame. */

import type { ComponentChildren } from "preact";

interface Props {
  children: ComponentChildren;
  tone?: "plain" | "accent" | "good" | "warning" | "error";
}

export function Badge({ children, tone = "plain" }: Props) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
