/** One tool: what its server says of it, what has changed of it, and whether it is allowed. */

import type { AllowedTool, ServerTool } from "../../api/toolServers";
import { CheckField } from "../../components/CheckField";
import { VisibleText } from "../../components/VisibleText";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Props {
  tool: ServerTool;
  chosen: AllowedTool | undefined;
  onChange: (allowed: boolean, direct: boolean) => void;
}

const written = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 1));

export function ToolChoice({ tool, chosen, onChange }: Props) {
  const usable = tool.status !== "gone" && tool.status !== "unusable";
  const direct = chosen?.direct ?? false;
  return (
    <section class="card">
      <h3 class="card-title" translate={false}>{visible(tool.name)}</h3>
      {tool.status === "gone" ? <p>{t("toolservers.gone")}</p> : <VisibleText text={tool.description || "–"} />}
      {tool.status === "unusable" && <p>{t("toolservers.unusable")} {visible(tool.reason)}</p>}
      {tool.status === "changed" && tool.changes.map((change) => (
        <div key={change.part}>
          <p><strong>{t(`toolservers.part_${change.part}`)}</strong></p>
          <p class="hint">{t("toolservers.before")}</p>
          <VisibleText text={written(change.before)} code />
          <p class="hint">{t("toolservers.now")}</p>
          <VisibleText text={written(change.now)} code />
        </div>
      ))}
      {usable && (
        <>
          <details>
            <summary>{t("toolservers.arguments")}</summary>
            <VisibleText text={written(tool.input_schema)} code />
          </details>
          <CheckField
            label={t("toolservers.allow", { name: visible(tool.name) })} checked={chosen !== undefined}
            onChange={(allowed) => onChange(allowed, false)}
          />
          {tool.reads_only ? (
            <CheckField
              label={t("toolservers.direct", { name: visible(tool.name) })} hint={t("toolservers.direct_hint")} checked={direct} disabled={!chosen}
              onChange={(now) => onChange(true, now)}
            />
          ) : <p class="hint">{t("toolservers.asks")}</p>}
        </>
      )}
    </section>
  );
}
