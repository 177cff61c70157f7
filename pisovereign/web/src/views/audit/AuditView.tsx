/** Who did what and when, and whether the log is as it was written. */

import { useState } from "preact/hooks";
import { EVENTS, listAudit } from "../../api/audit";
import { download } from "../../api/client";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { SelectField } from "../../components/SelectField";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { AuditItem } from "./AuditItem";
import { VerifyCard } from "./VerifyCard";

const STEP = 50;

export default function AuditView() {
  const [event, setEvent] = useState("");
  const [actor, setActor] = useState("");
  const [day, setDay] = useState("");
  const [limit, setLimit] = useState(STEP);
  const entries = useResource(
    (signal) => listAudit({ event, actor: actor.trim(), ...dayOf(day), limit }, signal), [event, actor.trim(), day, limit],
  );
  const exportAll = () => void download("/v1/audit/export", "audit.ndjson").catch((error: Error) => toast(error.message, { tone: "error" }));
  const actions = <Button icon="download" onClick={exportAll}>{t("audit.export")}</Button>;
  return (
    <Page title={t("audit.title")} lead={t("audit.lead")} actions={actions}>
      <VerifyCard />
      <div class="filters" role="search">
        <SelectField
          label={t("audit.event")} value={event} onChange={setEvent}
          choices={[{ value: "", label: t("audit.all_events") }, ...EVENTS.map((value) => ({ value: value as string, label: t(`audit.event_${value}`) }))]}
        />
        <TextField label={t("audit.actor")} value={actor} onInput={setActor} maxLength={200} />
        <TextField label={t("audit.day")} type="date" value={day} onInput={setDay} />
      </div>
      <ResourceView resource={entries}>
        {({ entries: found, total }) => (
          <>
            <p class="hint" role="status">{t("audit.count", { count: total })}</p>
            {found.length === 0 ? (
              <EmptyState icon="history" text={t(event || actor || day ? "audit.none_found" : "audit.none")} />
            ) : (
              <ul class="list" aria-label={t("audit.title")}>{found.map((entry) => <AuditItem key={entry.seq} entry={entry} />)}</ul>
            )}
            {found.length < total && limit < 500 && (
              <Button busy={entries.loading} onClick={() => setLimit(Math.min(limit + STEP * 2, 500))}>{t("common.more")}</Button>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}

// A day as this browser has it.
function dayOf(day: string): { since?: string; until?: string } {
  const start = new Date(`${day}T00:00:00`);
  if (!day || Number.isNaN(start.getTime())) return {};
  const end = new Date(start);
  end.setDate(end.getDate() + 1);
  return { since: start.toISOString(), until: end.toISOString() };
}
