/**
 * A window over the page: the browser keeps the focus inside, and Escape or a press beside it closes it.
 *
 * Somebody who has written something in it is asked before it is lost, and presses beside it do nothing then.
 */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../text/t";
import { Button } from "./Button";
import { IconButton } from "./IconButton";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
  /** `drawer` comes from the side, for navigation. */
  kind?: "window" | "drawer";
}

export function Dialog({ title, onClose, children, actions, kind = "window" }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const written = useRef(false);
  const pressedBeside = useRef(false);
  const [asking, setAsking] = useState(false);
  const close = () => (written.current ? setAsking(true) : onClose());
  useEffect(() => {
    const opener = document.activeElement;
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog} class={`dialog ${kind}`} aria-labelledby={id}
      onCancel={(event) => {
        // That of a field for files, too, is heard here.
        if (event.target !== dialog.current) return;
        event.preventDefault();
        close();
      }}
      // Browsers close it in the end, whatever the page says.
      onClose={onClose}
      onInput={(event) => {
        if (event.target instanceof HTMLTextAreaElement) written.current = event.target.value.trim() !== "";
      }}
      onPointerDown={(event) => {
        pressedBeside.current = event.target === dialog.current;
      }}
      // Not where somebody selects text in it and lets go beside it.
      onClick={(event) => event.target === dialog.current && pressedBeside.current && !written.current && onClose()}
    >
      <div class="dialog-inside">
        <header class="dialog-header">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t("common.close")} onClick={close} />
        </header>
        {asking && (
          <div class="dialog-question" role="alert">
            <p>{t("common.lose_written")}</p>
            <div class="actions">
              <Button kind="danger" small onClick={onClose}>{t("common.lose")}</Button>
              <Button small onClick={() => setAsking(false)}>{t("common.write_on")}</Button>
            </div>
          </div>
        )}
        <div class="dialog-body">{children}</div>
        {actions && <div class="actions">{actions}</div>}
      </div>
    </dialog>
  );
}
