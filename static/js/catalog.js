/* Items of an entry: a row more without asking the server, and columns pasted from a spreadsheet. */
(function () {
  "use strict";

  var ORDER = ["name", "data_type", "length", "meaning"];

  function rows(place) { return place.querySelectorAll("[data-item]"); }

  function total(place) { return document.getElementById("id_" + place.getAttribute("data-items") + "-TOTAL_FORMS"); }

  function add(place) {
    var template = document.querySelector("[data-item-template]");
    var number = Number(total(place).value);
    var box = document.createElement("div");
    box.innerHTML = template.innerHTML.replace(/__prefix__/g, number);
    var row = box.firstElementChild;
    place.appendChild(row);
    if (window.htmx) { window.htmx.process(row); }
    total(place).value = number + 1;
    return row;
  }

  /** An entry that was chosen fills in its item, where it has one to choose. */
  function refer(input) {
    var options = document.querySelectorAll('#reference-entries option[value="' + CSS.escape(input.value.trim()) + '"]');
    var item = input.closest("[data-item]").querySelector('[name$="-reference_item"]');
    var known = Array.prototype.map.call(options, function (option) { return option.getAttribute("data-item"); });
    if (known.length && known.indexOf(item.value) < 0) { item.value = known.length === 1 ? known[0] : ""; }
  }

  function field(row, name) { return row.querySelector('[name$="-' + name + '"]'); }

  function set(input, text) {
    if (input.tagName !== "SELECT") { input.value = text; return; }
    Array.prototype.forEach.call(input.options, function (option) {
      if (option.value === text.toUpperCase() || option.textContent.indexOf(text.replace(/型.*$/, "")) === 0) { input.value = option.value; }
    });
  }

  /** Lines and tabs are what a spreadsheet puts on the clipboard; anything else is pasted as usual. */
  function paste(event, place) {
    var input = event.target;
    var text = (event.clipboardData || window.clipboardData).getData("text");
    if (!/-name$/.test(input.name || "") || !/[\n\t]/.test(text.trim())) { return; }
    event.preventDefault();
    var all = rows(place);
    var at = Array.prototype.indexOf.call(all, input.closest("[data-item]"));
    text.replace(/\s+$/, "").split(/\r?\n/).forEach(function (line, offset) {
      var row = rows(place)[at + offset] || add(place);
      line.split("\t").forEach(function (cell, column) {
        if (ORDER[column] && cell.trim()) { set(field(row, ORDER[column]), cell.trim()); }
      });
    });
  }

  /** An agency that is ticked can be chosen at each item, one that no longer is not. */
  function offer(box, within) {
    var name = box.parentNode.querySelector("span").textContent;
    var places = [within].concat(Array.prototype.map.call(within.querySelectorAll("template"), function (one) { return one.content; }));
    places.forEach(function (place) {
      Array.prototype.forEach.call(place.querySelectorAll('select[name$="-collector"]'), function (list) {
        var known = list.querySelector('option[value="' + box.value + '"]');
        if (box.checked && !known) { list.add(new Option(name, box.value)); }
        if (!box.checked && known) { known.remove(); }
      });
    });
  }

  window.portal.onStart(function (within) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-collectors]"), function (place) {
      place.addEventListener("change", function (event) {
        if (event.target.name === "collectors") { offer(event.target, place.closest("form")); }
      });
    });
    Array.prototype.forEach.call(within.querySelectorAll("[data-items]"), function (place) {
      if (place.getAttribute("data-ready")) { return; }
      place.setAttribute("data-ready", "yes");
      place.addEventListener("paste", function (event) { paste(event, place); });
      place.addEventListener("input", function (event) {
        if (/-reference_code$/.test(event.target.name || "")) { refer(event.target); }
      });
      var more = document.querySelector("[data-more-items]");
      more.addEventListener("click", function (event) {
        event.preventDefault();
        field(add(place), "name").focus();
      });
    });
  });
})();
