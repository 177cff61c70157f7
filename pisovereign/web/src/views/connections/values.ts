/** What a form holds, between what the program says and what it is sent. */

import type { FormField, SettingsForm, Value, Values } from "../../api/connections";

const GENERATED_BYTES = 24;

/** Return what the inputs of a form begin with: secrets are never known. */
export function startValues(form: SettingsForm): Values {
  return Object.fromEntries(form.fields.map((field) => [field.name, startValue(form, field)]));
}

function startValue(form: SettingsForm, field: FormField): Value {
  const set = form.values[field.name];
  if (field.type === "secret") return field.generated && !form.secrets[field.name] ? made() : "";
  if (set !== undefined && set !== null) return set;
  switch (field.type) {
    case "switch":
      return true;
    case "choices":
    case "names":
    case "senders":
      return [];
    case "choice":
      return field.choices[0]?.value ?? "";
    default:
      return "";
  }
}

/** Return what is sent: without secrets and numbers that were left alone. */
export function toSend(form: SettingsForm, values: Values): Values {
  const sent: Values = {};
  for (const { name, type } of form.fields) {
    const value = values[name] ?? "";
    if (type === "secret" || type === "number" || type === "decimal") {
      if (value !== "") sent[name] = type === "secret" ? value : asNumber(value);
    } else if (type === "names" && Array.isArray(value)) {
      sent[name] = (value as string[]).map((line) => line.trim()).filter(Boolean);
    } else {
      sent[name] = typeof value === "string" ? value.trim() : value;
    }
  }
  return sent;
}

// What is no number is sent as it is: the program says what is wrong with it.
function asNumber(value: Value): Value {
  const number = Number(String(value).replace(",", "."));
  return Number.isNaN(number) ? value : number;
}

function made(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GENERATED_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
