// The set-up page: a code, a few questions, a model, a key, and then the chat.
"use strict";

const TEXTS = {
  en: {
    other: "Deutsch",
    codeTitle: "Welcome",
    codeHint: "This device is new. The screen that is connected to it shows a code; it proves that the device is yours.",
    code: "Code",
    next: "Continue",
    back: "Back",
    aboutTitle: "About you",
    name: "Your name",
    nameWrong: "This name cannot be used. It may have up to 60 characters, on one line.",
    nameHint: "What the assistant calls you. It stays on this device.",
    zone: "Time zone",
    zoneWrong: "There is no such time zone. Choose one from the list, such as Europe/Berlin.",
    zoneHint: "Such as Europe/Berlin. Reminders and the calendar go by it.",
    modelTitle: "The model",
    memory: "This device has {memory} of memory, and {free} are free on its card. A larger model answers better and more slowly.",
    model: "Which model answers",
    recommended: "recommended",
    tooLarge: "needs more memory than there is",
    here: "is here already, works without internet",
    onMedia: "found on the memory stick",
    download: "{size} to download",
    getting: "Getting {file}: {done} of {total}",
    verifying: "Checking the files",
    stop: "Stop",
    keyTitle: "Your key",
    keyHint: "This key opens your assistant. It is shown this once and cannot be shown again: keep it where you keep passwords.",
    copy: "Copy the key",
    copied: "Copied.",
    kept: "I have kept the key",
    finish: "Finish",
    startTitle: "Your assistant starts",
    startHint: "Finding the best settings for this device takes a few minutes the first time. The chat opens by itself.",
    offline: "The device does not answer. Is it on, and in the same network?",
    again: "Enter the code that the screen shows now.",
    network: "The model cannot be had: {error} Choose one that is here already, or plug in a memory stick that holds it.",
  },
  de: {
    other: "English",
    codeTitle: "Willkommen",
    codeHint: "Dieses Gerät ist neu. Der Bildschirm, der daran angeschlossen ist, zeigt einen Code; er beweist, dass das Gerät dir gehört.",
    code: "Code",
    next: "Weiter",
    back: "Zurück",
    aboutTitle: "Über dich",
    name: "Dein Name",
    nameWrong: "Dieser Name geht nicht. Er darf bis zu 60 Zeichen in einer Zeile haben.",
    nameHint: "So nennt dich der Assistent. Er bleibt auf diesem Gerät.",
    zone: "Zeitzone",
    zoneWrong: "Diese Zeitzone gibt es nicht. Wähle eine aus der Liste, zum Beispiel Europe/Berlin.",
    zoneHint: "Zum Beispiel Europe/Berlin. Erinnerungen und Kalender richten sich danach.",
    modelTitle: "Das Modell",
    memory: "Dieses Gerät hat {memory} Arbeitsspeicher, und auf seiner Karte sind {free} frei. Ein größeres Modell antwortet besser und langsamer.",
    model: "Welches Modell antwortet",
    recommended: "empfohlen",
    tooLarge: "braucht mehr Arbeitsspeicher, als da ist",
    here: "ist schon da, geht ohne Internet",
    onMedia: "auf dem USB-Stick gefunden",
    download: "{size} zum Herunterladen",
    getting: "Hole {file}: {done} von {total}",
    verifying: "Prüfe die Dateien",
    stop: "Anhalten",
    keyTitle: "Dein Schlüssel",
    keyHint: "Dieser Schlüssel öffnet deinen Assistenten. Er wird nur dieses eine Mal gezeigt: Bewahre ihn dort auf, wo du Passwörter aufbewahrst.",
    copy: "Schlüssel kopieren",
    copied: "Kopiert.",
    kept: "Ich habe den Schlüssel aufbewahrt",
    finish: "Fertig",
    startTitle: "Dein Assistent startet",
    startHint: "Beim ersten Mal dauert es ein paar Minuten, die besten Einstellungen für dieses Gerät zu finden. Der Chat öffnet sich von selbst.",
    offline: "Das Gerät antwortet nicht. Ist es an und im selben Netz?",
    again: "Gib den Code ein, den der Bildschirm jetzt zeigt.",
    network: "Das Modell ist nicht zu bekommen: {error} Wähle eines, das schon da ist, oder stecke einen USB-Stick ein, auf dem es liegt.",
  },
};
const STEPS = ["code", "about", "model", "key", "start"];
// Fields of answers, and the elements in which a person corrects them.
const INPUTS = { name: "name", time_zone: "zone" };
const LOOK_MS = 1000;
const SESSION = "pisovereign-setup";
const KEY = "pisovereign-key";

