/* Quickens pages that work without it: menu, look, copying, charts. Forms are in forms.js. No inline handlers, no eval. */
(function () {
  "use strict";

  var root = document.documentElement;
  root.classList.add("scripted");

  function words(name) {
    return document.body.getAttribute("data-say-" + name) || "";
  }

  /** Say something in the live region at the foot; it goes by itself. */
  function say(text) {
    var place = document.getElementById("say");
    if (!place) { return; }
    place.textContent = text;
    window.clearTimeout(say.timer);
    say.timer = window.setTimeout(function () { place.textContent = ""; }, 4000);
  }

  function remember(name, value) {
    var age = value ? 31536000 : 0;
    document.cookie = name + "=" + encodeURIComponent(value) + ";path=/;max-age=" + age + ";samesite=lax" +
      (location.protocol === "https:" ? ";secure" : "");
  }

  /** Large text and high contrast: the server draws them from the cookie, so no page flashes. */
  function switchLook(button) {
    var kind = button.getAttribute("data-look");
    var value = root.getAttribute("data-" + kind) ? "" : button.getAttribute("data-look-value");
    if (value) { root.setAttribute("data-" + kind, value); } else { root.removeAttribute("data-" + kind); }
    button.setAttribute("aria-pressed", value ? "true" : "false");
    remember("look_" + kind, value);
  }

  function toggle(button) {
    var target = document.getElementById(button.getAttribute("data-toggle"));
    var open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", open ? "true" : "false");
    if (open) { target.setAttribute("data-open", ""); } else { target.removeAttribute("data-open"); }
  }

  /** The clipboard needs HTTPS in most browsers; an office network without it copies by selection. */
  function copyBySelection(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "sr-only";
    document.body.appendChild(area);
    area.select();
    var copied = document.execCommand("copy");
    area.remove();
    return copied;
  }

  function copy(text) {
    function end(copied) { say(words(copied ? "copied" : "copy-failed")); }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () { end(true); }, function () { end(copyBySelection(text)); });
    } else {
      end(copyBySelection(text));
    }
  }

  function copyFrom(button) {
    var place = document.querySelector(button.getAttribute("data-copy"));
    copy(place ? (place.value === undefined ? place.textContent : place.value) : button.getAttribute("data-copy-text") || "");
  }

  var COLOURS = ["#0b4f8a", "#17724a", "#8f5200", "#6b3fa0", "#a8231b", "#2d7f8a"];
  /* Where a series stands for how a period was kept, its colour is the one it has everywhere. */
  var STATES = { on_time: "#17724a", late: "#a8231b", waiting: "#9fb3c8" };

  function seriesOf(chart) {
    return chart.series.map(function (line, index) {
      var colour = STATES[line.state] || COLOURS[index % COLOURS.length];
      var many = chart.series.length > 1;
      if (chart.kind === "line") {
        return { name: line.name, type: "line", data: line.values, showSymbol: line.values.length <= 31, symbolSize: 5, smooth: 0.2, connectNulls: false,
          lineStyle: { width: 2 }, color: colour, endLabel: { show: many, formatter: "{a}", color: colour } };
      }
      return { name: line.name, type: "bar", data: line.values, color: colour, barMaxWidth: 28, stack: line.state ? "states" : undefined,
        label: { show: !many, position: chart.kind === "rank" ? "right" : "top", color: "#16202b" } };
    });
  }

  function isCount(chart) {
    return chart.series.every(function (line) {
      return line.values.every(function (value) { return value === null || value % 1 === 0; });
    });
  }

  function optionOf(chart) {
    var names = { type: "category", data: chart.x, axisTick: { show: false }, axisLine: { lineStyle: { color: "#b9c7d6" } },
      axisLabel: { color: "#5a6877", interval: chart.kind === "rank" ? 0 : "auto" }, inverse: chart.kind === "rank" };
    var numbers = { type: "value", splitLine: { lineStyle: { color: "#e1e7ee" } }, axisLabel: { color: "#5a6877" }, minInterval: isCount(chart) ? 1 : 0 };
    var rank = chart.kind === "rank";
    return {
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: chart.series.length > 1 && chart.kind === "line" ? 56 : 24, top: rank && chart.series.length > 1 ? 36 : 24, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { trigger: "axis" },
      legend: { show: chart.series.length > 1 && chart.kind !== "line", top: 0 },
      xAxis: rank ? numbers : names,
      yAxis: rank ? names : numbers,
      series: seriesOf(chart)
    };
  }

  function drawChart(place) {
    var data = document.getElementById(place.getAttribute("data-chart"));
    if (!data || place.getAttribute("data-drawn")) { return; }
    place.setAttribute("data-drawn", "yes");
    place.hidden = false;
    var drawing = window.echarts.init(place, null, { renderer: "svg" });
    drawing.setOption(optionOf(JSON.parse(data.textContent)));
    var table = place.parentNode.querySelector("details");
    if (table) { table.open = false; }
    window.addEventListener("resize", function () { drawing.resize(); });
  }

  function drawCharts(within) {
    var places = within.querySelectorAll("[data-chart]");
    var address = document.body.getAttribute("data-charts");
    if (!places.length || !address) { return; }
    function draw() { Array.prototype.forEach.call(places, drawChart); }
    if (window.echarts) { draw(); return; }
    var script = document.createElement("script");
    script.src = address;
    script.onload = draw;
    document.head.appendChild(script);
  }

  /** On a narrow screen rows of sections and of tabs are cut: the one the reader is in stays in sight. */
  function showSection() {
    Array.prototype.forEach.call(document.querySelectorAll(".subnav [aria-current], .tabs [aria-current]"), function (here) {
      var row = here.closest("ul"), place = here.getBoundingClientRect(), room = row.getBoundingClientRect();
      row.scrollLeft += place.left - room.left - (room.width - place.width) / 2;
    });
  }

  /** Everything that a new piece of page needs; forms.js adds to it. */
  function start(within) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-scripted]"), function (one) { one.hidden = false; });
    var wrong = within.querySelector("[data-focus]");
    if (wrong) { wrong.focus(); }
    drawCharts(within);
    starters.forEach(function (starter) { starter(within); });
  }

  var starters = [];
  window.portal = { say: say, words: words, start: start, onStart: function (starter) { starters.push(starter); } };

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-look], [data-toggle], [data-copy], [data-copy-text], [data-copy-address]");
    if (!button) { return; }
    if (button.hasAttribute("data-look")) { switchLook(button); }
    else if (button.hasAttribute("data-toggle")) { toggle(button); }
    else if (button.hasAttribute("data-copy-address")) { event.preventDefault(); copy(button.href); }
    else { copyFrom(button); }
  });
  document.addEventListener("keydown", function (event) {
    var button = document.querySelector('[data-toggle][aria-expanded="true"]');
    if (event.key === "Escape" && button) { toggle(button); button.focus(); }
  });
  document.addEventListener("DOMContentLoaded", function () { showSection(); start(document); });
  document.addEventListener("htmx:load", function (event) { if (event.target !== document.body) { start(event.target); } });
})();
