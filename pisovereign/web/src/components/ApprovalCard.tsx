/**
 * Something that waits for a decision, or was decided: exactly what is done, and the buttons that decide.
 *
 * Used by the view of approvals and inside of chat.
 */

import { useEffect, useState } from "preact/hooks";
import { approve, getApproval, withdraw, type Approval } from "../api/approvals";
import { ApiError } from "../api/client";
import { may } from "../app/session";
import { t } from "../text/t";
import { shortLine } from "../text/visible";
import { ApprovalLines } from "./ApprovalLines";
import { ApprovalOutcome } from "./ApprovalOutcome";
import { Button } from "./Button";
import { DenyDialog } from "./DenyDialog";
import { ErrorLine } from "./ErrorLine";
import { Time } from "./Time";

interface Props {
  approval: Approval;
  /** Called with what it has become. */
  onChange: (approval: Approval) => void;
  level?: 2 | 3 | 4;
}

type Work = "approve" | "withdraw" | null;

export function ApprovalCard({ approval, onChange, level = 3 }: Props) {
  const [work, setWork] = useState<Work>(null);
  const [denying, setDenying] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const expired = useExpired(approval);
  const Heading = `h${level}` as "h3";
  const decide = async (kind: Exclude<Work, null>, act: (id: string) => Promise<Approval>) => {
    setWork(kind);
    setError(null);
    try {
      onChange(await act(approval.id));
    } catch (problem) {
      setError(problem);
      // Somebody else was faster, or it is too old: show what it has become.
      if (problem instanceof ApiError && problem.status === 409) onChange(await getApproval(approval.id));
    } finally {
      setWork(null);
    }
  };
  const waits = approval.status === "pending" && !expired;
  return (
    <article class={`card approval ${waits ? "accent" : ""}`} aria-busy={work !== null}>
      <Heading class="card-title approval-title">{shortLine(approval.title) || t("approvals.unreadable")}</Heading>
      {approval.error && <ErrorLine error={approval.error} />}
      <p class="hint">
        {t("approvals.asked_by", { name: approval.requested_by })} · <Time at={approval.created_at} />
        {waits && <> · {t("approvals.expires")} <Time at={approval.expires_at} show="distance" /></>}
      </p>
      {!approval.error && <ApprovalLines lines={approval.lines} details={approval.details} />}
      {waits ? (
        <div class="actions">
          {may("approve") ? (
            <>
              <Button
                kind="primary" icon="check" busy={work === "approve"} disabled={work !== null || Boolean(approval.error)}
                onClick={() => void decide("approve", approve)}
              >
                {t("approvals.approve")}
              </Button>
              <Button kind="danger" disabled={work !== null} onClick={() => setDenying(true)}>{t("approvals.deny")}</Button>
            </>
          ) : (
            <>
              <p class="hint">{t("approvals.others_decide")}</p>
              <Button busy={work === "withdraw"} disabled={work !== null} onClick={() => void decide("withdraw", withdraw)}>
                {t("approvals.withdraw")}
              </Button>
            </>
          )}
        </div>
      ) : (
        <ApprovalOutcome approval={expired ? { ...approval, status: "expired" } : approval} />
      )}
      {work === "approve" && <p class="hint" role="status">{t("approvals.working")}</p>}
      <ErrorLine error={error} />
      {denying && <DenyDialog approval={approval} onDecided={onChange} onClose={() => setDenying(false)} />}
    </article>
  );
}

// A button that can do nothing any more must not stay until somebody loads the page again.
function useExpired(approval: Approval): boolean {
  const left = new Date(approval.expires_at).getTime() - Date.now();
  const [expired, setExpired] = useState(left <= 0);
  useEffect(() => {
    setExpired(left <= 0);
    if (left <= 0 || left > 2_000_000_000) return undefined;
    const timer = setTimeout(() => setExpired(true), left);
    return () => clearTimeout(timer);
  }, [approval.id, approval.expires_at]);
  return approval.status === "pending" && expired;
}
