/** What a view says where nothing is yet: what will be here, and how to begin. */

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

export function EmptyState({ icon, text, children }: { icon: IconName; text: string; children?: ComponentChildren }) {
  return (
    <div class="empty-state">
      <Icon name={icon} size={40} />
      <p>{text}</p>
      {children}
    </div>
  );
}
