/** Starting the program or the device again, and waiting until it answers. */

import { useState } from "preact/hooks";
import { request } from "../../api/client";
import { restart, type RestartTarget } from "../../api/system";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Loading } from "../../components/Loading";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";

const PAUSE_MS = 1_000;
const LONGEST_MS = 180_000;

export function RestartCard({ targets, onBack }: { targets: readonly RestartTarget[]; onBack: () => void }) {
  const [asked, setAsked] = useState<RestartTarget | null>(null);
  const [waiting, setWaiting] = useState(false);
  if (targets.length === 0) return null;
  const begin = async () => {
    if (asked === null) return;
    await restart(asked);
    setWaiting(true);
    void untilBack().then((back) => {
      setWaiting(false);
      toast(t(back ? "system.back" : "system.not_back"), { tone: back ? "plain" : "error" });
      onBack();
    });
  };
  return (
    <Card title={t("system.restart")}>
      {waiting ? (
        <Loading text={t("system.restarting")} />
      ) : (
        <div class="actions">
          {targets.map((target) => (
            <Button key={target} icon="refresh" onClick={() => setAsked(target)}>{t(`system.restart_${target}`)}</Button>
          ))}
        </div>
      )}
      {asked && (
        <ConfirmDialog title={t(`system.restart_${asked}`)} action={t("system.restart_now")} onConfirm={begin} onClose={() => setAsked(null)}>
          <p>{t(`system.restart_${asked}_text`)}</p>
        </ConfirmDialog>
      )}
    </Card>
  );
}

// It was away and answers again; returns false if that takes too long.
async function untilBack(): Promise<boolean> {
  const last = Date.now() + LONGEST_MS;
  let wasAway = false;
  while (Date.now() < last) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    try {
      await request("GET", "/ready");
      if (wasAway) return true;
    } catch {
      wasAway = true;
    }
  }
  return false;
}
