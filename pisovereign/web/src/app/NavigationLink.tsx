/** A link to a view; the one that is open says so. */

import { useLocation } from "preact-iso/router";
import { Icon } from "../components/Icon";
import { t } from "../text/t";
import type { View } from "../views";

export function NavigationLink({ view, onFollow }: { view: View; onFollow?: () => void }) {
  const { path } = useLocation();
  return (
    <a class="navigation-link" href={view.path} aria-current={path === view.path ? "page" : undefined} onClick={onFollow}>
      <Icon name={view.icon} />
      <span>{t(view.title)}</span>
    </a>
  );
}
