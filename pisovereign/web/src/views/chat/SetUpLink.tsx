/** The way to where something is set up, below an answer that says that it is not. */

import { t } from "../../text/t";

export function SetUpLink() {
  return <a class="button small" href="/connections">{t("connections.set_up")}</a>;
}
