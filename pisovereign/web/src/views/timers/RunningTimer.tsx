/** A timer that runs: how much is left, by the program's clock. */

import { useEffect, useRef, useState } from "preact/hooks";
import { deleteReminder, type Reminder } from "../../api/reminders";
import { IconButton } from "../../components/IconButton";
import { useAction } from "../../components/useAction";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { countdown, when } from "../../text/when";

const TICK_MS = 250;

export function RunningTimer({ timer, onChanged }: { timer: Reminder; onChanged: () => void }) {
  const ends = useRef(0);
  const [left, setLeft] = useState(timer.remaining_s ?? 0);
  const action = useAction();
  useEffect(() => {
    ends.current = performance.now() + (timer.remaining_s ?? 0) * 1000;
    const tick = () => setLeft(Math.max(0, (ends.current - performance.now()) / 1000));
    tick();
    const ticking = setInterval(tick, TICK_MS);
    return () => clearInterval(ticking);
  }, [timer.remaining_s, timer.remind_at]);
  const title = visible(timer.title);
  return (
    <li class="timer">
      <div>
        <div class="timer-left" role="timer" aria-label={t("timers.left", { title })}>{countdown(left)}</div>
        <div class="list-detail">{title} · {t("timers.until", { when: when(timer.remind_at) })}</div>
      </div>
      <IconButton
        icon="close" label={t("timers.stop", { title })} disabled={action.busy}
        onClick={() => action.run(async () => {
          await deleteReminder(timer.id);
          onChanged();
        })}
      />
    </li>
  );
}
