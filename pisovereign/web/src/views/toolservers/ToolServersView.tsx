/** Servers of other programs, each with its tools, and a form that adds one. */

import { listToolServers } from "../../api/toolServers";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { AddServer } from "./AddServer";
import { ServerCard } from "./ServerCard";

export default function ToolServersView() {
  const resource = useResource((signal) => listToolServers(signal));
  const reload = () => void resource.reload();
  return (
    <Page title={t("toolservers.title")} lead={t("toolservers.lead")}>
      <ResourceView resource={resource}>
        {({ servers, programs }) => (
          <>
            {servers.length === 0 && <EmptyState icon="wrench" text={t("toolservers.empty")} />}
            {servers.map((server) => <ServerCard key={server.name} server={server} onChange={reload} />)}
            <AddServer programs={programs} onAdded={reload} />
          </>
        )}
      </ResourceView>
    </Page>
  );
}
