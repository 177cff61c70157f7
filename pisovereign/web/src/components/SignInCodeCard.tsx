/** A one-time code to sign in with: as a QR code, a link and letters. */

import type { SignInCode } from "../api/accounts";
import { t } from "../text/t";
import { CopyButton } from "./CopyButton";
import { Time } from "./Time";

export function SignInCodeCard({ code }: { code: SignInCode }) {
  return (
    <div class="sign-in-code">
      <img src={code.qr} alt={t("devices.qr")} width={232} height={232} />
      <p class="code-letters" translate={false}>{code.code}</p>
      <p class="code-link">
        <span translate={false}>{code.link}</span> <CopyButton text={code.link} label={t("devices.copy_link")} />
      </p>
      <p class="hint">{t("devices.valid_until")} <Time at={code.expires_at} /></p>
      {code.reach === "this_device" && <p class="hint">{t("devices.only_here")}</p>}
    </div>
  );
}
