/** A list of things, each with a line of text, a line of details, and what can be done with it. */

import type { ComponentChildren } from "preact";

export function List({ children, label }: { children: ComponentChildren; label?: string }) {
  return <ul class="list" aria-label={label}>{children}</ul>;
}
