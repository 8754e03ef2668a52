/* Forms: sent once, drafts kept in this browser, a second press before what cannot be undone, a bar while files go up. */
(function () {
  "use strict";

  var KEEP_DAYS = 7;
  var PRIVATE = /^(name|given-name|family-name|tel|email|username|current-password|new-password|one-time-code|street-address|bday)/;
  var say = window.portal.say;
  var words = window.portal.words;

  function each(within, selector, act) {
    Array.prototype.forEach.call(within.querySelectorAll(selector), act);
  }

  function clockTime(stamp) {
    var moment = new Date(stamp);
    return ("0" + moment.getHours()).slice(-2) + ":" + ("0" + moment.getMinutes()).slice(-2);
  }

  /* --- sent once ------------------------------------------------------------------------------ */
  function release(form) {
    form.removeAttribute("data-sent");
    each(form, "[aria-busy]", function (button) { button.removeAttribute("aria-busy"); });
  }

  function guard(event) {
    var form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-repeatable") || event.defaultPrevented) { return; }
    if (form.getAttribute("data-sent")) { event.preventDefault(); say(words("sending")); return; }
    form.setAttribute("data-sent", "yes");
    if (event.submitter) { event.submitter.setAttribute("aria-busy", "true"); }
    window.setTimeout(function () { release(form); }, 30000);
  }

  /* --- a second press -------------------------------------------------------------------------- */
  function arm(button) {
    button.setAttribute("data-armed", button.textContent);
    button.classList.add("button--armed");
    button.textContent = words("confirm") + button.getAttribute("data-confirm");
    say(button.textContent);
    window.setTimeout(function () { disarm(button); }, 6000);
  }

  function disarm(button) {
    if (!button.hasAttribute("data-armed")) { return; }
    button.textContent = button.getAttribute("data-armed");
    button.removeAttribute("data-armed");
    button.classList.remove("button--armed");
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-confirm]");
    if (!button || button.hasAttribute("data-armed")) { return; }
    event.preventDefault();
    arm(button);
  });

  /* --- drafts ---------------------------------------------------------------------------------- */
  function draftKey(form) {
    return "draft:" + (document.body.getAttribute("data-drafts-of") || "-") + ":" + form.getAttribute("data-draft");
  }

  /** Who somebody is does not stay behind on a shared computer. */
  function kept(field) {
    return field.name && ["hidden", "password", "file", "submit", "button"].indexOf(field.type) < 0 &&
      !field.hasAttribute("data-private") && !PRIVATE.test(field.autocomplete || "");
  }

  function read(form) {
    var values = {};
    each(form, "input, select, textarea", function (field) {
      if (!kept(field)) { return; }
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) { (values[field.name] = values[field.name] || []).push(field.value); }
      } else if (field.value) { (values[field.name] = values[field.name] || []).push(field.value); }
    });
    return values;
  }

  function write(form, values) {
    each(form, "input, select, textarea", function (field) {
      var saved = values[field.name];
      if (!kept(field) || !saved) { return; }
      if (field.type === "checkbox" || field.type === "radio") { field.checked = saved.indexOf(field.value) >= 0; }
      else { field.value = saved[0]; }
    });
  }

  function load(key) {
    try {
      var draft = JSON.parse(window.localStorage.getItem(key));
      if (draft && Date.now() - draft.at < KEEP_DAYS * 86400000) { return draft; }
      window.localStorage.removeItem(key);
    } catch (error) { if (!(error instanceof SyntaxError || error.name === "SecurityError")) { throw error; } }
    return null;
  }

  function store(key, value) {
    try { window.localStorage.setItem(key, JSON.stringify(value)); return true; }
    catch (error) { if (error.name !== "QuotaExceededError" && error.name !== "SecurityError") { throw error; } return false; }
  }

  function forget(key) {
    try { window.localStorage.removeItem(key); } catch (error) { if (error.name !== "SecurityError") { throw error; } }
  }

  function draftLine(form) {
    var line = document.createElement("div");
    line.className = "draft";
    line.setAttribute("role", "status");
    form.insertBefore(line, form.firstChild);
    return line;
  }

  function discardButton(form, key, line) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "button button--text";
    button.textContent = words("discard");
    button.addEventListener("click", function () { forget(key); form.reset(); line.textContent = ""; });
    return button;
  }

  function keepDraft(form) {
    if (form.getAttribute("data-draft-kept")) { return; }
    form.setAttribute("data-draft-kept", "yes");
    var key = draftKey(form);
    var line = draftLine(form);
    var draft = load(key);
    if (draft && !form.querySelector(".error-summary")) {
      write(form, draft.values);
      line.textContent = words("restored").replace("{time}", clockTime(draft.at));
      line.appendChild(discardButton(form, key, line));
    }
    var timer;
    form.addEventListener("input", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        var now = Date.now();
        if (!store(key, { at: now, values: read(form) })) { return; }
        line.textContent = words("saved").replace("{time}", clockTime(now));
        line.appendChild(discardButton(form, key, line));
      }, 800);
    });
    form.addEventListener("submit", function () { window.clearTimeout(timer); store("draft-sent", { key: key, at: Date.now() }); });
  }

  /** A draft goes only when the page after sending is neither the same form nor an error: a failed send loses nothing. */
  function settleDrafts(within) {
    var sent = load("draft-sent");
    if (!sent || within.querySelector(".error-page")) { return; }
    var same = false;
    each(within, "form[data-draft]", function (form) { same = same || draftKey(form) === sent.key; });
    if (!same) { forget(sent.key); }
    forget("draft-sent");
  }

  /* --- letters left ---------------------------------------------------------------------------- */
  function countLetters(area) {
    var limit = Number(area.getAttribute("maxlength")), least = Number(area.getAttribute("minlength"));
    if (!limit || area.getAttribute("data-counted")) { return; }
    area.setAttribute("data-counted", "yes");
    area.removeAttribute("maxlength");
    var place = document.createElement("div");
    place.className = "field__count";
    area.insertAdjacentElement("afterend", place);
    function show() {
      var left = limit - area.value.length, short = least - area.value.trim().length;
      place.textContent = short > 0 && short < least ? words("short").replace("{short}", short) : left >= 0 ? words("left").replace("{left}", left) : words("over").replace("{over}", -left);
    }
    area.addEventListener("input", show);
    show();
  }

  /* --- files going up --------------------------------------------------------------------------- */
  function size(bytes) {
    return bytes < 1048576 ? Math.ceil(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

  function hasFiles(form) {
    return Array.prototype.some.call(form.querySelectorAll('input[type="file"]'), function (field) { return field.files.length; });
  }

  function uploadBar(form) {
    var box = document.createElement("div");
    box.className = "upload";
    box.setAttribute("role", "status");
    box.appendChild(document.createElement("progress")).max = 100;
    box.appendChild(document.createElement("span"));
    form.appendChild(box);
    return box;
  }

  var swapped = false;

  /** The answer becomes the page, as if the browser had sent the form itself. */
  function show(request) {
    swapped = true;
    var next = new DOMParser().parseFromString(request.responseText, "text/html");
    document.title = next.title;
    each(next.head, 'link[rel="stylesheet"]', function (sheet) {
      var there = document.head.querySelector('link[rel="stylesheet"][href="' + sheet.getAttribute("href") + '"]');
      if (!there) { document.head.appendChild(document.importNode(sheet, true)); }
    });
    if (request.responseURL && request.responseURL !== location.href) { history.pushState({}, "", request.responseURL); }
    document.body.replaceWith(next.body);
    window.scrollTo(0, 0);
    window.portal.start(document);
    if (window.htmx) { window.htmx.process(document.body); }
  }

  function upload(event) {
    var form = event.target;
    if (!form.hasAttribute("data-progress") || event.defaultPrevented || !hasFiles(form)) { return; }
    event.preventDefault();
    var data = new FormData(form);
    if (event.submitter && event.submitter.name) { data.append(event.submitter.name, event.submitter.value); }
    var bar = uploadBar(form);
    var request = new XMLHttpRequest();
    request.upload.addEventListener("progress", function (step) {
      if (!step.lengthComputable) { return; }
      var percent = Math.floor(100 * step.loaded / step.total);
      bar.firstChild.value = percent;
      bar.lastChild.textContent = words("upload").replace("{done}", size(step.loaded)).replace("{total}", size(step.total)).replace("{percent}", percent);
    });
    request.upload.addEventListener("load", function () {
      bar.firstChild.removeAttribute("value");
      bar.lastChild.textContent = words("received");
    });
    request.addEventListener("load", function () { show(request); });
    request.addEventListener("error", function () { bar.firstChild.remove(); bar.lastChild.textContent = words("upload-failed"); release(form); });
    request.open("POST", form.action);
    request.send(data);
  }

  window.addEventListener("popstate", function () { if (swapped) { location.reload(); } });
  window.addEventListener("pageshow", function () { each(document, "[data-sent]", release); });
  document.addEventListener("submit", function (event) { guard(event); upload(event); });

  /* --- all of a list at once ------------------------------------------------------------------- */
  function tickAll(label) {
    var all = label.querySelector("input");
    var ones = label.closest("form").querySelectorAll('input[type="checkbox"][name="' + label.getAttribute("data-tick-all") + '"]');
    function ticked() { return Array.prototype.filter.call(ones, function (one) { return one.checked; }).length; }
    function tell() {
      all.checked = ticked() === ones.length;
      all.indeterminate = !all.checked && ticked() > 0;
    }
    label.hidden = ones.length < 2;
    all.addEventListener("change", function () { Array.prototype.forEach.call(ones, function (one) { one.checked = all.checked; }); });
    Array.prototype.forEach.call(ones, function (one) { one.addEventListener("change", tell); });
    tell();
  }

  /* --- asked only where another answer asks for it ------------------------------------------- */
  function answersOf(form, name) {
    var given = form.querySelectorAll('[name="' + name + '"]:checked, select[name="' + name + '"]');
    return Array.prototype.map.call(given, function (field) { return field.disabled ? "" : field.value; });
  }

  function unfold(form) {
    each(form, "[data-when]", function (place) {
      var parts = place.getAttribute("data-when").split("=");
      var asking = parts[1].split(",");
      var isAsked = place.classList.contains("field--wrong") ||
        answersOf(form, parts[0]).some(function (answer) { return asking.indexOf(answer) >= 0; });
      place.hidden = !isAsked;
      each(place, "input, select, textarea", function (input) { input.disabled = !isAsked; });
    });
  }

  document.addEventListener("change", function (event) {
    if (event.target.form && event.target.form.querySelector("[data-when]")) { unfold(event.target.form); }
  });
  document.addEventListener("reset", function (event) {
    window.setTimeout(function () { unfold(event.target); each(event.target, ".narrowed__all", sayChosen); }, 0);
  });

  /* --- one among many: the list gets shorter with every word (parts/narrowed.html) ------------- */
  function fits(place, words) {
    var own = place.getAttribute("data-words") || place.textContent;
    return words.every(function (word) { return own.indexOf(word) >= 0; });
  }

  function narrow(field) {
    var list = document.getElementById(field.getAttribute("data-narrow"));
    var words = field.value.trim().split(/\s+/).filter(Boolean);
    var shown = 0;
    each(list, "[data-group]", function (group) {
      var some = false;
      each(group, "[data-words]", function (one) {
        var found = fits(one, words);
        one.hidden = !found && !one.querySelector("input").checked;
        some = some || !one.hidden;
        shown += found ? 1 : 0;
      });
      group.hidden = !some;
    });
    var above = document.querySelectorAll("[data-above] label");
    var isAbove = words.length > 0 && Array.prototype.some.call(above, function (one) { return fits(one, words); });
    list.querySelector("[data-none]").hidden = shown > 0 || isAbove;
    list.hidden = isAbove && !shown;
    if (words.length) { say(list.getAttribute("data-say").replace("{count}", shown)); }
  }

  function firstShown(list) {
    return Array.prototype.find.call(list.querySelectorAll("[data-words] input"), function (one) { return one.offsetParent; });
  }

  function sayChosen(list) {
    var chosen = list.querySelector('input[type="radio"]:checked');
    var place = list.parentNode.querySelector("[data-chosen-of]");
    if (place) { place.textContent = chosen ? place.getAttribute("data-say").replace("{name}", chosen.parentNode.textContent.trim()) : ""; }
  }

  function narrowable(field) {
    var list = document.getElementById(field.getAttribute("data-narrow"));
    var button = field.parentNode.querySelector("[data-narrows]");
    field.addEventListener("input", function (event) { if (!event.isComposing) { narrow(field); } });
    field.addEventListener("compositionend", function () { narrow(field); });
    field.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); }
      if (event.key === "ArrowDown" && firstShown(list)) { event.preventDefault(); firstShown(list).focus(); }
    });
    // no longer the button that Enter in any other field presses; and what was chosen for upload would be gone with the page
    button.type = "button";
    button.addEventListener("click", function () { narrow(field); field.focus(); });
    list.addEventListener("change", function () { sayChosen(list); });
    if (field.value) { narrow(field); }
    sayChosen(list);
  }

  window.portal.onStart(function (within) {
    each(within, "[data-tick-all]", tickAll);
    settleDrafts(within);
    each(within, "form[data-draft]", keepDraft);
    each(within, "[data-narrow]", narrowable);
    each(within, "form", unfold);
    each(within, "textarea[maxlength]", countLetters);
  });
})();