const at = (id) => document.getElementById(id);
let language = navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
let session = sessionStorage.getItem(SESSION) || "";
let step = "code";
let known = null;
let wanted = null;
let follower = 0;
let key = "";

function text(name, values = {}) {
  return TEXTS[language][name].replace(/{(\w+)}/g, (_, field) => values[field]);
}

function size(bytes) {
  const unit = bytes >= 1e9 ? ["gigabyte", bytes / 1e9] : ["megabyte", bytes / 1e6];
  return new Intl.NumberFormat(language, {
    style: "unit", unit: unit[0], maximumFractionDigits: 1,
  }).format(unit[1]);
}

function speak() {
  document.documentElement.lang = language;
  document.title = `PiSovereign: ${text(`${step}Title`)}`;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  at("language").textContent = text("other");
  at("language").lang = language === "en" ? "de" : "en";
  if (known) showModels();
}

function show(next) {
  step = next;
  for (const name of STEPS) at(`step-${name}`).hidden = name !== next;
  clearProblems();
  at("status").textContent = "";
  speak();
  at(`step-${next}`).querySelector("h1").focus();
}

function clearProblems() {
  at("problem").textContent = "";
  for (const id of Object.values(INPUTS)) {
    at(id).removeAttribute("aria-invalid");
    at(`${id}-problem`).textContent = "";
    delete at(`${id}-problem`).dataset.text;
  }
}

// What is wrong with a field is said beside it, on the page that has it.
function complain(error) {
  const inputs = (error.fields || []).map((field) => INPUTS[field.field]).filter(Boolean);
  if (!inputs.length) {
    at("problem").textContent = error.message;
    return;
  }
  if (step !== "about") show("about");
  for (const id of inputs) {
    at(id).setAttribute("aria-invalid", "true");
    at(`${id}-problem`).dataset.text = `${id}Wrong`;
    at(`${id}-problem`).textContent = text(`${id}Wrong`);
  }
  at(inputs[0]).focus();
}

async function ask(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-Setup-Session": session, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error(text("offline"));
  }
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return answer;
  if (response.status === 401 && step !== "code") {
    sessionStorage.removeItem(SESSION);
    session = "";
    show("code");
    throw new Error(text("again"));
  }
  const fields = answer.error.details.fields || [];
  const named = fields.map((field) => `${field.field} ${field.error}`).join("; ");
  throw Object.assign(new Error(named || answer.error.message), { fields });
}

async function look() {
  const state = await ask("GET", "/setup/state");
  const same = known && JSON.stringify(known.models) === JSON.stringify(state.models);
  known = state;
  if (step === "model" && !same) showModels();
  else showPull();
}

function describe(model) {
  const parts = [model.parameters, model.license];
  if (model.state === "verified") parts.push(text("here"));
  else if (model.on_media) parts.push(text("onMedia"));
  else parts.push(text("download", { size: size(model.size) }));
  if (!model.fits) parts.push(text("tooLarge"));
  return parts.join(" · ");
}

function showModels() {
  const values = { memory: size(known.memory_bytes), free: size(known.free_bytes) };
  at("memory").textContent = text("memory", values);
  const chosen = document.querySelector("input[name=model]:checked");
  const fallback = known.models.find((model) => model.recommended) || known.models[0];
  const marked = chosen ? chosen.value : fallback.id;
  const focused = document.activeElement && document.activeElement.value;
  at("models").replaceChildren(at("models").querySelector("legend"));
  for (const model of known.models) {
    const label = document.createElement("label");
    label.className = "choice";
    const input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "model", value: model.id, required: true });
    input.checked = model.id === marked;
    const words = document.createElement("span");
    const name = document.createElement("strong");
    name.textContent = model.recommended ? `${model.name} (${text("recommended")})` : model.name;
    const details = document.createElement("span");
    details.className = "hint";
    details.textContent = describe(model);
    words.append(name, details);
    label.append(input, words);
    at("models").append(label);
    if (model.id === focused) input.focus();
  }
  showPull();
}

