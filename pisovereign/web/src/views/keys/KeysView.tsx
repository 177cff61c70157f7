/** Keys of programs that act as the person who is signed in. */

import { useState } from "preact/hooks";
import { listKeys, type CreatedApiKey } from "../../api/accounts";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { CopyButton } from "../../components/CopyButton";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { KeyForm } from "./KeyForm";
import { KeyItem } from "./KeyItem";

export default function KeysView() {
  const keys = useResource((signal) => listKeys(signal));
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const show = (created: CreatedApiKey) => {
    setMade(created);
    void keys.reload();
  };
  return (
    <Page title={t("keys.title")} lead={t("keys.lead")}>
      <KeyForm onMade={show} />
      <ResourceView resource={keys}>
        {(all) => all.length === 0 ? <EmptyState icon="key" text={t("keys.empty")} /> : (
          <List label={t("keys.title")}>
            {all.map((each) => <KeyItem key={each.id ?? each.name} of={each} onChange={keys.reload} />)}
          </List>
        )}
      </ResourceView>
      {made && (
        <Dialog title={t("keys.made")} onClose={() => setMade(null)}>
          <p>{t("keys.once")}</p>
          <p class="code-link"><code translate={false}>{made.key}</code> <CopyButton text={made.key} /></p>
        </Dialog>
      )}
    </Page>
  );
}
