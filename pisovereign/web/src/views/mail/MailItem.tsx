/** One mail of the inbox: who wrote, about what, and how it begins. */

import type { MailHead } from "../../api/mails";
import { Icon } from "../../components/Icon";
import { ListItem } from "../../components/ListItem";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { when } from "../../text/when";

export function MailItem({ mail }: { mail: MailHead }) {
  return (
    <ListItem
      lead={<Icon name={mail.important ? "alert" : "mail"} />}
      title={
        <a class={`mail-link ${mail.unread ? "unread" : ""}`} href={`/mail?id=${encodeURIComponent(mail.id)}`}>
          {visible(mail.subject) || t("mail.no_subject")}
        </a>
      }
      detail={
        <>
          {mail.unread && <strong>{t("mail.unread")} · </strong>}
          {mail.important && <strong>{t("mail.important")} · </strong>}
          {visible(mail.sender)} · {when(mail.received_at)}
          <br />
          {visible(mail.preview)}
        </>
      }
    />
  );
}
