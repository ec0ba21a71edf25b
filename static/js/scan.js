// Scanning a label into a form: camera, photo, typed code and barcode gun end in the same field and the same submit.
//
// The form comes from templates/components/scan.html and works without this file: the code is typed, or a barcode gun
// types it and presses Enter. With it, the form gets the camera and the photo as well. What was read goes to the server
// as it is, but for a label's address, which is shortened to its code: the server judges, in the reader's language.
// `data-scan-continuous` on the form keeps the camera on after a find (a lorry is received box by box); let htmx swap a
// part beside the form then, not the form. The texts are in data-text-*, so the server translates them.

const PAUSE_BETWEEN_LOOKS = 120; // ms: fast enough for a steady hand, leaves a slow phone time to breathe
const SAME_CODE_AGAIN_AFTER = 3000; // ms: one box held before the camera is one scan
const WIDEST_LOOK = 1280; // px: more only makes reading slower

const forms = new WeakSet();

// --- what a code says -----------------------------------------------------------------------------------------------

/** The container code in a label's address (`HTTP://HOST/C/7K3M9QXR2F4C`); any other text as it is. */
export function codeIn(text) {
  const address = text.trim().match(/^[a-z]+:\/\/[^/?#]+\/c\/([^/?#]+)/i);
  return address ? address[1] : text.trim();
}

// --- readers: a source (picture, video, file) in, a text or null out ------------------------------------------------

async function builtInReader() {
  if (!("BarcodeDetector" in window)) return null;
  try {
    if (!(await window.BarcodeDetector.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
  } catch {
    return null; // some browsers promise it and then have no engine behind it
  }
}

let loadingLibrary;

function library() {
  loadingLibrary ??= import("../vendor/zxing-wasm/reader/index.js").then(async (zxing) => {
    const locateFile = (file) => new URL(`../vendor/zxing-wasm/reader/${file}`, import.meta.url).href;
    await zxing.prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
    return zxing;
  });
  loadingLibrary.catch(() => (loadingLibrary = undefined)); // a lost signal is not for ever
  return loadingLibrary;
}

async function readPicture(source) {
  const zxing = await library();
  const [found] = await zxing.readBarcodes(source, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
  return found?.text || null;
}

function libraryReader() {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, WIDEST_LOOK / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return readPicture(pen.getImageData(0, 0, canvas.width, canvas.height));
  };
}

async function videoReader() {
  const builtIn = await builtInReader();
  if (builtIn) return builtIn;
  await library();
  return libraryReader();
}

// --- what the hand and the ear notice -------------------------------------------------------------------------------

let sound;

function prepareSound() {
  sound ??= "AudioContext" in window ? new AudioContext() : null; // only allowed after a press, so made at the start
}

function beep() {
  navigator.vibrate?.(80);
  if (!sound) return;
  const tone = sound.createOscillator();
  tone.frequency.value = 880;
  tone.connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.1);
}

// --- one form -------------------------------------------------------------------------------------------------------

class Scanner {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("[data-scan-code]");
    this.button = form.querySelector("[data-scan-camera]");
    this.buttonText = form.querySelector("[data-scan-camera-text]");
    this.video = form.querySelector("[data-scan-video]");
    this.photo = form.querySelector("[data-scan-photo]");
    this.photoLabel = form.querySelector("[data-scan-photo-label]");
    this.status = form.querySelector("[data-scan-status]");
    this.openText = this.buttonText?.textContent;
    this.stream = null;
    this.running = false;
    this.round = 0; // each start and stop counts up; a loop of an older round ends by itself
    this.last = { text: "", at: -Infinity };
    this.listen();
  }

  listen() {
    this.form.addEventListener("submit", () => this.tidyField(), { capture: true });
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
    window.addEventListener("pagehide", () => this.stop());
    if (this.photo) {
      if (this.photoLabel) this.photoLabel.hidden = false;
      photoOnServer(false); // one way with a photo is enough
      this.photo.addEventListener("change", () => this.readPhoto());
    }
    if (this.button && this.video && navigator.mediaDevices?.getUserMedia) {
      this.button.hidden = false;
      this.button.addEventListener("click", () => (this.running ? this.stop() : this.start()));
    }
  }

  say(key, code = "") {
    if (this.status) this.status.textContent = `${this.form.getAttribute(`data-text-${key}`) ?? ""} ${code}`.trim();
  }

  /** A barcode gun types the label's whole address: keep the code. */
  tidyField() {
    const code = codeIn(this.field.value);
    if (code !== this.field.value.trim()) this.scanned();
    this.field.value = code;
  }

  /** Where the page keeps it: this code was read from a label, not typed. */
  scanned() {
    const evidence = this.form.elements.namedItem("evidence");
    if (evidence) evidence.value = "scanned";
  }

  async start() {
    const round = ++this.round;
    prepareSound();
    this.show(true);
    this.say("starting");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: WIDEST_LOOK } },
      });
    } catch (reason) {
      if (round === this.round) this.stop(reason.name === "NotAllowedError" ? "denied" : "missing");
      return;
    }
    if (round !== this.round) return void release(stream); // stopped while the question was on the screen
    this.stream = stream;
    this.video.srcObject = stream;
    this.video.hidden = false;
    try {
      const [read] = await Promise.all([videoReader(), this.video.play()]);
      if (round !== this.round) return;
      this.say("ready");
      await this.look(round, read);
    } catch {
      if (round === this.round) this.stop("failed");
    }
  }

  async look(round, read) {
    while (round === this.round && this.form.isConnected) {
      const text = this.video.videoWidth ? await read(this.video) : null;
      if (text && round === this.round) this.found(text);
      await new Promise((go) => setTimeout(go, PAUSE_BETWEEN_LOOKS));
    }
    if (round === this.round) this.stop(); // the form was swapped away under the camera
  }

  stop(say) {
    if (!this.running) return;
    this.round += 1;
    if (this.stream) release(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    this.video.hidden = true;
    this.show(false);
    if (say) this.say(say);
    else if (this.status) this.status.textContent = "";
  }

  show(running) {
    this.running = running;
    if (this.buttonText) this.buttonText.textContent = running ? this.form.dataset.textStop : this.openText;
  }

  found(text) {
    const now = performance.now();
    const again = text === this.last.text && now - this.last.at < SAME_CODE_AGAIN_AFTER;
    this.last = { text, at: now };
    if (again) return void this.say("repeated");
    beep();
    this.field.value = codeIn(text);
    this.scanned();
    if (!this.form.hasAttribute("data-scan-continuous")) this.stop();
    this.say("read", this.field.value);
    this.form.requestSubmit();
  }

  async readPhoto() {
    const [file] = this.photo.files;
    if (!file) return;
    let text = null;
    let problem = "unknown";
    try {
      text = await readPicture(file);
    } catch {
      problem = loadingLibrary ? "unknown" : "failed"; // a picture that cannot be opened, or no reader
      if (problem === "failed") photoOnServer(true);
    }
    this.photo.value = ""; // the same photo again is a new try
    if (text) this.found(text);
    else this.say(problem);
  }
}

/** Show or hide the form that sends a photo to the server, for pages on which the reader here does not load. */
function photoOnServer(needed) {
  for (const part of document.querySelectorAll("[data-scan-fallback]")) part.toggleAttribute("data-needed", needed);
  document.documentElement.toggleAttribute("data-scan-reads-photos", !needed);
}

function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}

// --- every form, now and after htmx has swapped one in --------------------------------------------------------------

function enhance(root) {
  const found = [...root.querySelectorAll("form[data-scan]")];
  if (root.matches?.("form[data-scan]")) found.push(root);
  for (const form of found) {
    if (forms.has(form) || !form.querySelector("[data-scan-code]")) continue;
    forms.add(form);
    new Scanner(form);
  }
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
