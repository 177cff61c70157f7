/** The navigation of a wide page. */

import { t } from "../text/t";
import { NavigationLists } from "./NavigationLists";
import { ShellActions } from "./ShellActions";

export function SideBar() {
  return (
    <header class="side-bar">
      <p class="brand">PiSovereign</p>
      <nav aria-label={t("navigation.label")}><NavigationLists /></nav>
      <ShellActions />
    </header>
  );
}
