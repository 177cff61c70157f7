/** What a test has shown of a model, in words that a household knows. */

import type { Abilities } from "../../api/models";
import { language, t } from "../../text/t";

/** Return one line; a model that was not tested may only talk. */
export function abilitiesText(abilities: Abilities): string {
  if (!abilities.tested) return t("models.untested");
  const names = new Intl.DisplayNames([language.value], { type: "language" });
  const spoken = new Intl.ListFormat(language.value).format(abilities.languages.map((code) => names.of(code) ?? code));
  const parts = [abilities.calls_tools ? t("models.acts", { languages: spoken }) : t("models.only_talks")];
  if (abilities.reads_commands) parts.push(t("models.reads"));
  return parts.join(" ");
}

/** Return how it did in each language: "English 9 of 10". */
export function scoresText(abilities: Abilities): string {
  const names = new Intl.DisplayNames([language.value], { type: "language" });
  return Object.entries(abilities.scores)
    .map(([code, { right, asked }]) => t("models.score", { language: names.of(code) ?? code, right, asked }))
    .join(" · ");
}
