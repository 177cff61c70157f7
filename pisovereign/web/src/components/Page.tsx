/** The frame of a view: its heading, which gets the focus when the view is opened, and what can be done there. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  children: ComponentChildren;
  actions?: ComponentChildren;
  /** A line below the heading. */
  lead?: ComponentChildren;
  wide?: boolean;
}

let started = false;

export function Page({ title, children, actions, lead, wide = false }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – PiSovereign`;
  }, [title]);
  useEffect(() => {
    // Not at the very start: then the browser's own focus, on the address or nowhere, is right.
    if (started) heading.current?.focus({ preventScroll: true });
    started = true;
  }, []);
  return (
    <div class={`page ${wide ? "wide" : ""}`}>
      <div class="page-header">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {actions && <div class="page-actions">{actions}</div>}
      </div>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </div>
  );
}
