/** One server: where it is, whether it works, and its tools once they are opened. */

import { useState } from "preact/hooks";
import { removeToolServer, testToolServer, type ToolServer } from "../../api/toolServers";
import { Badge } from "../../components/Badge";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { ServerTools } from "./ServerTools";

const TONES = { works: "good", fails: "error", unreadable: "error", unknown: "plain" } as const;

export function ServerCard({ server, onChange }: { server: ToolServer; onChange: () => void }) {
  const [open, setOpen] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [looked, setLooked] = useState(0);
  const action = useAction();
  const test = async () => {
    const result = await testToolServer(server.name);
    if (result.status === "works") toast(t("toolservers.test_works"));
    setLooked((before) => before + 1);
    onChange();
  };
  const place = server.kind === "http" ? server.url : server.command.join(" ");
  const actions = (
    <>
      <Button expanded={open} onClick={() => setOpen(!open)}>{t(open ? "toolservers.hide_tools" : "toolservers.show_tools")}</Button>
      <Button icon="refresh" busy={action.busy} onClick={() => action.run(test)}>{t("toolservers.test")}</Button>
      {server.source === "saved" && server.editable && (
        <Button kind="danger" icon="trash" onClick={() => setRemoving(true)}>{t("toolservers.remove")}</Button>
      )}
    </>
  );
  return (
    <Card title={server.name} actions={actions} tone={server.changed ? "warning" : "plain"}>
      <p class="hint" translate={false}>{visible(place)}</p>
      <p>
        <Badge tone={TONES[server.state.status]}>{t(`toolservers.state_${server.state.status}`)}</Badge>{" "}
        {t("toolservers.count", { allowed: String(server.allowed), tools: String(server.tools) })}
        {server.source === "configuration" && <> {t("toolservers.configured")}</>}
      </p>
      {server.state.error && <p>{visible(server.state.error)}</p>}
      {server.changed > 0 && <p><strong>{t("toolservers.changed_lead")}</strong></p>}
      {open && <ServerTools key={looked} server={server} onChange={onChange} />}
      {removing && (
        <ConfirmDialog
          title={t("toolservers.remove_title", { name: server.name })} action={t("toolservers.remove")} danger
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await removeToolServer(server.name);
            onChange();
          }}
        >
          <p>{t("toolservers.remove_text")}</p>
        </ConfirmDialog>
      )}
    </Card>
  );
}
