/** One mail, as text only: nothing in it is loaded, and every address is shown as it is. */

import { readMail, type Mail } from "../../api/mails";
import { Button } from "../../components/Button";
import { Page } from "../../components/Page";
import { ResourceView } from "../../components/ResourceView";
import { useResource } from "../../components/useResource";
import { bytes } from "../../text/format";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";

export function MailText({ id, onAnswer }: { id: string; onAnswer: (mail: Mail) => void }) {
  const mail = useResource((signal) => readMail(id, signal), [id]);
  const shown = mail.data;
  return (
    <Page
      title={shown ? visible(shown.subject) || t("mail.no_subject") : t("mail.title")}
      lead={<a href="/mail">{t("mail.all")}</a>}
      actions={shown && <Button icon="edit" onClick={() => onAnswer(shown)}>{t("mail.answer")}</Button>}
    >
      <ResourceView resource={mail}>
        {(data) => (
          <>
            <p class="list-detail">{visible(data.sender)} · {when(data.received_at)}</p>
            <p class="mail-text">{visible(data.text) || t("mail.no_text")}</p>
            {data.is_cut && <p class="hint">{t("mail.cut")}</p>}
            {data.attachments.length > 0 && (
              <>
                <h2>{t("mail.attachments")}</h2>
                <ul>
                  {data.attachments.map((file, at) => (
                    <li key={at}>{visible(file.name)} ({visible(file.kind)}{file.size === null ? "" : `, ${bytes(file.size)}`})</li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </ResourceView>
    </Page>
  );
}
