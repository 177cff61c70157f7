/** What was decided, the newest first; each opens to show all of it. */

import { useState } from "preact/hooks";
import { listApprovals, type Approval } from "../../api/approvals";
import { Button } from "../../components/Button";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { HistoryEntry } from "./HistoryEntry";

const STEP = 20;

export function History() {
  const [limit, setLimit] = useState(STEP);
  const decided = useResource((signal) => listApprovals({ status: "decided", limit }, signal), [limit]);
  return (
    <section aria-labelledby="decided">
      <h2 id="decided">{t("approvals.history")}</h2>
      <ResourceView resource={decided}>
        {({ entries, total }) => (
          <>
            {entries.length === 0 && <p class="hint">{t("approvals.no_history")}</p>}
            <ul class="list">
              {entries.map((approval: Approval) => <HistoryEntry key={approval.id} approval={approval} />)}
            </ul>
            {entries.length < total && limit < 500 && (
              <Button busy={decided.loading} onClick={() => setLimit(Math.min(limit + STEP, 500))}>{t("common.more")}</Button>
            )}
          </>
        )}
      </ResourceView>
    </section>
  );
}
