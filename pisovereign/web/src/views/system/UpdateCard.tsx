/** Updates of a flashed card: what runs, what is new, and starting it. Elsewhere there is no such card. */

import { useState } from "preact/hooks";
import { OfflineError } from "../../api/errors";
import { checkForUpdates, loadUpdates, tryUpdate, type Updates } from "../../api/updates";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { ErrorLine } from "../../components/ErrorLine";
import { List } from "../../components/List";
import { Loading } from "../../components/Loading";
import { ProgressBar } from "../../components/ProgressBar";
import { Time } from "../../components/Time";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { AutomaticUpdates } from "./AutomaticUpdates";
import { UpdateItem } from "./UpdateItem";

const POLL_MS = 2_000;

export function UpdateCard() {
  const resource = useResource(loadUpdates);
  const { data, error } = resource;
  const [asked, setAsked] = useState(false);
  const [trying, setTrying] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const working = data?.work?.status === "fetching" || data?.work?.status === "installing";
  // Until something has come of it; meanwhile nobody answers, or only that an update is tried.
  const ended = data?.last?.stage === "kept" || data?.last?.stage === "rolled_back";
  const waiting = trying && !ended;
  usePolling(resource.reload, working || waiting, POLL_MS);
  if (!data?.possible || !data.running) return null;
  const check = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await checkForUpdates();
    } catch (problem) {
      setFailure(problem);
    }
    setBusy(false);
    void resource.reload();
  };
  const begin = async () => {
    await tryUpdate();
    setTrying(true);
  };
  return (
    <Card title={t("system.updates")}>
      <p>{t("system.update_runs", { version: data.running.version })} <Time at={data.running.built_at} /></p>
      {waiting || (error instanceof OfflineError && trying) ? (
        <Loading text={t("system.update_trying")} />
      ) : (
        <>
          <LastLine updates={data} />
          {working ? (
            <WorkBar updates={data} />
          ) : data.offered.length > 0 ? (
            <List label={t("system.updates")}>
              {data.offered.map((update) => (
                <UpdateItem key={`${update.source} ${update.file}`} update={update} onChange={() => void resource.reload()} />
              ))}
            </List>
          ) : (
            <p>{t("system.update_none")}</p>
          )}
          {data.work?.status === "failed" && <ErrorLine error={t("system.update_failed", { error: data.work.error ?? "" })} />}
          {data.check_failed && <ErrorLine error={t("system.update_not_asked", { error: data.check_failed })} />}
          <ErrorLine error={failure} />
          <div class="actions">
            <Button icon="refresh" busy={busy} disabled={working} onClick={() => void check()}>{t("system.update_check")}</Button>
            {data.last?.stage === "written" && !working && (
              <Button kind="primary" onClick={() => setAsked(true)}>{t("system.update_try")}</Button>
            )}
          </div>
          <AutomaticUpdates updates={data} onChange={() => void resource.reload()} />
        </>
      )}
      {asked && (
        <ConfirmDialog title={t("system.update_try")} action={t("system.restart_now")} onConfirm={begin} onClose={() => setAsked(false)}>
          <p>{t("system.update_try_text")}</p>
        </ConfirmDialog>
      )}
    </Card>
  );
}

function LastLine({ updates }: { updates: Updates }) {
  const { last } = updates;
  if (!last || last.stage === "writing" || last.stage === "trying") return null;
  const text = t(`system.update_${last.stage}`, { version: last.version, before: last.before, error: last.error ?? "" });
  return last.stage === "rolled_back" || last.stage === "failed" ? <ErrorLine error={text} /> : <p role="status">{text}</p>;
}

function WorkBar({ updates }: { updates: Updates }) {
  const { work, progress } = updates;
  if (work?.status === "fetching") {
    return <ProgressBar label={t("system.update_fetching")} done={work.done ?? 0} total={work.total ?? 0} />;
  }
  const step = progress?.step === "writing" ? "writing" : "verifying";
  return <ProgressBar label={t(`system.update_${step}`)} done={progress?.done ?? 0} total={progress?.total ?? 0} />;
}
