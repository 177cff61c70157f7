/** Which model answers, which there are, and adding others. */

import { loadModels, type ModelsState } from "../../api/models";
import { List } from "../../components/List";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { ActiveModelCard } from "./ActiveModelCard";
import { AddModel } from "./AddModel";
import { ModelItem } from "./ModelItem";
import { OfferCard } from "./OfferCard";
import { WorkCard } from "./WorkCard";

const POLL_MS = 1_500;
const SLOW_POLL_MS = 20_000;

export default function ModelsView() {
  const resource = useResource(loadModels);
  const moves = resource.data !== undefined && goesOn(resource.data);
  usePolling(resource.reload, true, moves ? POLL_MS : SLOW_POLL_MS);
  const reload = () => void resource.reload();
  return (
    <Page title={t("models.title")} lead={t("models.lead")}>
      <ResourceView resource={resource}>
        {({ catalog, work, engine }) => {
          const busy = work?.status === "running";
          const shown = catalog.models.filter(({ kind, state }) => kind === "chat" || state !== "absent");
          return (
            <>
              {engine ? <ActiveModelCard engine={engine} models={catalog.models} onChange={reload} /> : <p>{t("models.elsewhere")}</p>}
              {engine && <OfferCard engine={engine} models={catalog.models} onChange={reload} />}
              {work && <WorkCard work={work} models={catalog.models} onChange={reload} />}
              <h2>{t("models.all")}</h2>
              <List label={t("models.all")}>
                {shown.map((model) => (
                  <ModelItem
                    key={model.id} model={model} catalog={catalog} active={engine?.model === model.id} busy={busy}
                    fixed={engine === null} onChange={reload}
                  />
                ))}
              </List>
              <AddModel busy={busy} onChange={reload} />
            </>
          );
        }}
      </ResourceView>
    </Page>
  );
}

// Whether something changes by itself just now.
function goesOn({ work, engine }: ModelsState): boolean {
  const exchange = engine?.switch?.stage;
  const fetched = engine?.fetch?.stage;
  return work?.status === "running" || exchange === "loading" || exchange === "waiting" || fetched === "fetching" ||
    fetched === "proving";
}
