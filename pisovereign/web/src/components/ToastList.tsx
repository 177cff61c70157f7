/** The notices that are shown now. */

import { t } from "../text/t";
import { Button } from "./Button";
import { IconButton } from "./IconButton";
import { toasts } from "./toasts";

export function ToastList() {
  const close = (id: number) => {
    toasts.value = toasts.value.filter((each) => each.id !== id);
  };
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((each) => (
        <div key={each.id} class={`toast ${each.tone}`}>
          <span>{each.text}</span>
          {each.actions.map((action) => (
            <Button
              key={action.label} small kind="quiet"
              onClick={() => {
                close(each.id);
                void action.run();
              }}
            >
              {action.label}
            </Button>
          ))}
          <IconButton icon="close" label={t("common.close")} onClick={() => close(each.id)} />
        </div>
      ))}
    </div>
  );
}
