/** Chooses the language of the page. */

import { language, languages, setLanguage, t } from "../text/t";

export function LanguageSelect() {
  return (
    <select
      class="language-select" aria-label={t("navigation.language")} value={language.value}
      onChange={(event) => void setLanguage(event.currentTarget.value)}
    >
      {languages().map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
    </select>
  );
}
