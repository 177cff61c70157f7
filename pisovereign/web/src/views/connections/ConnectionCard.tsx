/** One connection: what it is, how it is getting on, and the way to its form. */

import type { Connection } from "../../api/connections";
import { Card } from "../../components/Card";
import { t } from "../../text/t";
import { StateLine } from "./StateLine";

export function ConnectionCard({ connection }: { connection: Connection }) {
  const { kind, title, description, source, state, editable, personal } = connection;
  const action = source === "none" ? t("connections.set_up") : t(editable ? "connections.change" : "connections.look");
  // Who may not change it may not see its settings either, unless the configuration says what they are.
  const open = editable || source === "configuration";
  const link = (
    <a class="button" href={`/connections?kind=${kind}`} aria-label={`${title}: ${action}`}>{action}</a>
  );
  return (
    <Card title={title} tone={state.status === "fails" ? "warning" : "plain"} actions={open && link}>
      <p>{description}</p>
      <StateLine state={state} />
      <p class="hint">
        {t(personal ? "connections.personal" : "connections.household")}
        {source === "configuration" && ` ${t("connections.configured")}`}
      </p>
    </Card>
  );
}
