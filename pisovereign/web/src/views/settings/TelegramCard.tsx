/** The person's Telegram account: linked by a code that is sent to the bot. */

import { useState } from "preact/hooks";
import {
  createTelegramCode, getTelegramAccount, removeTelegramAccount, type TelegramCode,
} from "../../api/notifications";
import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { CopyButton } from "../../components/CopyButton";
import { ResourceView } from "../../components/ResourceView";
import { Time } from "../../components/Time";
import { toast } from "../../components/toasts";
import { useAction } from "../../components/useAction";
import { usePolling } from "../../components/usePolling";
import { useResource } from "../../components/useResource";
import { VisibleText } from "../../components/VisibleText";
import { t } from "../../text/t";

const LOOK_MS = 2000;

export function TelegramCard() {
  const account = useResource(getTelegramAccount, []);
  const [code, setCode] = useState<TelegramCode | null>(null);
  const action = useAction();
  const look = async () => {
    const since = account.data?.linked_at ?? null;
    const now = await getTelegramAccount().catch(() => null);
    if (!now?.linked || now.linked_at === since) return;
    setCode(null);
    toast(t("telegram.done"));
    await account.reload();
  };
  usePolling(look, code !== null, LOOK_MS);
  return (
    <Card title={t("telegram.title")}>
      <ResourceView resource={account}>
        {(found) => (
          <>
            {!found.set_up && <p>{t("telegram.no_bot")}</p>}
            {found.linked && (
              <p>{t("telegram.linked")} <VisibleText text={found.name ?? ""} /> (<Time at={found.linked_at ?? ""} />)</p>
            )}
            {found.set_up && !found.linked && !code && <p>{t("telegram.lead")}</p>}
            {code && <Code code={code} />}
            <div class="actions">
              {found.set_up && !code && (
                <Button busy={action.busy} onClick={() => action.run(async () => setCode(await createTelegramCode()))}>
                  {t(found.linked ? "telegram.another" : "telegram.link")}
                </Button>
              )}
              {found.linked && (
                <Button
                  kind="quiet" busy={action.busy}
                  onClick={() => action.run(async () => {
                    await removeTelegramAccount();
                    await account.reload();
                  })}
                >
                  {t("telegram.unlink")}
                </Button>
              )}
            </div>
          </>
        )}
      </ResourceView>
    </Card>
  );
}

function Code({ code }: { code: TelegramCode }) {
  const text = `/start ${code.code}`;
  return (
    <div class="sign-in-code">
      <img src={code.qr} alt={t("telegram.qr")} width={232} height={232} />
      <p><a href={code.link} target="_blank" rel="noreferrer">{t("telegram.open", { bot: code.bot })}</a></p>
      <p class="code-link">
        {t("telegram.or_send")} <span translate={false}>{text}</span> <CopyButton text={text} label={t("telegram.copy")} />
      </p>
      <p class="hint">{t("devices.valid_until")} <Time at={code.expires_at} /></p>
    </div>
  );
}
