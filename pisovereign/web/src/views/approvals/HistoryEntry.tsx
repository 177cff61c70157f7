/** One decision of before. */

import { useState } from "preact/hooks";
import type { Approval } from "../../api/approvals";
import { ApprovalLines } from "../../components/ApprovalLines";
import { ApprovalOutcome } from "../../components/ApprovalOutcome";
import { Button } from "../../components/Button";
import { ListItem } from "../../components/ListItem";
import { Time } from "../../components/Time";
import { t } from "../../text/t";
import { shortLine, visible } from "../../text/visible";

export function HistoryEntry({ approval }: { approval: Approval }) {
  const [open, setOpen] = useState(false);
  const title = (open ? visible : shortLine)(approval.title) || t("approvals.unreadable");
  const detail = (
    <>
      {t(`approvals.is_${approval.status}`)} · <Time at={approval.finished_at ?? approval.created_at} />
    </>
  );
  return (
    <ListItem
      title={title} detail={detail}
      actions={
        <Button small kind="quiet" expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("approvals.close_details") : t("approvals.details")}
        </Button>
      }
    >
      {open && (
        <>
          <ApprovalLines lines={approval.lines} details={approval.details} />
          <ApprovalOutcome approval={approval} />
        </>
      )}
    </ListItem>
  );
}
