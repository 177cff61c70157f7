/** The navigation of a phone: the main views at the bottom, the rest in a drawer. */

import { useState } from "preact/hooks";
import { Dialog } from "../components/Dialog";
import { Icon } from "../components/Icon";
import { t } from "../text/t";
import { NavigationLink } from "./NavigationLink";
import { NavigationLists, viewsOf } from "./NavigationLists";
import { ShellActions } from "./ShellActions";

const MOST = 4;

export function BottomBar() {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <nav class="bottom-bar" aria-label={t("navigation.label")}>
      {viewsOf("main").slice(0, MOST).map((view) => <NavigationLink key={view.path} view={view} />)}
      <button type="button" class="navigation-link" aria-expanded={open} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="menu" />
        <span>{t("navigation.menu")}</span>
      </button>
      {open && (
        <Dialog kind="drawer" title={t("navigation.label")} onClose={close}>
          <NavigationLists onFollow={close} />
          <ShellActions />
        </Dialog>
      )}
    </nav>
  );
}
