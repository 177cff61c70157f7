/** A button that is only an icon; its label is read aloud and shown on hovering. */

import type { Ref } from "preact";
import { Icon, type IconName } from "./Icon";

interface Props {
  icon: IconName;
  label: string;
  onClick?: (event: MouseEvent) => void;
  type?: "button" | "submit";
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  kind?: "primary" | "quiet";
  class?: string;
  id?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton({
  icon, label, onClick, type = "button", disabled = false, pressed, expanded, kind = "quiet", class: more = "", id,
  buttonRef,
}: Props) {
  return (
    <button
      type={type} id={id} ref={buttonRef ?? null} class={`icon-button ${kind} ${more}`} aria-label={label} title={label}
      disabled={disabled} aria-pressed={pressed} aria-expanded={expanded} onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
