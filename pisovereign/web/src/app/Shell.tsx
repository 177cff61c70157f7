/** What is around every view: navigation at the side or, on a phone, at the bottom; and whether the program is there. */

import { online } from "../api/client";
import { NoticeArea } from "../notices/NoticeArea";
import { t } from "../text/t";
import { BottomBar } from "./BottomBar";
import { SideBar } from "./SideBar";
import { ViewOutlet } from "./ViewOutlet";

export function Shell() {
  return (
    <div class="shell">
      <a class="skip-link" href="#main">{t("navigation.skip")}</a>
      <SideBar />
      <div class="shell-main">
        <p class="offline-line" role="status">{online.value ? "" : t("common.offline_line")}</p>
        <NoticeArea />
        <main id="main" tabIndex={-1}>
          <ViewOutlet />
        </main>
      </div>
      <BottomBar />
    </div>
  );
}
