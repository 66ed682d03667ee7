// Draws each canvas from the JSON beside it; the same numbers stand in a table below.
"use strict";

const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(name).trim();
const colours = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => colour(`--plot-${number}`));

Chart.defaults.color = colour("--pico-color");
Chart.defaults.borderColor = colour("--line");
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.animation = false;

function draw(canvas) {
  const { kind, unit, labels, series } = JSON.parse(
    document.getElementById(canvas.dataset.plot).textContent,
  );
  const round = kind === "pie";
  const number = new Intl.NumberFormat(document.documentElement.lang);
  // Nobody counts half an application.
  const whole = series.every(([, data]) => data.every(Number.isInteger)) ? { precision: 0 } : {};
  new Chart(canvas, {
    type: round ? "doughnut" : kind,
    data: {
      labels,
      datasets: series.map(([label, data], place) => ({
        label,
        data,
        backgroundColor: round ? colours : colours[place % colours.length],
        borderColor: round ? colour("--surface") : colours[place % colours.length],
        borderWidth: kind === "line" ? 2 : 1,
      })),
    },
    options: {
      maintainAspectRatio: false,
      scales: round ? {} : { y: { beginAtZero: true, ticks: whole, title: { display: Boolean(unit), text: unit } } },
      plugins: {
        legend: { display: round || series.length > 1, position: "bottom" },
        tooltip: {
          callbacks: {
            label: (item) =>
              `${item.dataset.label} : ${number.format(round ? item.parsed : item.parsed.y)} ${unit}`,
          },
        },
      },
    },
  });
}

document.querySelectorAll("canvas[data-plot]").forEach(draw);
