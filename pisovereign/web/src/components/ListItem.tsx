/** One thing of a list. */

import type { ComponentChildren } from "preact";

interface Props {
  title: ComponentChildren;
  detail?: ComponentChildren;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

export function ListItem({ title, detail, lead, actions, children }: Props) {
  return (
    <li class="list-item">
      {lead && <div class="list-lead">{lead}</div>}
      <div class="list-text">
        <div class="list-title">{title}</div>
        {detail && <div class="list-detail">{detail}</div>}
        {children}
      </div>
      {actions && <div class="list-actions">{actions}</div>}
    </li>
  );
}
