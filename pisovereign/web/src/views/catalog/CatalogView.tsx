/** The commands of the device: looked for, run, and for who may, added and deleted. */

import { useEffect, useState } from "preact/hooks";
import { listCatalog, type CatalogCommand } from "../../api/catalog";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { TextField } from "../../components/TextField";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { CommandForm } from "./CommandForm";
import { CommandItem } from "./CommandItem";

const PAUSE_MS = 250;

export default function CatalogView() {
  const [typed, setTyped] = useState("");
  const [sought, setSought] = useState("");
  const [editing, setEditing] = useState<CatalogCommand | "new" | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSought(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useResource((signal) => listCatalog(sought, signal), [sought]);
  const reload = () => void found.reload();
  const actions = <Button kind="primary" icon="plus" onClick={() => setEditing("new")}>{t("common.add")}</Button>;
  return (
    <Page title={t("catalog.title")} lead={t("catalog.lead")} actions={actions}>
      <div role="search"><TextField label={t("catalog.search")} type="search" value={typed} onInput={setTyped} maxLength={200} /></div>
      <ResourceView resource={found}>
        {({ entries, total }) => (
          <>
            <p class="hint" role="status">{t("catalog.count", { count: total })}</p>
            {entries.length === 0 ? (
              <EmptyState icon="terminal" text={t("catalog.none")} />
            ) : (
              <ul class="list" aria-label={t("catalog.title")}>
                {entries.map((command) => (
                  <CommandItem key={command.id} command={command} onEdit={() => setEditing(command)} onChanged={reload} />
                ))}
              </ul>
            )}
          </>
        )}
      </ResourceView>
      {editing && <CommandForm command={editing === "new" ? null : editing} onDone={reload} onClose={() => setEditing(null)} />}
    </Page>
  );
}
