/** A new timer: a usual length by one touch, or minutes and a name. */

import { useState } from "preact/hooks";
import { runCommand } from "../../api/commands";
import { Button } from "../../components/Button";
import { TextField } from "../../components/TextField";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";

const USUAL_MINUTES = [1, 3, 5, 10, 15, 30, 60] as const;
const MOST_MINUTES = 10_080;

export function NewTimer({ onMade }: { onMade: () => void }) {
  const [minutes, setMinutes] = useState("");
  const [name, setName] = useState("");
  const action = useAction();
  // The program counts from now: this browser's clock need not be right.
  const start = (length: number) => action.run(async () => {
    await runCommand("set_timer", { seconds: Math.round(length * 60), ...(name.trim() && { label: name.trim() }) });
    setMinutes("");
    setName("");
    onMade();
  });
  const given = Number(minutes.replace(",", "."));
  const possible = given > 0 && given <= MOST_MINUTES;
  return (
    <div class="new-timer">
      <div class="usual-timers" role="group" aria-label={t("timers.usual")}>
        {USUAL_MINUTES.map((each) => (
          <Button key={each} disabled={action.busy} onClick={() => start(each)}>{t("timers.minutes", { count: each })}</Button>
        ))}
      </div>
      <form
        class="quick-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (possible) start(given);
        }}
      >
        <TextField
          label={t("timers.length")} type="number" min="0.01" max={MOST_MINUTES} step="any" value={minutes}
          onInput={setMinutes}
        />
        <TextField label={t("timers.name")} value={name} onInput={setName} maxLength={200} autoComplete="off" />
        <Button kind="primary" type="submit" icon="play" busy={action.busy} disabled={!possible}>{t("timers.start")}</Button>
      </form>
    </div>
  );
}
