/** The address for other calendar programs: made, made anew, removed. */

import { useState } from "preact/hooks";
import { getCalendarFeed, makeCalendarFeed, removeCalendarFeed } from "../../api/calendarFeed";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { CopyButton } from "../../components/CopyButton";
import { Dialog } from "../../components/Dialog";
import { ResourceView } from "../../components/ResourceView";
import { Time } from "../../components/Time";
import { useAction } from "../../components/useAction";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";

export function FeedCard() {
  const feed = useResource((signal) => getCalendarFeed(signal));
  const [made, setMade] = useState<string | null>(null);
  const [asking, setAsking] = useState<"anew" | "remove" | null>(null);
  const action = useAction();
  const make = async () => {
    setMade(await makeCalendarFeed());
    void feed.reload();
  };
  const remove = async () => {
    await removeCalendarFeed();
    void feed.reload();
  };
  return (
    <section class="calendar-feed" aria-labelledby="calendar-feed">
      <h2 id="calendar-feed">{t("calendar.feed")}</h2>
      <p class="hint">{t("calendar.feed_hint")}</p>
      <ResourceView resource={feed}>
        {({ made_at }) => made_at === null ? (
          <Button busy={action.busy} onClick={() => action.run(make)}>{t("calendar.feed_make")}</Button>
        ) : (
          <>
            <p>{t("calendar.feed_since")} <Time at={made_at} /></p>
            <div class="actions">
              <Button onClick={() => setAsking("anew")}>{t("calendar.feed_anew")}</Button>
              <Button kind="danger" onClick={() => setAsking("remove")}>{t("calendar.feed_remove")}</Button>
            </div>
          </>
        )}
      </ResourceView>
      {asking && (
        <ConfirmDialog
          title={t(asking === "anew" ? "calendar.feed_anew" : "calendar.feed_remove")}
          action={t(asking === "anew" ? "calendar.feed_anew" : "calendar.feed_remove")}
          danger onConfirm={asking === "anew" ? make : remove} onClose={() => setAsking(null)}
        >
          <p>{t("calendar.feed_ends")}</p>
        </ConfirmDialog>
      )}
      {made && (
        <Dialog title={t("calendar.feed_made")} onClose={() => setMade(null)}>
          <p>{t("calendar.feed_once")}</p>
          <p class="code-link"><code translate={false}>{made}</code> <CopyButton text={made} /></p>
        </Dialog>
      )}
    </section>
  );
}
