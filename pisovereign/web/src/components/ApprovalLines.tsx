/** All that is carried out, argument by argument, and as the program has it. */

import type { ApprovalLine } from "../api/approvals";
import { t } from "../text/t";
import { VisibleText } from "./VisibleText";

/** Lines that say that something is easily taken for something else. */
const WARNINGS = new Set(["warning", "resembles"]);

export function ApprovalLines({ lines, details }: { lines: ApprovalLine[]; details: unknown }) {
  return (
    <>
      {lines.length > 0 && (
        <dl class="approval-lines">
          {lines.map((line) => (
            <div key={line.name} class={`approval-line ${WARNINGS.has(line.name) ? "approval-warning" : ""}`}>
              <dt>{line.label}</dt>
              <dd><VisibleText text={line.text} code={line.name.endsWith("argv")} /></dd>
            </div>
          ))}
        </dl>
      )}
      <details class="approval-raw">
        <summary>{t("approvals.raw")}</summary>
        <VisibleText code text={JSON.stringify(details, null, 2)} most={4000} mostLines={60} />
      </details>
    </>
  );
}
