/** The inbox: the newest mails, one of them as text (`/mail?id=…`), and new ones that wait for an approval. */

import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { listMails, type Mail } from "../../api/mails";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { IconButton } from "../../components/IconButton";
import { NotSetUp, isNotSetUp } from "../../components/NotSetUp";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { t } from "../../text/t";
import { MailDialog } from "./MailDialog";
import { MailItem } from "./MailItem";
import { MailText } from "./MailText";

const FIRST = 20;
const MOST = 100;

export default function MailView() {
  const { query } = useLocation();
  const [limit, setLimit] = useState(FIRST);
  const inbox = useResource((signal) => listMails(limit, signal), [limit]);
  const [written, setWritten] = useState<Mail | "new" | null>(null);
  if (isNotSetUp(inbox.error)) {
    return <Page title={t("mail.title")}><NotSetUp what={t("mail.not_set_up")} icon="mail" /></Page>;
  }
  const dialog = written && (
    <MailDialog answers={written === "new" ? null : written} onClose={() => setWritten(null)} />
  );
  if (query.id) {
    return (
      <>
        <MailText key={query.id} id={query.id} onAnswer={setWritten} />
        {dialog}
      </>
    );
  }
  return (
    <Page
      title={t("mail.title")}
      lead={inbox.data && t("mail.counts", { count: inbox.data.unread, important: inbox.data.important })}
      actions={
        <>
          <IconButton icon="refresh" label={t("common.reload")} onClick={() => void inbox.reload()} />
          <Button kind="primary" icon="plus" onClick={() => setWritten("new")}>{t("mail.new")}</Button>
        </>
      }
    >
      <ResourceView resource={inbox}>
        {({ mails }) => mails.length === 0 ? (
          <EmptyState icon="mail" text={t("mail.empty")} />
        ) : (
          <>
            <ul class="list" aria-label={t("mail.title")}>
              {mails.map((each) => <MailItem key={each.id} mail={each} />)}
            </ul>
            {mails.length === limit && limit < MOST && (
              <Button busy={inbox.loading} onClick={() => setLimit(MOST)}>{t("common.more")}</Button>
            )}
          </>
        )}
      </ResourceView>
      {dialog}
    </Page>
  );
}
