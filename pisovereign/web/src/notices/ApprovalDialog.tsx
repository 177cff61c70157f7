/** All that an approval would do, to be decided. */

import { request } from "../api/client";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { ResourceView } from "../components/ResourceView";
import { toast } from "../components/toasts";
import { useAction } from "../components/useAction";
import { useResource } from "../components/useResource";
import { t } from "../text/t";
import { visible } from "../text/visible";
import { Details } from "./Details";
import { dropApproval, getApproval } from "./notices";

export function ApprovalDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const approval = useResource(() => getApproval(id), [id]);
  const action = useAction();
  const decide = async (how: "approve" | "deny") => {
    const decided = await request<{ status: string; error?: string | null }>("POST", `/v1/approvals/${id}/${how}`);
    dropApproval(id);
    toast(decided.error ?? t(`notices.${decided.status === "executed" ? "executed" : decided.status === "denied" ? "denied" : "decided"}`));
    onClose();
  };
  const actions = (
    <>
      <Button kind="danger" busy={action.busy} onClick={() => action.run(() => decide("deny"))}>{t("notices.deny")}</Button>
      <Button
        kind="primary" busy={action.busy} disabled={approval.data === undefined}
        onClick={() => action.run(() => decide("approve"))}
      >
        {t("notices.approve")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("notices.approval")} onClose={onClose} actions={actions}>
      <ResourceView resource={approval}>
        {(data) => (
          <>
            <p><strong>{visible(String(data.title))}</strong></p>
            <Details value={data.details ?? null} />
          </>
        )}
      </ResourceView>
    </Dialog>
  );
}
