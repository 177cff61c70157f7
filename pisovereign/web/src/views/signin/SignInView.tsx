/** A sign-in link that is opened where somebody is signed in already. */

import { session } from "../../app/session";
import { Page } from "../../components/Page";
import { t } from "../../text/t";
import { visible } from "../../text/visible";
import { CodeForm } from "./CodeForm";
import { linkedCode } from "./linkedCode";

export default function SignInView() {
  return (
    <Page title={t("signin.another")} lead={<>{t("signin.already")} {visible(session.value?.name ?? "")}</>}>
      <CodeForm code={linkedCode()} />
    </Page>
  );
}
