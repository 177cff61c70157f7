/** A button with words, and an icon where one helps. */

import type { ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./Icon";

interface Props {
  children: ComponentChildren;
  onClick?: (event: MouseEvent) => void;
  kind?: "primary" | "secondary" | "danger" | "quiet";
  type?: "button" | "submit";
  icon?: IconName;
  disabled?: boolean;
  /** It works on something: it cannot be pressed again until that is over. */
  busy?: boolean;
  small?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  describedBy?: string;
  id?: string;
  class?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function Button({
  children, onClick, kind = "secondary", type = "button", icon, disabled = false, busy = false, small = false, pressed,
  expanded, describedBy, id, class: more = "", buttonRef,
}: Props) {
  return (
    <button
      type={type} id={id} ref={buttonRef ?? null} class={`button ${kind} ${small ? "small" : ""} ${more}`}
      disabled={disabled || busy} aria-busy={busy} aria-pressed={pressed} aria-expanded={expanded}
      aria-describedby={describedBy} onClick={onClick}
    >
      {icon && <Icon name={icon} size={small ? 16 : 20} />}
      <span>{children}</span>
    </button>
  );
}
