// The figures as a page, in French, or in English with ?lang=en.
import type { Figures } from "./figures.mts";

type Words = readonly [fr: string, en: string];

const ROWS: readonly [Words, (figures: Figures) => number, unit?: string][] = [
  [["Candidatures reçues", "Applications received"], (f) => f.applications.received],
  [["Candidatures retenues", "Applications selected"], (f) => f.applications.selected],
  [["Projets accompagnés", "Projects supported"], (f) => f.cohort.projects],
  [["Emplois attendus, au moins", "Jobs expected, at least"], (f) => f.jobs_expected.min],
  [["Emplois attendus, au plus", "Jobs expected, at most"], (f) => f.jobs_expected.max],
  [["Parrains et marraines", "Godparents"], (f) => f.godparents],
  [["Séances tenues", "Sessions held"], (f) => Object.values(f.sessions.held).reduce((a, b) => a + b, 0)],
  [["Mentorat", "Mentoring"], (f) => f.mentoring.hours_used, "hour"],
  [["Présents au lancement", "Present at the launch"], (f) => f.launch.participants],
  [["Valeur des prix", "Worth of the prizes"], (f) => f.trophies.prizes_value_eur, "EUR"],
];

export function page(figures: Figures[], putAside: number, language: "fr" | "en"): string {
  const say = ([fr, en]: Words): string => (language === "fr" ? fr : en);
  const rows = (one: Figures): string =>
    ROWS.map(([label, value, unit]) => {
      const style = unit === "EUR" ? { style: "currency", currency: unit, maximumFractionDigits: 0 } : {};
      const hours = unit === "hour" ? { style: "unit", unit } : {};
      const written = new Intl.NumberFormat(language, { ...style, ...hours } as Intl.NumberFormatOptions);
      return `<tr><th scope="row">${say(label)}</th><td>${written.format(value(one))}</td></tr>`;
    }).join("\n");
  const title = say(["Bilan", "Report"]);
  const nothing = `<p>${say(["Aucune édition pour l’instant.", "No edition yet."])}</p>`;
  const aside = say(["Faits mis de côté", "Facts put aside"]);
  return `<!doctype html>
<html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem }
  table { width: 100%; border-collapse: collapse; margin-bottom: 2rem }
  th { text-align: start; font-weight: normal } td { text-align: end; font-variant-numeric: tabular-nums }
  tr { border-bottom: 1px solid #ccc } th, td { padding: .4rem 0 }
</style>
<h1>${title}</h1>
${figures.map((one) => `<table>${rows(one)}</table>`).join("\n") || nothing}
<p>${aside}${language === "fr" ? "\u202f" : ""}: ${putAside}</p>
</html>`;
}
