/** The tools of a server, which are ticked one by one and saved together, exactly as they were seen. */

import { useState } from "preact/hooks";
import { allowTools, listServerTools, type AllowedTool, type ServerTool, type ToolServer } from "../../api/toolServers";
import { Button } from "../../components/Button";
import { ResourceView } from "../../components/ResourceView";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { ToolChoice } from "./ToolChoice";

export function ServerTools({ server, onChange }: { server: ToolServer; onChange: () => void }) {
  const tools = useResource((signal) => listServerTools(server.name, signal), [server.name]);
  return (
    <ResourceView resource={tools}>
      {(all) =>
        all.length === 0 ? <p>{t("toolservers.no_tools")}</p> : (
          <ToolForm
            key={all.map((tool) => tool.fingerprint + tool.status).join()} server={server} tools={all}
            onSaved={(saved) => {
              tools.set(() => saved);
              onChange();
            }}
          />
        )
      }
    </ResourceView>
  );
}

interface Props {
  server: ToolServer;
  tools: ServerTool[];
  onSaved: (tools: ServerTool[]) => void;
}

function ToolForm({ server, tools, onSaved }: Props) {
  const [chosen, setChosen] = useState<Map<string, AllowedTool>>(() => new Map(tools
    .filter((tool) => tool.status === "allowed")
    .map(({ name, fingerprint, direct }) => [name, { name, fingerprint, direct }])));
  const action = useAction();
  const change = (tool: ServerTool, allowed: boolean, direct: boolean) =>
    setChosen((before) => {
      const after = new Map(before);
      if (allowed) after.set(tool.name, { name: tool.name, fingerprint: tool.fingerprint, direct });
      else after.delete(tool.name);
      return after;
    });
  const save = async () => {
    const saved = await allowTools(server.name, [...chosen.values()]);
    toast(t("toolservers.saved"));
    onSaved(saved);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        action.run(save);
      }}
    >
      <p class="hint">{t("toolservers.their_words")}</p>
      {tools.map((tool) => (
        <ToolChoice key={tool.name} tool={tool} chosen={chosen.get(tool.name)} onChange={(allowed, direct) => change(tool, allowed, direct)} />
      ))}
      <Button kind="primary" type="submit" busy={action.busy}>{t("toolservers.save")}</Button>
    </form>
  );
}
