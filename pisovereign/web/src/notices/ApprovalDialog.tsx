/** All that an approval would do, to be decided. */

import { useRef } from "preact/hooks";
import { getApproval } from "../api/approvals";
import { ApprovalCard } from "../components/ApprovalCard";
import { Dialog } from "../components/Dialog";
import { ResourceView } from "../components/ResourceView";
import { useResource } from "../components/useResource";
import { t } from "../text/t";
import { dropApproval } from "./notices";

export function ApprovalDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const approval = useResource((signal) => getApproval(id, signal), [id]);
  const decided = useRef(false);
  // Only now: what came of it is shown here first.
  const close = () => {
    if (decided.current) dropApproval(id);
    onClose();
  };
  return (
    <Dialog title={t("notices.approval")} onClose={close}>
      <ResourceView resource={approval}>
        {(data) => (
          <ApprovalCard
            approval={data}
            onChange={(changed) => {
              decided.current = changed.status !== "pending";
              approval.set(() => changed);
            }}
          />
        )}
      </ResourceView>
    </Dialog>
  );
}
