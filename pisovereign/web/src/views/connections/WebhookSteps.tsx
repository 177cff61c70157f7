/** What has to be done at Meta, so that messages arrive here. */

import { CopyButton } from "../../components/CopyButton";
import { t } from "../../text/t";

export function WebhookSteps({ path }: { path: string }) {
  const address = `https://${location.host}${path}`;
  return (
    <section class="webhook">
      <h2>{t("connections.webhook_title")}</h2>
      <ol>
        <li>{t("connections.webhook_save")}</li>
        <li>
          {t("connections.webhook_address")}
          <div class="webhook-address"><code>{address}</code> <CopyButton text={address} /></div>
          <p class="hint">{t("connections.webhook_reach")}</p>
        </li>
        <li>{t("connections.webhook_token")}</li>
        <li>{t("connections.webhook_subscribe")}</li>
        <li>{t("connections.webhook_write")}</li>
      </ol>
    </section>
  );
}
