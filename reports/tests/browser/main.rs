//! Report pages in a real browser: on a phone and on a wide screen, light and dark, nothing is cut, nothing is loaded, nothing
//! fails, and who does not see or point can read them, too.

#![allow(clippy::expect_used, reason = "what a test relies on may panic, also in the functions that tests share")]

mod chromium;
#[allow(dead_code, reason = "other tests need the rest of the samples")]
#[path = "../render/sample/mod.rs"]
mod sample;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chromium::Chromium;
use reports::compare::{Differing, compare};
use reports::judge::Judged;
use reports::render::nights::{Links, ShownNight, index, several};
use reports::render::{write_comparison, write_matrix, write_reports, write_search, write_trend};
use reports::result::RunResult;
use reports::trend::trend;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Widths in CSS pixels: a phone, and a desk.
const WIDTHS: [u32; 2] = [390, 1280];

/// What stands on a page at one width in one colour scheme, and must not.
const OFFENDERS: &str = r#"(() => {
  const offenders = [];
  const name = (element) => element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') +
      (element.getAttribute('class') ? '.' + element.getAttribute('class') : '') + ' ' +
      (element.textContent || '').trim().slice(0, 60);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth)
    offenders.push(`the page is ${root.scrollWidth} px wide on ${root.clientWidth}`);
  const shown = (element) => element.getClientRects().length > 0;
  for (const element of document.body.querySelectorAll('*')) {
    if (!shown(element) || element.closest('.scroll, .hidden, svg')) continue;
    if (element.getBoundingClientRect().right > root.clientWidth + 1) offenders.push('beyond the edge: ' + name(element));
  }
  for (const drawing of document.querySelectorAll('svg')) {
    if (!shown(drawing)) continue;
    const frame = drawing.getBoundingClientRect();
    if (drawing.closest('.scroll')) offenders.push('a chart scrolls');
    if (!drawing.querySelector('title') || !drawing.querySelector('desc').textContent.trim())
      offenders.push('a chart without a text alternative');
    for (const text of drawing.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        offenders.push('cut in a chart: ' + text.textContent.trim());
    }
  }
  return offenders;
})()"#;

/// Tables that must be pushed sideways to be read, with how much of them is out of sight.
const PUSHED: &str = r#"[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.getAttribute('aria-label')}: ${box.scrollWidth} px on ${box.clientWidth}`)"#;

