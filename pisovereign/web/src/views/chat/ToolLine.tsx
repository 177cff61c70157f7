/** A tool that was called for an answer, and what came of it. */

import { Icon, type IconName } from "../../components/Icon";
import { hasText, t } from "../../text/t";
import { visible } from "../../text/visible";
import type { ToolActivity } from "./types";

const ICONS: Record<string, IconName> = {
  completed: "check", pending_approval: "shield", failed: "alert", refused: "alert", running: "wrench",
};

export function ToolLine({ tool }: { tool: ToolActivity }) {
  const status = tool.result?.status ?? "running";
  const name = hasText(`tools.${tool.name}`) ? t(`tools.${tool.name}`) : visible(tool.name);
  const title = tool.result?.title;
  const details = tool.result?.text;
  const line = (
    <>
      <Icon name={ICONS[status] ?? "wrench"} size={16} />
      <span>{name}: {t(`chat.tool_${status}`)}{title ? ` – ${visible(title)}` : ""}</span>
    </>
  );
  return details ? (
    <details class={`tool-line ${status}`} data-tool={tool.name}>
      <summary>{line}</summary>
      <p class="message-text">{visible(details)}</p>
    </details>
  ) : (
    <p class={`tool-line ${status}`} data-tool={tool.name}>{line}</p>
  );
}
