/** A start page: what is due and comes next, events, to-dos, mail and weather as far as they are connected, lists. */

import { Page } from "../../components/Page";
import { day } from "../../text/format";
import { t } from "../../text/t";
import { TodayBriefing } from "./TodayBriefing";
import { TodayEvents } from "./TodayEvents";
import { TodayLists } from "./TodayLists";
import { TodayReminders } from "./TodayReminders";
import { TodayTasks } from "./TodayTasks";
import { TodayWaiting } from "./TodayWaiting";

export default function TodayView() {
  return (
    <Page title={t("today.title")} lead={day(new Date())} wide>
      <div class="today">
        <TodayWaiting />
        <TodayReminders />
        <TodayEvents />
        <TodayTasks />
        <TodayBriefing />
        <TodayLists />
      </div>
    </Page>
  );
}