/// What axe-core calls serious or worse.
const BARRIERS: &str = r#"axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations
  .filter((barrier) => ['serious', 'critical'].includes(barrier.impact))
  .map((barrier) => barrier.id + ': ' + barrier.help + ': ' + barrier.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')))"#;

/// The browser, and the rules of axe-core; where they are missing, a run that must be real fails.
fn browser() -> Option<(Chromium, String)> {
    let home = std::env::var_os("HARNESS_BROWSER").map(PathBuf::from);
    let home = home.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/browser"));
    let rules = fs::read_to_string(home.join("axe.min.js")).ok();
    let found = rules.and_then(|rules| Some((Chromium::start()?, rules)));
    if found.is_none() {
        let what = "Chromium or axe-core is missing: docker/browser.sh gets them";
        assert!(std::env::var_os("HARNESS_REQUIRE_REAL").is_none(), "{what}");
        println!("skipped: {what}");
    }
    found
}

fn list(found: &Value) -> Vec<String> {
    let found = found.as_array().expect("a list");
    found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

/// What the browser complained of, and what it asked the world for.
fn complaints(browser: &Chromium, page: &str) -> Vec<String> {
    let complaint = |said: &Value| {
        let parameters = &said["params"];
        match said["method"].as_str()? {
            "Runtime.exceptionThrown" => Some(parameters["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" => Some(parameters["args"].to_string()),
            "Log.entryAdded" => Some(parameters["entry"].to_string()),
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str().unwrap_or_default();
                (!url.ends_with(page)).then(|| format!("it asked for {url}"))
            }
            _ => None,
        }
    };
    browser.told().filter_map(complaint).collect()
}

/// What is on a page at all widths in both schemes, and must not be. With `rules`, axe-core looks for barriers, too: pages that
/// differ in texts alone have the same.
fn offenders(browser: &mut Chromium, rules: Option<&str>, file: &Path) -> Vec<String> {
    let page = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let mut offenders = Vec::new();
    for (width, scheme) in WIDTHS.into_iter().flat_map(|width| ["light", "dark"].map(|scheme| (width, scheme))) {
        look(browser, file, width, scheme);
        let mut found = list(&browser.evaluate(OFFENDERS));
        found.extend(complaints(browser, &page));
        if let Some(rules) = rules {
            browser.evaluate(&format!("{rules};0"));
            found.extend(list(&browser.evaluate(BARRIERS)));
            save_picture(browser, file, &format!("{width}-{scheme}"));
        }
        offenders.extend(found.into_iter().map(|found| format!("{} at {width} px, {scheme}: {found}", file.display())));
    }
    offenders
}

fn look(browser: &mut Chromium, file: &Path, width: u32, scheme: &str) {
    let phone = width < 600;
    let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": phone });
    browser.call("Emulation.setDeviceMetricsOverride", &screen);
    let media = json!({ "media": "screen", "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    browser.call("Emulation.setEmulatedMedia", &media);
    browser.open(file);
}

fn written(judged: &Judged, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(name);
    write_reports(judged, &folder).expect("reports can be written");
    folder.join("report.html")
}

/// For whoever wants to see what was looked at.
fn save_picture(browser: &mut Chromium, file: &Path, name: &str) {
    let height = browser.evaluate("document.documentElement.scrollHeight").as_f64().unwrap_or(900.0);
    let width = browser.evaluate("document.documentElement.clientWidth").as_f64().unwrap_or(390.0);
    let clip = json!({ "x": 0, "y": 0, "width": width, "height": height.min(16_000.0), "scale": 1 });
    let taken = browser.call("Page.captureScreenshot", &json!({ "captureBeyondViewport": true, "clip": clip }));
    let data = taken["data"].as_str().expect("a picture");
    let picture = BASE64_STANDARD.decode(data).expect("as it says");
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    fs::write(file.with_file_name(format!("{stem}-{name}.png")), picture).expect("a picture can be written");
}

#[test]
fn nothing_is_cut_nothing_is_loaded_and_nothing_fails_on_any_screen() {
    let Some((mut browser, rules)) = browser() else { return };
    let samples = [
        ("failover", sample::failover()),
        ("interrupted", sample::interrupted()),
        ("baseline", sample::baseline()),
        ("repeated", sample::repeated()),
        ("nothing", sample::nothing()),
        ("hostile", sample::hostile()),
    ];
    let each = samples.into_iter().flat_map(|(name, judged)| {
        let rules = ["failover", "nothing"].contains(&name).then_some(rules.as_str());
        offenders(&mut browser, rules, &written(&judged, name))
    });
    let found: Vec<String> = each.collect();
    assert_eq!(found, [""; 0], "{}", found.join("\n"));
}

#[test]
fn pages_over_several_runs_are_as_good() {
    let Some((mut browser, rules)) = browser() else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/several");
    let runs: Vec<RunResult> = (0..12).map(night).collect();
    write_trend(&trend(&runs, vec![sample::HOSTILE.to_owned()]), &folder).expect("written");
    write_comparison(&compare(&sample::failover(), &sample::repeated(), Differing::Anyway), &folder).expect("written");
    let links = Links { report: Some("a/report.html".to_owned()), compare: Some("a/compare.html".to_owned()) };
    let shown = ShownNight { night: sample::nights::night(), links: vec![links; 8] };
    fs::write(folder.join("index.html"), index(&[shown.clone(), shown.clone()])).expect("written");
    fs::write(folder.join("several.html"), several(&shown)).expect("written");
    write_search(&sample::search::search("redis"), &folder).expect("written");
    write_matrix(&sample::matrix::matrix("redis"), &folder.join("matrix")).expect("written");
    let pages = ["trend.html", "compare.html", "index.html", "several.html", "search.html", "matrix/index.html"]
        .map(|name| folder.join(name));
    let found: Vec<String> = pages.iter().flat_map(|page| offenders(&mut browser, Some(&rules), page)).collect();
    assert_eq!(found, [""; 0], "{}", found.join("\n"));
}

/// A night of the failover, slower since the ninth.
fn night(number: u64) -> RunResult {
    let mut run = sample::failover().result;
    run.run.id = format!("night-{number:02}");
    run.run.started = format!("2026-11-{:02}T02:00:00Z", number + 1);
    for trial in &mut run.trials {
        trial.latency_ns.service.p50 *= if number < 9 { 2 } else { 3 };
    }
    run
}

#[test]
fn on_a_desk_no_table_of_two_systems_must_be_pushed_sideways() {
    let Some((mut browser, _)) = browser() else { return };
    let file = written(&sample::failover(), "failover-tables");
    look(&mut browser, &file, 1280, "light");
    browser.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)");
    assert_eq!(list(&browser.evaluate(PUSHED)), [""; 0]);
    look(&mut browser, &file, 390, "light");
    let pushed = list(&browser.evaluate(PUSHED));
    let wide = [
        "Resources of each process",
        "Network of each system",
        "Connection attempts",
        "Settings of each system",
        "Figures of each window",
    ];
    let unexpected: Vec<&String> = pushed.iter().filter(|one| !wide.iter().any(|name| one.starts_with(name))).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}

#[test]
fn each_chart_is_drawn_for_the_screen_that_it_is_shown_on() {
    let Some((mut browser, _)) = browser() else { return };
    let file = written(&sample::failover(), "failover-charts");
    let shown = "[...document.querySelectorAll('figure svg')].filter((svg) => svg.getClientRects().length > 0)
        .map((svg) => svg.getAttribute('width'))";
    for (width, drawn) in [(390, "360"), (1280, "800")] {
        look(&mut browser, &file, width, "light");
        let widths = list(&browser.evaluate(shown));
        assert!(!widths.is_empty() && widths.iter().all(|width| width == drawn), "{width}: {widths:?}");
    }
    // On paper as on a desk.
    browser.call("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        &json!({ "width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
    );
    let widths = list(&browser.evaluate(shown));
    assert!(!widths.is_empty() && widths.iter().all(|width| width == "800"), "{widths:?}");
}

#[test]
fn a_second_tells_its_figures_where_the_pointer_rests() {
    let Some((mut browser, _)) = browser() else { return };
    let file = written(&sample::failover(), "failover-pointer");
    look(&mut browser, &file, 1280, "light");
    // What lies on top in the middle of the first chart's plot.
    let told = browser.evaluate(
        "(() => { const svg = document.querySelector('#latency-over-time .wide svg'); svg.scrollIntoView();
          const box = svg.getBoundingClientRect();
          const under = document.elementFromPoint(box.left + box.width * 0.5, box.top + box.height * 0.3);
          return under.querySelector('title') ? under.querySelector('title').textContent : under.outerHTML; })()",
    );
    let told = told.as_str().expect("words");
    assert!(told.starts_with("second ") && told.contains("p99.9"), "{told}");
}
