/** Runs a command with the values that it needs, and shows what came of it or what waits for an approval. */

import { useEffect, useRef, useState } from "preact/hooks";
import { getApproval, type Approval } from "../../api/approvals";
import { runCommand, type CatalogCommand } from "../../api/catalog";
import { fieldErrors, isAbort } from "../../api/client";
import { ApprovalCard } from "../../components/ApprovalCard";
import { Button } from "../../components/Button";
import { CommandOutput, isExecution, type Execution } from "../../components/CommandOutput";
import { ErrorLine } from "../../components/ErrorLine";
import { t } from "../../text/t";
import { ArgumentField } from "./ArgumentField";

type Shown = { execution: Execution } | { approval: Approval } | null;

export function RunPanel({ command }: { command: CatalogCommand }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [shown, setShown] = useState<Shown>(null);
  const [error, setError] = useState<unknown>(null);
  const [running, setRunning] = useState(false);
  const work = useRef<AbortController | null>(null);
  useEffect(() => () => work.current?.abort(), []);
  const run = async () => {
    const mine = (work.current = new AbortController());
    setRunning(true);
    setError(null);
    setShown(null);
    try {
      const answer = await runCommand(command.id, values, mine.signal);
      setShown(isExecution(answer) ? { execution: answer } : { approval: await getApproval(answer.approval_id) });
    } catch (problem) {
      setError(isAbort(problem) ? t("catalog.stopped") : problem);
    }
    setRunning(false);
  };
  const errors = fieldErrors(error);
  return (
    <div class="run-panel">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {command.arguments.map((argument) => (
          <ArgumentField
            key={argument.name} argument={argument} value={values[argument.name] ?? ""} error={errors[`arguments.${argument.name}`]}
            onInput={(value) => setValues({ ...values, [argument.name]: value })}
          />
        ))}
        <div class="actions">
          <Button type="submit" kind="primary" icon="play" busy={running}>{t(command.requires_approval ? "catalog.ask" : "catalog.run_now")}</Button>
          {running && <Button icon="stop" onClick={() => work.current?.abort()}>{t("catalog.stop")}</Button>}
        </div>
      </form>
      <div role="status">{running && t("catalog.running")}</div>
      <ErrorLine error={error} />
      {shown && "execution" in shown && <CommandOutput execution={shown.execution} />}
      {shown && "approval" in shown && <ApprovalCard approval={shown.approval} onChange={(approval) => setShown({ approval })} />}
    </div>
  );
}
