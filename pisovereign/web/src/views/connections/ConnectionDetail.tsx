/** One connection with its form, its test, and what has to be done elsewhere. */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { loadForm, removeConnection, type Form } from "../../api/connections";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { toast } from "../../components/toasts";
import { useResource } from "../../components/useResource";
import { language, t } from "../../text/t";
import { ConnectionForm } from "./ConnectionForm";
import { StateLine } from "./StateLine";

export function ConnectionDetail({ kind }: { kind: string }) {
  const { route } = useLocation();
  const form = useResource((signal) => loadForm(kind, signal), [kind, language.value]);
  const [asking, setAsking] = useState(false);
  const title = form.data?.title ?? t("connections.title");
  const remove = async () => {
    await removeConnection(kind);
    toast(t("connections.removed"));
    route("/connections");
  };
  return (
    <Page title={title} lead={form.data?.description} actions={<a href="/connections">{t("connections.all")}</a>}>
      <ResourceView resource={form}>
        {(data: Form) => (
          <>
            {data.source !== "none" && <StateLine state={data.state} />}
            {data.reason && <p class="connection-reason">{data.reason}</p>}
            <ConnectionForm key={data.updated_at} form={data} onSaved={(saved) => form.set(() => saved)} />
            {data.source === "saved" && data.editable && (
              <Button kind="danger" icon="trash" onClick={() => setAsking(true)}>{t("connections.remove")}</Button>
            )}
          </>
        )}
      </ResourceView>
      {asking && (
        <ConfirmDialog
          title={t("connections.remove_title", { name: title })} action={t("connections.remove")} danger
          onConfirm={remove} onClose={() => setAsking(false)}
        >
          <p>{t("connections.remove_text")}</p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
