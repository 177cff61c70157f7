/** Language, theme and signing out, at the foot of the navigation. */

import { IconButton } from "../components/IconButton";
import { LanguageSelect } from "../components/LanguageSelect";
import { t } from "../text/t";
import { signOut } from "./session";
import { THEMES, setTheme, theme } from "./theme";

const THEME_ICONS = { system: "monitor", light: "sun", dark: "moon" } as const;

export function ShellActions() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
  return (
    <div class="shell-actions">
      <LanguageSelect />
      <IconButton
        icon={THEME_ICONS[theme.value]} onClick={() => setTheme(next)}
        label={t("navigation.theme", { theme: t(`navigation.theme_${theme.value}`) })}
      />
      <IconButton icon="logout" label={t("navigation.sign_out")} onClick={() => void signOut()} />
    </div>
  );
}
