/** The chat. */

import { EmptyState } from "../../components/EmptyState";
import { Page } from "../../components/Page";
import { t } from "../../text/t";

export default function ChatView() {
  return (
    <Page title={t("chat.title")}>
      <EmptyState icon="chat" text={t("chat.empty")} />
    </Page>
  );
}
