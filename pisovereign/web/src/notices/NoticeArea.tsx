/** What waits for the person, above every view; new ones are read aloud. */

import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { t } from "../text/t";
import { ApprovalDialog } from "./ApprovalDialog";
import { ApprovalNotice } from "./ApprovalNotice";
import { dueReminders, openedApproval, pendingApprovals, startNotices } from "./notices";
import { ReminderNotice } from "./ReminderNotice";
import { canRing, chime } from "./ring";

const SHOWN = 3;

export function NoticeArea() {
  useEffect(startNotices, []);
  const due = [...dueReminders.value].reverse();
  const pending = [...pendingApprovals.value].reverse();
  const more = Math.max(0, due.length - SHOWN) + Math.max(0, pending.length - SHOWN);
  const mute = !canRing.value && due.some((each) => each.sound);
  return (
    <section class="notices" aria-label={t("notices.label")}>
      <ul aria-live="polite">
        {due.slice(0, SHOWN).map((each) => <ReminderNotice key={each.id} reminder={each} />)}
        {pending.slice(0, SHOWN).map((each) => <ApprovalNotice key={each.id} approval={each} />)}
      </ul>
      {mute && <Button small icon="bell" onClick={() => void chime()}>{t("notices.sound_on")}</Button>}
      {openedApproval.value && (
        <ApprovalDialog
          key={openedApproval.value} id={openedApproval.value}
          onClose={() => {
            openedApproval.value = null;
          }}
        />
      )}
      {more > 0 && <p><a href="/today">{t("notices.more", { count: more })}</a></p>}
    </section>
  );
}
