/** How a command ended, and what it printed: text, whatever it looks like. */

import { number } from "../text/format";
import { t } from "../text/t";
import { VisibleText } from "./VisibleText";

/** What running a command of the catalog came to (docs/api.md, "Catalog"). */
export interface Execution {
  id: string;
  status: "completed" | "failed" | "timed_out";
  exit_code: number | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
  duration_ms: number;
  executed_at: string;
  argv: string[];
}

/** Return whether a result is that of a command. */
export function isExecution(result: unknown): result is Execution {
  return typeof result === "object" && result !== null && "stdout" in result && "argv" in result;
}

export function CommandOutput({ execution }: { execution: Execution }) {
  const { status, exit_code: code, stdout, stderr, truncated, duration_ms: time } = execution;
  const ended = t(`output.${status}`, { code: code ?? "–", seconds: number(time / 1000, 2) });
  return (
    <div class={`command-output ${status}`}>
      <p class="output-status">{ended}</p>
      {stdout && <Printed label={t("output.printed")} text={stdout} />}
      {stderr && <Printed label={t("output.errors")} text={stderr} />}
      {!stdout && !stderr && <p class="hint">{t("output.nothing")}</p>}
      {truncated && <p class="hint">{t("output.truncated")}</p>}
    </div>
  );
}

function Printed({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p class="output-label">{label}</p>
      <VisibleText code text={text} most={4000} mostLines={40} />
    </div>
  );
}
