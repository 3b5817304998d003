//! Images while they move: bars on a terminal, lines elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{DecimalBytes, MultiProgress, ProgressBar, ProgressStyle};

use super::screen::Ui;
use labrun_engine::images::{Event, Listener, Work};
use labrun_lab::visible::visible;

/// How many layers have a bar of their own; the others come when there is room.
const MAX_BARS: usize = 12;

/// A terminal with fewer columns than this has no room for a drawn bar.
const ROOMY: usize = 60;

/// How a bar looks: words first, and the numbers as words, too.
#[derive(Clone, Copy)]
enum Look {
    /// What has a known end.
    Whole,
    /// What has none.
    Words,
    /// A layer that moves.
    Layer,
    /// A layer that waits.
    Waiting,
}

impl Look {
    fn style(self, columns: usize) -> ProgressStyle {
        let template = match (self, columns >= ROOMY) {
            (Self::Whole, true) => "{wide_msg} {decimal_bytes:>9} of {decimal_total_bytes:<9} {bar:12} {eta:>4}",
            (Self::Whole, false) => "{wide_msg} {percent:>3} %",
            (Self::Words, _) => "{spinner} {wide_msg}",
            (Self::Layer, true) => "  {prefix:12!} {wide_msg} {decimal_bytes:>9} of {decimal_total_bytes:<9} {bar:12}",
            (Self::Layer, false) => "  {prefix:8!} {wide_msg} {percent:>3} %",
            (Self::Waiting, true) => "  {prefix:12!} {wide_msg}",
            (Self::Waiting, false) => "  {prefix:8!} {wide_msg}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        style.progress_chars("=> ")
    }
}

/// Words for what is done.
fn words(work: Work, what: &str, bytes: Option<u64>) -> String {
    let what = visible(what);
    let size = |bytes: u64| DecimalBytes(bytes).to_string();
    let about = match (work, bytes) {
        // How large an export is nobody knows before; the engine's size of the image is near.
        (Work::Save, Some(bytes)) => format!(", about {}", size(bytes)),
        (_, Some(bytes)) => format!(", {}", size(bytes)),
        (_, None) => String::new(),
    };
    match work {
        Work::Pull => format!("pulling {what}{about}"),
        Work::Save => format!("saving {what}{about}"),
        Work::Settle => format!("waiting until all of {what} is written"),
        Work::Verify => format!("checking every byte of {what}{about}"),
        Work::Load => format!("loading {what}{about}"),
    }
}

impl Ui {
    /// Shows images as they move: bars on a terminal, lines elsewhere, nothing beside JSON.
    #[must_use]
    pub fn images_listener(&self) -> Box<dyn Listener> {
        match (self.json, self.is_terminal()) {
            (true, _) => Box::new(Silent),
            (false, true) => Box::new(Bars::new(self.clone())),
            (false, false) => Box::new(Lines::new(self.clone())),
        }
    }
}

/// Lines: one when something begins, one when an image has come.
struct Lines {
    ui: Ui,
}

impl Lines {
    fn new(ui: Ui) -> Self {
        Self { ui }
    }

    fn came(&self, event: Event<'_>) -> Option<String> {
        match event {
            Event::Came { image, fate, bytes } => Some(self.ui.page().came(image, fate, bytes)),
            _ => None,
        }
    }
}

impl Listener for Lines {
    fn hear(&mut self, event: Event<'_>) {
        if let Event::Begins { work, what, bytes } = event {
            self.ui.say(&format!("{}\n", words(work, what, bytes)));
        } else if let Some(line) = self.came(event) {
            self.ui.say(&line);
        }
    }
}

/// One bar for the whole, one for each layer of a pull; what stays is said above them.
struct Bars {
    lines: Lines,
    all: MultiProgress,
    whole: Option<ProgressBar>,
    layers: BTreeMap<String, ProgressBar>,
}

impl Bars {
    fn new(ui: Ui) -> Self {
        Self { lines: Lines::new(ui), all: MultiProgress::new(), whole: None, layers: BTreeMap::new() }
    }

    fn style(&self, look: Look) -> ProgressStyle {
        look.style(self.lines.ui.page_now().width)
    }

    /// Words alone until the first byte moves: an engine may prepare for long.
    fn begin(&mut self, text: String, bytes: Option<u64>) {
        let bar = self.all.add(bytes.map_or_else(ProgressBar::no_length, ProgressBar::new));
        bar.set_style(self.style(Look::Words));
        bar.set_message(text);
        bar.enable_steady_tick(Duration::from_millis(100));
        self.whole = Some(bar);
    }

    fn moved(&self, bytes: u64) {
        let Some(bar) = &self.whole else { return };
        if bar.position() == 0 && bar.length().is_some() {
            bar.reset_eta();
            bar.set_style(self.style(Look::Whole));
        }
        // An export can be larger than the engine says of the image.
        if bar.length().is_some_and(|length| bytes > length) {
            bar.set_length(bytes);
        }
        bar.set_position(bytes);
    }

    fn layer(&mut self, id: &str, doing: &str, bytes: Option<(u64, u64)>) {
        if !self.layers.contains_key(id) {
            if self.layers.len() >= MAX_BARS {
                return;
            }
            let bar = self.all.add(ProgressBar::no_length());
            bar.set_prefix(visible(id).into_owned());
            self.layers.insert(id.to_owned(), bar);
        }
        let Some(bar) = self.layers.get(id) else { return };
        match bytes {
            Some((done, whole)) => {
                bar.set_style(self.style(Look::Layer));
                bar.set_length(whole);
                bar.set_position(done);
            }
            None => bar.set_style(self.style(Look::Waiting)),
        }
        bar.set_message(visible(doing).into_owned());
        if matches!(doing, "Pull complete" | "Already exists") {
            bar.finish_and_clear();
            self.layers.remove(id);
        }
    }

    fn end(&mut self) {
        for bar in std::mem::take(&mut self.layers).into_values().chain(self.whole.take()) {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        // What is said next begins on a line of its own.
        let _ = self.all.clear();
    }
}

impl Listener for Bars {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Begins { work, what, bytes } => {
                self.begin(words(work, what, None), bytes.filter(|bytes| *bytes > 0));
            }
            Event::Moved(bytes) => self.moved(bytes),
            Event::Layer { id, doing, bytes } => self.layer(id, doing, bytes),
            Event::Unpacks => {
                if let Some(bar) = &self.whole {
                    bar.set_style(self.style(Look::Words));
                    bar.set_message("the engine unpacks it");
                }
            }
            Event::Ends => self.end(),
            Event::Came { .. } => {
                if let Some(line) = self.lines.came(event) {
                    self.all.suspend(|| self.lines.ui.say(&line));
                }
            }
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.end();
    }
}

/// Nothing.
struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _: Event<'_>) {}
}
