/** Weather and mail, as far as they are connected; what is not is left out. */

import { runCommand } from "../../api/commands";
import { Card } from "../../components/Card";
import { Icon } from "../../components/Icon";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { visible } from "../../text/visible";

interface Briefing {
  weather: string | null;
  emails: { unread: number; important: number } | null;
  sources: { weather: string; emails: string };
}

const NOT_CONFIGURED = "not_configured";

export function TodayBriefing() {
  const briefing = useResource(async (signal) => (await runCommand<Briefing>("briefing", {}, signal)).result);
  const { data } = briefing;
  const absent = data && data.sources.weather === NOT_CONFIGURED && data.sources.emails === NOT_CONFIGURED;
  if (absent) return null;
  return (
    <Card title={t("today.glance")}>
      <ResourceView resource={briefing}>
        {({ weather, emails, sources }) => (
          <ul class="plain-list">
            {sources.weather !== NOT_CONFIGURED && (
              <li><Icon name="cloud" /> {weather === null ? t("today.no_weather") : visible(weather)}</li>
            )}
            {sources.emails !== NOT_CONFIGURED && (
              <li>
                <Icon name="mail" />{" "}
                {emails === null ? t("today.no_mail") : (
                  <a href="/mail">{t("mail.counts", { count: emails.unread, important: emails.important })}</a>
                )}
              </li>
            )}
          </ul>
        )}
      </ResourceView>
    </Card>
  );
}
