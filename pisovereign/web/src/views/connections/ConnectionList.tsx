/** The cards of all connections. */

import { loadConnections } from "../../api/connections";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { language, t } from "../../text/t";
import { ConnectionCard } from "./ConnectionCard";

export function ConnectionList() {
  const connections = useResource(loadConnections, [language.value]);
  return (
    <Page title={t("connections.title")} lead={t("connections.lead")}>
      <ResourceView resource={connections}>
        {(found) => (
          <div class="connection-cards">
            {found.map((connection) => <ConnectionCard key={connection.kind} connection={connection} />)}
          </div>
        )}
      </ResourceView>
    </Page>
  );
}
