/** A field for one value of a command: what it may be follows from its type and its bound. */

import type { Argument } from "../../api/catalog";
import { TextField } from "../../components/TextField";
import { hasText, t } from "../../text/t";

interface Props {
  argument: Argument;
  value: string;
  error: string | undefined;
  onInput: (value: string) => void;
}

const LONGEST = 255;

export function ArgumentField({ argument, value, error, onInput }: Props) {
  const { name, type, bound = "" } = argument;
  const [least = "", most = ""] = type === "int" ? bound.split("..") : [];
  const hint = hasText(`catalog.type_${type}`) ? t(`catalog.type_${type}`, { bound, least, most }) : type;
  const label = name.replace(/_/g, " ");
  if (type === "int") {
    return <TextField label={label} hint={hint} error={error} type="number" min={least} max={most} step={1} value={value} onInput={onInput} required />;
  }
  return <TextField label={label} hint={hint} error={error} value={value} onInput={onInput} maxLength={LONGEST} autoComplete="off" required />;
}
