/** A mail to be written: into the drafts, or sent, each after an approval that shows all of it. */

import { useState } from "preact/hooks";
import { fieldErrors } from "../../api/errors";
import { draftMail, sendMail, type Mail } from "../../api/mails";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { ErrorLine } from "../../components/ErrorLine";
import { TextField } from "../../components/TextField";
import { toast } from "../../components/toasts";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { RecipientSuggestions } from "./RecipientSuggestions";

interface Props {
  answers: Mail | null;
  onClose: () => void;
}

export function MailDialog({ answers, onClose }: Props) {
  const [to, setTo] = useState("");
  const [subject, setSubject] = useState("");
  const [body, setBody] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wrong = fieldErrors(error);
  const ask = async (write: typeof draftMail) => {
    setBusy(true);
    try {
      await write({ body, ...(answers ? { reply_to: answers.id } : { to, subject }) });
      toast(t("calendar.waits"));
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t(answers ? "mail.answer" : "mail.new")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void ask(draftMail);
        }}
      >
        {answers ? (
          <p>{t("mail.answers", { sender: visible(answers.sender), subject: visible(answers.subject) })}</p>
        ) : (
          <>
            <TextField label={t("mail.to")} value={to} onInput={setTo} required maxLength={3500} error={wrong.to} hint={t("mail.to_hint")} />
            <RecipientSuggestions to={to} onChoose={setTo} />
            <TextField label={t("mail.subject")} value={subject} onInput={setSubject} required maxLength={200} error={wrong.subject} />
          </>
        )}
        <TextField label={t("mail.body")} value={body} onInput={setBody} required lines={8} maxLength={20_000} error={wrong.body} />
        <p class="hint">{t("mail.approval_hint")}</p>
        <ErrorLine error={error} />
        <div class="actions">
          <Button kind="primary" type="submit" busy={busy}>{t("mail.draft")}</Button>
          <Button busy={busy} disabled={!body.trim()} onClick={() => void ask(sendMail)}>{t("mail.send")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
