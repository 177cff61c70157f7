/** What waits for a decision first, and then what was decided. */

import { listApprovals, type Approval } from "../../api/approvals";
import { useEvents } from "../../app/events";
import { may } from "../../app/session";
import { ApprovalCard } from "../../components/ApprovalCard";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { History } from "./History";
import { Supervised } from "./Supervised";

const MOST_PENDING = 100;

export default function ApprovalsView() {
  const pending = useResource((signal) => listApprovals({ status: "pending", limit: MOST_PENDING }, signal));
  useEvents(["approval_requested"], () => void pending.reload());
  const change = (changed: Approval) =>
    pending.set((page) => page && { ...page, entries: page.entries.map((each) => (each.id === changed.id ? changed : each)) });
  const actions = <Button icon="refresh" onClick={() => void pending.reload()}>{t("common.reload")}</Button>;
  return (
    <Page title={t("approvals.title")} lead={t("approvals.lead")} actions={actions}>
      <section aria-labelledby="waiting">
        <h2 id="waiting">{t("approvals.waiting")}</h2>
        <ResourceView resource={pending}>
          {({ entries }) =>
            entries.length === 0 ? (
              <EmptyState icon="done" text={t("approvals.none")} />
            ) : (
              entries.map((approval) => <ApprovalCard key={approval.id} approval={approval} onChange={change} />)
            )
          }
        </ResourceView>
      </section>
      {may("admin") && may("approve") && <Supervised />}
      <History />
    </Page>
  );
}
