/** Says that something has to be connected first, and where. */

import { ApiError } from "../api/errors";
import { may } from "../app/session";
import { t } from "../text/t";
import { VIEWS } from "../views";
import { EmptyState } from "./EmptyState";
import type { IconName } from "./Icon";

const WHERE = "/connections";

/** Return whether an error only says that something is not connected. */
export function isNotSetUp(error: unknown): boolean {
  return error instanceof ApiError && error.status === 503 && error.setting !== null;
}

export function NotSetUp({ what, icon }: { what: string; icon: IconName }) {
  const view = VIEWS.find((each) => each.path === WHERE);
  return (
    <EmptyState icon={icon} text={what}>
      {view && may(view.scope) && <a href={WHERE}>{t("common.connect")}</a>}
    </EmptyState>
  );
}
