/** Settings of the program that can be changed here, one card for each group. */

import { loadSettings } from "../../api/connections";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { language } from "../../text/t";
import { SettingsCard } from "./SettingsCard";

/** These stand where what they are about is shown. */
const ELSEWHERE = new Set(["backup"]);

export function ProgramSettings() {
  const settings = useResource(loadSettings, [language.value]);
  return (
    <ResourceView resource={settings}>
      {(groups) => groups.filter(({ kind }) => !ELSEWHERE.has(kind)).map((group) => <SettingsCard key={`${group.kind} ${group.updated_at}`} form={group} onChanged={settings.reload} />)}
    </ResourceView>
  );
}
