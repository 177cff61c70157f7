/** Language, theme and signing out, at the foot of the navigation. */

import { IconButton } from "../components/IconButton";
import { language, languages, setLanguage, t } from "../text/t";
import { signOut } from "./session";
import { THEMES, setTheme, theme } from "./theme";

const THEME_ICONS = { system: "monitor", light: "sun", dark: "moon" } as const;

export function ShellActions() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
  return (
    <div class="shell-actions">
      <select
        aria-label={t("navigation.language")} value={language.value}
        onChange={(event) => void setLanguage(event.currentTarget.value)}
      >
        {languages().map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
      </select>
      <IconButton
        icon={THEME_ICONS[theme.value]} onClick={() => setTheme(next)}
        label={t("navigation.theme", { theme: t(`navigation.theme_${theme.value}`) })}
      />
      <IconButton icon="logout" label={t("navigation.sign_out")} onClick={() => void signOut()} />
    </div>
  );
}
