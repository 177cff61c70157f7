/** What to ask, where nothing was said yet. */

import { Button } from "../../components/Button";
import { t } from "../../text/t";

const SUGGESTIONS = ["help", "reminder", "memory", "timer"] as const;

export function Suggestions({ onChoose }: { onChoose: (text: string) => void }) {
  return (
    <div class="suggestions">
      <h2>{t("chat.empty")}</h2>
      <ul>
        {SUGGESTIONS.map((name) => (
          <li key={name}>
            <Button onClick={() => onChoose(t(`chat.suggestion_${name}`))}>{t(`chat.suggestion_${name}`)}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
