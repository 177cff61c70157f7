/** What people asked for who may not decide: an owner does. */

import { useState } from "preact/hooks";
import { decideFor, listSupervised, type Approval, type SupervisedApproval } from "../../api/approvals";
import { useEvents } from "../../app/events";
import { ApprovalLines } from "../../components/ApprovalLines";
import { ApprovalOutcome } from "../../components/ApprovalOutcome";
import { Button } from "../../components/Button";
import { ErrorLine } from "../../components/ErrorLine";
import { Time } from "../../components/Time";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { shortLine } from "../../text/visible";

export function Supervised() {
  const waiting = useResource(listSupervised);
  useEvents(["supervised_approval_requested"], () => void waiting.reload());
  if (!waiting.data?.length) return <ErrorLine error={waiting.error} />;
  return (
    <section aria-labelledby="supervised">
      <h2 id="supervised">{t("approvals.supervised")}</h2>
      {waiting.data.map((each) => <Card key={each.approval.id} waiting={each} />)}
    </section>
  );
}

function Card({ waiting }: { waiting: SupervisedApproval }) {
  const [approval, setApproval] = useState<Approval>(waiting.approval);
  const [busy, setBusy] = useState<"approve" | "deny" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const decide = async (decision: "approve" | "deny") => {
    setBusy(decision);
    setError(null);
    try {
      setApproval(await decideFor(waiting, decision));
    } catch (problem) {
      setError(problem);
    }
    setBusy(null);
  };
  return (
    <article class="card approval" aria-busy={busy !== null}>
      <h3 class="card-title approval-title">{shortLine(approval.title) || t("approvals.unreadable")}</h3>
      <p class="hint">{t("approvals.asked_by", { name: shortLine(waiting.person) })} · <Time at={approval.created_at} /></p>
      {approval.error ? <ErrorLine error={approval.error} /> : <ApprovalLines lines={approval.lines} details={approval.details} />}
      {approval.status === "pending" ? (
        <div class="actions">
          <Button
            kind="primary" icon="check" busy={busy === "approve"} disabled={busy !== null || Boolean(approval.error)}
            onClick={() => void decide("approve")}
          >
            {t("approvals.approve")}
          </Button>
          <Button kind="danger" busy={busy === "deny"} disabled={busy !== null} onClick={() => void decide("deny")}>
            {t("approvals.deny")}
          </Button>
        </div>
      ) : (
        <ApprovalOutcome approval={approval} />
      )}
      <ErrorLine error={error} />
    </article>
  );
}