function showPull() {
  const pull = known.pull;
  const running = Boolean(pull && pull.status === "running");
  at("pull").hidden = !running;
  at("choose").disabled = running;
  at("models").disabled = running;
  if (!running) return;
  const values = { file: pull.file, done: size(pull.done), total: size(pull.total) };
  at("pull-text").textContent = text(pull.total ? "getting" : "verifying", values);
  if (pull.total) at("progress").value = Math.round((1000 * pull.done) / pull.total);
  else at("progress").removeAttribute("value");
}

// While the models are shown: a stick may be plugged in, and files arrive.
async function follow() {
  const turn = ++follower;
  while (step === "model" && turn === follower) {
    await look();
    const pull = known.pull;
    if (wanted !== null && pull && pull.status === "failed") {
      wanted = null;
      complain(new Error(text("network", { error: pull.error })));
    } else if (wanted !== null && pull && pull.status === "done") {
      await makeKey();
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function about() {
  return { name: at("name").value.trim(), time_zone: at("zone").value.trim(), language };
}

async function makeKey() {
  const answers = { ...about(), model: wanted };
  key = (await ask("POST", "/setup/key", answers)).api_key;
  at("key").textContent = key;
  show("key");
}

async function waitForChat() {
  for (;;) {
    try {
      const ready = await fetch("/ready", { cache: "no-store" });
      if (ready.ok) {
        location.replace("/");
        return;
      }
    } catch {
      // It is between set-up and the assistant.
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function on(id, act) {
  at(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    clearProblems();
    const button = at(id).querySelector("button[type=submit]");
    button.disabled = true;
    try {
      await act();
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = Boolean(id === "step-model" && known && known.pull && known.pull.status === "running");
    }
  });
}

on("step-code", async () => {
  session = (await ask("POST", "/setup/claim", { code: at("code").value })).session;
  sessionStorage.setItem(SESSION, session);
  at("code").value = "";
  await look();
  show("about");
});
on("step-about", async () => {
  await ask("POST", "/setup/about", about());
  await look();
  show("model");
  follow().catch(complain);
});
on("step-model", async () => {
  const choice = document.querySelector("input[name=model]:checked").value;
  const model = known.models.find((each) => each.id === choice);
  wanted = choice;
  if (model.state === "verified") return makeKey();
  const source = model.on_media ? "media" : "download";
  await ask("POST", "/setup/model", { model: choice, source });
  return look();
});
on("step-key", async () => {
  await ask("POST", "/setup/finish", undefined, { Authorization: `Bearer ${key}` });
  sessionStorage.removeItem(SESSION);
  localStorage.setItem(KEY, key);
  show("start");
  waitForChat();
});
at("stop").addEventListener("click", async () => {
  wanted = null;
  try {
    await ask("DELETE", "/setup/model");
    await look();
  } catch (error) {
    complain(error);
  }
});
at("back").addEventListener("click", () => {
  wanted = null; // what is being fetched goes on, but nothing waits for it
  show("about");
});
at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(key);
  } catch {
    const range = document.createRange();
    range.selectNodeContents(at("key"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy"); // without TLS there is no other way
  }
  at("status").textContent = text("copied");
});
at("language").addEventListener("click", () => {
  language = language === "en" ? "de" : "en";
  speak();
});

function begin() {
  const zones = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
  for (const zone of zones) {
    const option = document.createElement("option");
    option.value = zone;
    at("zones").append(option);
  }
  at("zone").value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const code = location.hash.match(/code=([\w-]+)/);
  if (code) {
    at("code").value = code[1];
    history.replaceState(null, "", "/"); // not to be kept in the history
  }
  show("code");
  if (session && !code) look().then(() => show("about"), complain);
}

begin();
