/** The device: whether all works, how warm, full and fast it is, how busy it was, and its log. */

import { loadOverview } from "../../api/system";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { BoardCard } from "./BoardCard";
import { HealthCard } from "./HealthCard";
import { HistoryCard } from "./HistoryCard";
import { LogCard } from "./LogCard";
import { PartsCard } from "./PartsCard";
import { RestartCard } from "./RestartCard";
import { UpdateCard } from "./UpdateCard";

const POLL_MS = 10_000;

export default function SystemView() {
  const resource = useResource(loadOverview);
  usePolling(resource.reload, true, POLL_MS);
  return (
    <Page title={t("system.title")} wide>
      <ResourceView resource={resource}>
        {(overview) => (
          <>
            <div class="columns">
              <HealthCard services={overview.services} />
              <BoardCard overview={overview} />
              <PartsCard overview={overview} />
            </div>
            <HistoryCard />
            <LogCard />
            <UpdateCard />
            <RestartCard targets={overview.restartable} onBack={() => void resource.reload()} />
          </>
        )}
      </ResourceView>
    </Page>
  );
}
