/** For how long a reminder is put off. */

import { t } from "../text/t";

const MINUTES = [5, 10, 15, 30, 60, 180, 1440] as const;

export function SnoozeField({ onSnooze, disabled, title }: {
  onSnooze: (minutes: number) => void;
  disabled: boolean;
  title: string;
}) {
  return (
    <select
      class="snooze-field" aria-label={t("notices.snooze_of", { title })} disabled={disabled} value=""
      onChange={(event) => {
        const minutes = Number(event.currentTarget.value);
        event.currentTarget.value = "";
        if (minutes) onSnooze(minutes);
      }}
    >
      <option value="">{t("notices.snooze")}</option>
      {MINUTES.map((minutes) => (
        <option key={minutes} value={minutes}>{t(`notices.snooze_${minutes}`)}</option>
      ))}
    </select>
  );
}
