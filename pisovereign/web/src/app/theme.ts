/** Light, dark, or what the system asks for; kept in this browser. */

import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

export const THEMES: readonly Theme[] = ["system", "light", "dark"];
const STORED_THEME = "pisovereign-theme";

export const theme = signal<Theme>("system");

/** Show the theme that was chosen here before. */
export function startTheme(): void {
  try {
    const stored = localStorage.getItem(STORED_THEME);
    if (THEMES.includes(stored as Theme)) theme.value = stored as Theme;
  } catch {
    // A browser that keeps nothing shows what the system asks for.
  }
  document.documentElement.dataset.theme = theme.value;
}

/** Show another theme, and remember it in this browser. */
export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem(STORED_THEME, chosen);
  } catch {
    // Then it holds for this visit.
  }
}
