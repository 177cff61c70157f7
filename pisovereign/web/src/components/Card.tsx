/** Something with a frame: a heading, what it says, and what can be done with it. */

import type { ComponentChildren } from "preact";

interface Props {
  title?: ComponentChildren;
  /** The level of its heading; that of a view is 1. */
  level?: 2 | 3 | 4;
  children?: ComponentChildren;
  actions?: ComponentChildren;
  class?: string;
  tone?: "plain" | "accent" | "warning";
}

export function Card({ title, level = 2, children, actions, class: more = "", tone = "plain" }: Props) {
  const Heading = `h${level}` as "h2";
  return (
    <section class={`card ${tone} ${more}`}>
      {title && <Heading class="card-title">{title}</Heading>}
      {children}
      {actions && <div class="actions">{actions}</div>}
    </section>
  );
}
