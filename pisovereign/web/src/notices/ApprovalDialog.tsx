/** All that an approval would do, to be decided. */

import { getApproval } from "../api/approvals";
import { ApprovalCard } from "../components/ApprovalCard";
import { Dialog } from "../components/Dialog";
import { ResourceView } from "../components/ResourceView";
import { useResource } from "../components/useResource";
import { t } from "../text/t";
import { approvalChanges, dropApproval } from "./notices";

export function ApprovalDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const approval = useResource((signal) => getApproval(id, signal), [id]);
  return (
    <Dialog title={t("notices.approval")} onClose={onClose}>
      <ResourceView resource={approval}>
        {(data) => (
          <ApprovalCard
            approval={data}
            onChange={(changed) => {
              if (changed.status !== "pending") {
                dropApproval(id);
                approvalChanges.value += 1;
              }
              approval.set(() => changed);
            }}
          />
        )}
      </ResourceView>
    </Dialog>
  );
}
