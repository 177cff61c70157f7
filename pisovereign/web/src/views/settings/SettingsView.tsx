/** What a person chose: their name and zone, and what the page shows. */

import { setTheme, theme, THEMES, type Theme } from "../../app/theme";
import { may } from "../../app/session";
import { Card } from "../../components/Card";
import { Page } from "../../components/Page";
import { SelectField } from "../../components/SelectField";
import { DeviceCard } from "./DeviceCard";
import { ProgramSettings } from "./ProgramSettings";
import { language, languages, setLanguage, t } from "../../text/t";
import { ProfileCard } from "./ProfileCard";
import { TelegramCard } from "./TelegramCard";
import { TestMessageCard } from "./TestMessageCard";

export default function SettingsView() {
  return (
    <Page title={t("settings.title")}>
      <ProfileCard />
      <Card title={t("settings.browser")}>
        <SelectField
          label={t("navigation.language")} value={language.value} onChange={(code) => void setLanguage(code)}
          choices={languages().map(({ code, name }) => ({ value: code, label: name }))}
        />
        <SelectField
          label={t("settings.theme")} value={theme.value} onChange={(chosen: Theme) => setTheme(chosen)}
          choices={THEMES.map((value) => ({ value, label: t(`navigation.theme_${value}`) }))}
        />
      </Card>
      <DeviceCard />
      <TelegramCard />
      {may("approve") && <ProgramSettings />}
      <TestMessageCard />
    </Page>
  );
}
