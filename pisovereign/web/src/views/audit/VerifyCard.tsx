/** Computes the chain of the log again, and says whether anything was changed or is missing. */

import { useState } from "preact/hooks";
import { verifyAudit, type Verification } from "../../api/audit";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { CopyButton } from "../../components/CopyButton";
import { ErrorLine } from "../../components/ErrorLine";
import { Icon } from "../../components/Icon";
import { TextField } from "../../components/TextField";
import { day } from "../../text/format";
import { t } from "../../text/t";

export function VerifyCard() {
  const [head, setHead] = useState("");
  const [busy, setBusy] = useState(false);
  const [report, setReport] = useState<Verification | null>(null);
  const [error, setError] = useState<unknown>(null);
  const verify = async () => {
    setBusy(true);
    setError(null);
    try {
      setReport(await verifyAudit(head.trim()));
    } catch (problem) {
      setReport(null);
      setError(problem);
    }
    setBusy(false);
  };
  const actions = <Button icon="shield" busy={busy} onClick={() => void verify()}>{t("audit.verify")}</Button>;
  return (
    <Card title={t("audit.verify_title")} tone={report && !report.intact ? "warning" : "plain"} actions={actions}>
      <p>{t("audit.verify_hint")}</p>
      <details>
        <summary>{t("audit.noted")}</summary>
        <TextField label={t("audit.head")} hint={t("audit.head_hint")} value={head} onInput={setHead} maxLength={100} />
      </details>
      <div role="status">
        {report && (
          <>
            <p class="outcome-line">
              <Icon name={report.intact ? "done" : "warning"} />
              <span>{report.intact ? t("audit.intact", { count: report.entries }) : t("audit.not_intact", { problem: report.problem ?? "" })}</span>
            </p>
            {report.pruned && <p>{t("audit.pruned", { count: report.pruned.entries, day: day(report.pruned.last_at) })}</p>}
            {report.noted === "pruned" && <p>{t("audit.noted_pruned")}</p>}
            <p class="hint visible-text code">{report.head} <CopyButton text={report.head} /></p>
          </>
        )}
      </div>
      <ErrorLine error={error} />
    </Card>
  );
}
